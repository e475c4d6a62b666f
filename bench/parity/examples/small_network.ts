/**
 * A small network in both idioms, for `deno task bench parity --model bench/parity/examples/small_network.ts`.
 * @module
 */
import { keras, torch } from "@tandem/tandem";

/** Channels last. */
export function kerasModel(): keras.Model {
  const { layers } = keras;
  return new keras.Sequential([
    keras.Input({ shape: [32, 32, 3] }),
    new layers.Conv2D({ filters: 8, kernelSize: 3, strides: 2, useBias: false }),
    new layers.BatchNormalization({ momentum: 0.9, epsilon: 1e-5 }),
    new layers.ReLU(),
    new layers.SeparableConv2D({ filters: 12, kernelSize: 3, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: 3 }),
    new layers.Dropout({ rate: 0.25 }),
    new layers.Flatten(),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ]);
}

/** Channels first. */
export function torchModel(): torch.nn.Module {
  return new Net();
}

class Net extends torch.nn.Module {
  features = new torch.nn.Sequential(
    new torch.nn.Conv2d(3, 8, 3, { stride: 2, bias: false }),
    // Keras' momentum is what is kept, PyTorch's what is new.
    new torch.nn.BatchNorm2d(8, { momentum: 0.1, eps: 1e-5 }),
    new torch.nn.ReLU(),
  );
  depthwise = new torch.nn.Conv2d(8, 8, 3, { padding: 1, groups: 8, bias: false });
  pointwise = new torch.nn.Conv2d(8, 12, 1);
  pool = new torch.nn.MaxPool2d(3);
  drop = new torch.nn.Dropout(0.25);
  head = new torch.nn.Linear(300, 10);

  override forward(x: torch.Tensor): torch.Tensor {
    x = this.pointwise(this.depthwise(this.features(x))).relu();
    // No softmax: PyTorch's cross entropy applies it.
    return this.head(this.drop(this.pool(x)).flatten(1));
  }
}

/** Only needed where the order does not tell: here it would. */
export const pairs = [
  ["conv2d", "features.0"],
  ["separable_conv2d", ["depthwise", "pointwise"]],
];
