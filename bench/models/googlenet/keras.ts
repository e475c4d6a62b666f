/**
 * GoogLeNet with a stem for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { channelAxis, convNorm, type DataFormat, relu } from "../keras_layers.ts";
import { blocks, type InceptionChannels } from "./inception.ts";

/** A convolution that keeps rows and columns, batch norm, relu. */
function conv(x: KerasTensor, filters: number, kernelSize: number, dataFormat: DataFormat) {
  const options = { filters, kernelSize, kernelInitializer: "glorotUniform" } as const;
  return relu(convNorm(x, options, dataFormat));
}

/** The largest of 3x3 pixels. */
function pool(x: KerasTensor, strides: number, dataFormat: DataFormat): KerasTensor {
  if (strides === 1) {
    return new layers.MaxPooling2D({ poolSize: 3, strides, padding: "same", dataFormat })(x);
  }
  // With a stride "same" pads on one side only. What is pooled is no less than 0, so zeros do not show.
  const padded = new layers.ZeroPadding2D({ padding: 1, dataFormat })(x);
  return new layers.MaxPooling2D({ poolSize: 3, strides, dataFormat })(padded);
}

/** Four branches side by side, joined along the channels. */
function inception(x: KerasTensor, channels: InceptionChannels, dataFormat: DataFormat) {
  const { one, three, five, pool: pooled } = channels;
  return new layers.Concatenate({ axis: channelAxis(dataFormat) })([
    conv(x, one, 1, dataFormat),
    conv(conv(x, three[0], 1, dataFormat), three[1], 3, dataFormat),
    conv(conv(x, five[0], 1, dataFormat), five[1], 5, dataFormat),
    conv(pool(x, 1, dataFormat), pooled, 1, dataFormat),
  ]);
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  let x = conv(inputs, 192, 3, dataFormat);
  for (const entry of blocks) {
    x = entry === "pool" ? pool(x, 2, dataFormat) : inception(x, entry, dataFormat);
  }
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const dropped = new layers.Dropout({ rate: 0.2 })(pooled);
  const outputs = new layers.Dense({ units: classes })(dropped);
  return new Model({ inputs, outputs });
}
