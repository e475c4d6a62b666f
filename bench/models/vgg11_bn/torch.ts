/**
 * VGG-11 with batch norm for small images, in PyTorch's idiom; the convolutions' parameters are named as torchvision's.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { plan } from "./plan.ts";

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 9231114
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Linear;

  constructor({ inputShape, classes }: ModelSpec) {
    super();
    this.features = new nn.Sequential(...featuresOf(inputShape[0]));
    this.classifier = new nn.Linear(512, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) {
        nn.init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
        nn.init.zeros_(module.bias!);
      }
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).mean([2, 3]));
  }
}

function featuresOf(inputs: number): nn.Module[] {
  const modules: nn.Module[] = [];
  for (const entry of plan) {
    if (entry === "pool") {
      modules.push(new nn.MaxPool2d(2));
      continue;
    }
    modules.push(new nn.Conv2d(inputs, entry, 3, { padding: 1 }));
    modules.push(new nn.BatchNorm2d(entry), new nn.ReLU());
    inputs = entry;
  }
  return modules;
}
