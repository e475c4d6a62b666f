/**
 * ResNet-18 with a stem for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";

/** A convolution with zeros on all sides, and batch norm with PyTorch's constants. */
function convNorm(
  x: KerasTensor,
  { filters, kernelSize, strides = 1 }: { filters: number; kernelSize: 1 | 3; strides?: number },
  { dataFormat }: KerasSpec,
): KerasTensor {
  // With a stride "same" pads on one side only.
  const padded = kernelSize === 1 ? x : new layers.ZeroPadding2D({ padding: 1, dataFormat })(x);
  const kernelInitializer = { className: "VarianceScaling", config: fanOut } as const;
  const options = { filters, kernelSize, strides, dataFormat, useBias: false, kernelInitializer };
  const axis = dataFormat === "channelsFirst" ? 1 : -1;
  return new layers.BatchNormalization({ axis, momentum: 0.9, epsilon: 1e-5 })(
    new layers.Conv2D(options)(padded),
  );
}

/** Kaiming's initialization by outputs, as PyTorch's users have it here. */
const fanOut = { scale: 2, mode: "fanOut", distribution: "untruncatedNormal" } as const;

function relu(x: KerasTensor): KerasTensor {
  return new layers.ReLU()(x);
}

/** Two 3x3 convolutions; a 1x1 convolution brings the input to the same shape where it has another. */
function block(x: KerasTensor, filters: number, strides: number, spec: KerasSpec): KerasTensor {
  const hidden = relu(convNorm(x, { filters, kernelSize: 3, strides }, spec));
  const y = convNorm(hidden, { filters, kernelSize: 3 }, spec);
  const axis = spec.dataFormat === "channelsFirst" ? 1 : -1;
  const isSame = strides === 1 && x.shape.at(axis) === filters;
  const shortcut = isSame ? x : convNorm(x, { filters, kernelSize: 1, strides }, spec);
  return relu(new layers.Add()([y, shortcut]));
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel(spec: KerasSpec): Model {
  const { inputShape, classes, dataFormat } = spec;
  const inputs = Input({ shape: inputShape });
  let x = relu(convNorm(inputs, { filters: 64, kernelSize: 3 }, spec));
  for (const filters of [64, 128, 256, 512]) {
    x = block(x, filters, filters > 64 ? 2 : 1, spec);
    x = block(x, filters, 1, spec);
  }
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const outputs = new layers.Dense({ units: classes })(pooled);
  return new Model({ inputs, outputs });
}
