/**
 * A multilayer perceptron in PyTorch.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";

/** Images [n, channels, height, width] to logits [n, classes]. */
export class TorchModel extends nn.Module {
  flatten = new nn.Flatten();
  layers: nn.Sequential;

  constructor({ inputShape, classes }: ModelSpec) {
    super();
    const inputs = inputShape.reduce((size, dimension) => size * dimension, 1);
    this.layers = new nn.Sequential(
      new nn.Linear(inputs, 512),
      new nn.ReLU(),
      new nn.Linear(512, 512),
      new nn.ReLU(),
      new nn.Linear(512, classes),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.layers(this.flatten(x)) as Tensor;
  }
}
