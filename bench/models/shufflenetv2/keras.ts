/**
 * ShuffleNetV2 with strides for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model, ops } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import {
  batchNorm,
  channelAxis,
  convNorm,
  type DataFormat,
  depthwise,
  relu,
} from "../keras_layers.ts";
import { ends, stages } from "./stages.ts";

function pointwise(x: KerasTensor, filters: number, dataFormat: DataFormat): KerasTensor {
  return relu(convNorm(x, { filters, kernelSize: 1 }, dataFormat));
}

function depthwiseNorm(x: KerasTensor, strides: number, dataFormat: DataFormat): KerasTensor {
  return batchNorm(depthwise(x, { kernelSize: 3, strides }, dataFormat), dataFormat);
}

/** Channels 0 1 2 | 3 4 5 of two halves become 0 3 1 4 2 5. */
function shuffle(halves: readonly KerasTensor[], dataFormat: DataFormat): KerasTensor {
  const axis = dataFormat === "channelsFirst" ? 2 : -1;
  const [, ...shape] = halves[0].shape as number[];
  const channels = dataFormat === "channelsFirst" ? 0 : 2;
  shape[channels] *= 2;
  // Pairs stand side by side; as one axis again they are neighbours.
  return new layers.Reshape({ targetShape: shape })(ops.stack([...halves], { axis }));
}

/** With a stride of 1 the first half of the channels passes by; with 2 both branches see all of them. */
function block(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const half = filters / 2;
  let [passing, changed] = [x, x];
  if (strides > 1) {
    passing = pointwise(depthwiseNorm(x, strides, dataFormat), half, dataFormat);
  } else {
    [passing, changed] = ops.split(x, 2, { axis: channelAxis(dataFormat) }) as KerasTensor[];
  }
  const spatial = depthwiseNorm(pointwise(changed, half, dataFormat), strides, dataFormat);
  return shuffle([passing, pointwise(spatial, half, dataFormat)], dataFormat);
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  let x = relu(convNorm(inputs, { filters: ends.stem, kernelSize: 3 }, dataFormat));
  for (const { channels, blocks } of stages) {
    for (let i = 0; i < blocks; i++) x = block(x, channels, i === 0 ? 2 : 1, dataFormat);
  }
  x = pointwise(x, ends.last, dataFormat);
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(pooled) });
}
