/**
 * A densely connected network in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { batchNorm, channelAxis, conv, type DataFormat, relu } from "../keras_layers.ts";
import { size } from "./size.ts";

/** Batch norm, relu, convolution. */
function normConv(x: KerasTensor, filters: number, kernelSize: number, dataFormat: DataFormat) {
  const options = { filters, kernelSize, kernelInitializer: "heNormal" } as const;
  return conv(relu(batchNorm(x, dataFormat)), options, dataFormat);
}

/** As many channels as before, half the rows and columns. */
function transition(x: KerasTensor, dataFormat: DataFormat): KerasTensor {
  const channels = x.shape.at(channelAxis(dataFormat))!;
  const mixed = normConv(x, channels, 1, dataFormat);
  return new layers.AveragePooling2D({ poolSize: 2, dataFormat })(mixed);
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const axis = channelAxis(dataFormat);
  const inputs = Input({ shape: inputShape });
  const stem = { filters: size.stem, kernelSize: 3, kernelInitializer: "heNormal" } as const;
  let x = conv(inputs, stem, dataFormat);
  for (let block = 0; block < size.blocks; block++) {
    if (block > 0) x = transition(x, dataFormat);
    for (let i = 0; i < size.layers; i++) {
      // Every layer sees what all layers before it made.
      x = new layers.Concatenate({ axis })([x, normConv(x, size.growth, 3, dataFormat)]);
    }
  }
  x = relu(batchNorm(x, dataFormat));
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(pooled) });
}
