/**
 * A wide residual network in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { batchNorm, channelAxis, conv, type DataFormat, relu } from "../keras_layers.ts";
import { type Size, size, STEM } from "./size.ts";

/** Norm and relu before each of two convolutions; a 1x1 convolution brings the input to the same shape where it has another. */
function block(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const isSame = strides === 1 && x.shape.at(channelAxis(dataFormat)) === filters;
  const active = relu(batchNorm(x, dataFormat));
  const hidden = conv(active, { filters, kernelSize: 3, strides }, dataFormat);
  const y = conv(relu(batchNorm(hidden, dataFormat)), { filters, kernelSize: 3 }, dataFormat);
  const shortcut = isSame ? x : conv(active, { filters, kernelSize: 1, strides }, dataFormat);
  return new layers.Add()([y, shortcut]);
}

/** Zagoruyko and Komodakis' networks: images [n, ...inputShape] to logits [n, classes]. */
export function wideResNet(
  { inputShape, classes, dataFormat }: KerasSpec,
  { blocks, widen }: Size,
): Model {
  const inputs = Input({ shape: inputShape });
  let x = conv(inputs, { filters: STEM, kernelSize: 3 }, dataFormat);
  for (const factor of [1, 2, 4]) {
    for (let i = 0; i < blocks; i++) {
      x = block(x, STEM * factor * widen, factor > 1 && i === 0 ? 2 : 1, dataFormat);
    }
  }
  x = relu(batchNorm(x, dataFormat));
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(pooled) });
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel(spec: KerasSpec): Model {
  return wideResNet(spec, size);
}
