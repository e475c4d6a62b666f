/** ResNet-56 for small images, in PyTorch's idiom. @module */
import type { ModelSpec } from "../bench_model.ts";
import { CifarResNet } from "../resnet20/torch.ts";

/** Fifty-six layers: images [n, channels, height, width] to logits [n, classes]. */
export class TorchModel extends CifarResNet {
  constructor(spec: ModelSpec) {
    super(spec, 9);
  }
}
