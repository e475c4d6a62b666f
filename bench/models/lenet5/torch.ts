/** LeNet-5 in PyTorch's idiom. @module */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 62006
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor({ inputShape: [channels, height, width], classes }: ModelSpec) {
    super();
    this.features = new nn.Sequential(
      new nn.Conv2d(channels, 6, 5),
      new nn.Tanh(),
      new nn.AvgPool2d(2),
      new nn.Conv2d(6, 16, 5),
      new nn.Tanh(),
      new nn.AvgPool2d(2),
    );
    this.classifier = new nn.Sequential(
      new nn.Linear(16 * left(height) * left(width), 120),
      new nn.Tanh(),
      new nn.Linear(120, 84),
      new nn.Tanh(),
      new nn.Linear(84, classes),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).flatten(1));
  }
}

/** What two convolutions and poolings leave of rows or columns. */
function left(size: number): number {
  return Math.floor((Math.floor((size - 4) / 2) - 4) / 2);
}
