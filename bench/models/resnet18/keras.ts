/**
 * ResNet-18 with a stem for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { channelAxis, convNorm, type DataFormat, relu } from "../keras_layers.ts";

/** Two 3x3 convolutions; a 1x1 convolution brings the input to the same shape where it has another. */
function block(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const hidden = relu(convNorm(x, { filters, kernelSize: 3, strides }, dataFormat));
  const y = convNorm(hidden, { filters, kernelSize: 3 }, dataFormat);
  const isSame = strides === 1 && x.shape.at(channelAxis(dataFormat)) === filters;
  const shortcut = isSame ? x : convNorm(x, { filters, kernelSize: 1, strides }, dataFormat);
  return relu(new layers.Add()([y, shortcut]));
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  let x = relu(convNorm(inputs, { filters: 64, kernelSize: 3 }, dataFormat));
  for (const filters of [64, 128, 256, 512]) {
    x = block(x, filters, filters > 64 ? 2 : 1, dataFormat);
    x = block(x, filters, 1, dataFormat);
  }
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const outputs = new layers.Dense({ units: classes })(pooled);
  return new Model({ inputs, outputs });
}
