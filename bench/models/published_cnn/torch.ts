/**
 * The published network, as the walkthrough wrote it in PyTorch; without its softmax, which is the recipe's.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
 * console.log(network.countParameters()); // 430102
 * ```
 */
export class TorchModel extends nn.Module {
  conv1: nn.Conv2d;
  conv2: nn.Conv2d;
  pool = new nn.MaxPool2d(2);
  dropout = new nn.Dropout(0.5);
  dense1: nn.Linear;
  dense2: nn.Linear;

  constructor({ inputShape: [channels, height, width], classes }: ModelSpec) {
    super();
    this.conv1 = new nn.Conv2d(channels, 32, 3, { padding: "same" });
    this.conv2 = new nn.Conv2d(32, 64, 3, { padding: "same" });
    this.dense1 = new nn.Linear(64 * pooledTwice(height) * pooledTwice(width), 100);
    this.dense2 = new nn.Linear(100, classes);
  }

  override forward(x: Tensor): Tensor {
    x = this.pool(this.conv1(x).relu());
    x = this.pool(this.conv2(x).relu());
    x = this.dense1(x.flatten(1)).relu();
    return this.dense2(this.dropout(x));
  }
}

function pooledTwice(size: number): number {
  return Math.floor(Math.floor(size / 2) / 2);
}
