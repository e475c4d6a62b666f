/**
 * EfficientNet-Lite0 with squeeze-excite and SiLU, strides for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import {
  batchNorm,
  channelAxis,
  convNorm,
  type DataFormat,
  depthwise,
  fanOut,
} from "../keras_layers.ts";
import { type BlockOptions, ends, stagesOf } from "./stages.ts";

function silu(x: KerasTensor): KerasTensor {
  return new layers.Activation({ activation: "silu" })(x);
}

/** Weighs each channel by what all channels have on average. */
function squeezeExcite(x: KerasTensor, squeezed: number, dataFormat: DataFormat): KerasTensor {
  const filters = x.shape.at(channelAxis(dataFormat))!;
  const pointwise = { kernelSize: 1, kernelInitializer: fanOut, dataFormat } as const;
  const mean = new layers.GlobalAveragePooling2D({ keepdims: true, dataFormat })(x);
  const reduced = new layers.Conv2D({ filters: squeezed, activation: "silu", ...pointwise })(mean);
  const weights = new layers.Conv2D({ filters, activation: "sigmoid", ...pointwise })(reduced);
  return new layers.Multiply()([x, weights]);
}

/** 1x1 to more channels, depthwise, squeeze-excite, 1x1 to fewer channels; added to the input where shapes agree. */
function block(x: KerasTensor, options: BlockOptions, dataFormat: DataFormat): KerasTensor {
  const { expansion, channels, stride: strides, kernelSize, dropRate } = options;
  const inputs = x.shape.at(channelAxis(dataFormat))!;
  const wide = { filters: inputs * expansion, kernelSize: 1 };
  const expanded = expansion === 1 ? x : silu(convNorm(x, wide, dataFormat));
  const spatial = depthwise(expanded, { kernelSize, strides }, dataFormat);
  const weighed = squeezeExcite(
    silu(batchNorm(spatial, dataFormat)),
    Math.floor(inputs / 4),
    dataFormat,
  );
  const y = convNorm(weighed, { filters: channels, kernelSize: 1 }, dataFormat);
  if (strides > 1 || inputs !== channels) return y;
  // One mask an image: stochastic depth.
  const noiseShape = [null, 1, 1, 1];
  return new layers.Add()([x, new layers.Dropout({ rate: dropRate, noiseShape })(y)]);
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  let x = silu(convNorm(inputs, { filters: ends.stem, kernelSize: 3 }, dataFormat));
  for (const options of stagesOf().flat()) x = block(x, options, dataFormat);
  x = silu(convNorm(x, { filters: ends.last, kernelSize: 1 }, dataFormat));
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const dropped = new layers.Dropout({ rate: 0.2 })(pooled);
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(dropped) });
}
