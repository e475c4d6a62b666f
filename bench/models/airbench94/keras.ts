/**
 * Keller Jordan's network for CIFAR-10, in Keras' idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { initializers, Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { channelAxis, type DataFormat } from "../keras_layers.ts";
import { batchNorm, size, whiteningFilters, whiteningWidth } from "./whitening.ts";

/** As PyTorch draws the weights of convolutions and dense layers. */
const asTorch = () => new initializers.VarianceScaling({ scale: 1 / 3, distribution: "uniform" });

/** As {@linkcode asTorch}, but the first filters hand the channels on. */
class PartialDirac extends initializers.Initializer {
  override call(shape: readonly number[], dtype: tf.DataType): tf.Tensor {
    const [height, width, inputs, filters] = shape;
    const others = asTorch();
    const [top, left] = [(height - 1) / 2, (width - 1) / 2];
    const middle = tf.reshape(tf.eye(inputs, filters), [1, 1, inputs, filters]);
    const handsOn = tf.pad(middle, [[top, top], [left, left], [0, 0], [0, 0]]);
    return tf.where(tf.less(tf.range(0, filters), inputs), handsOn, others(shape, dtype));
  }
}

function conv(x: KerasTensor, filters: number, dataFormat: DataFormat): KerasTensor {
  return new layers.Conv2D({
    ...{ filters, kernelSize: 3, padding: "same", useBias: false, dataFormat },
    kernelInitializer: new PartialDirac(),
  })(x);
}

/** Batch norm that learns biases only, then GELU. */
function normGelu(x: KerasTensor, dataFormat: DataFormat): KerasTensor {
  const axis = channelAxis(dataFormat);
  const { kept: momentum, epsilon } = batchNorm;
  const norm = new layers.BatchNormalization({ axis, momentum, epsilon, scale: false });
  return gelu(norm(x));
}

function gelu(x: KerasTensor): KerasTensor {
  return new layers.Activation({ activation: "gelu" })(x);
}

/** Two convolutions, the first one with a pooling behind it. */
function convGroup(x: KerasTensor, filters: number, dataFormat: DataFormat): KerasTensor {
  x = new layers.MaxPooling2D({ poolSize: 2, dataFormat })(conv(x, filters, dataFormat));
  x = normGelu(x, dataFormat);
  return normGelu(conv(x, filters, dataFormat), dataFormat);
}

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  const channels = dataFormat === "channelsFirst" ? inputShape[0] : inputShape[2];
  const filters = whiteningWidth(channels);
  const whiten = new layers.Conv2D({
    ...{ name: "whiten", filters, kernelSize: size.patch, dataFormat },
    kernelInitializer: "heNormal",
  });
  let x = gelu(whiten(inputs));
  whiten.kernel.trainable = false;
  for (const width of size.widths) x = convGroup(x, width, dataFormat);
  // Over what is left of an image, which are 3x3 pixels of 32x32.
  const pooled = new layers.GlobalMaxPooling2D({ dataFormat })(x);
  const head = new layers.Dense({
    ...{ units: classes, useBias: false },
    kernelInitializer: asTorch(),
  })(pooled);
  return new Model({ inputs, outputs: new layers.Rescaling({ scale: size.scale })(head) });
}

/** Makes the first layer whiten patches of such images. */
export async function initializeKerasModel(model: Model, images: tf.Tensor): Promise<void> {
  const { kernel, dataFormat } = model.getLayer("whiten") as layers.Conv2D;
  const pixels = dataFormat === "channels_first" ? tf.transpose(images, [0, 2, 3, 1]) : images;
  const filters = whiteningFilters(await pixels.data(), pixels.shape);
  const [height, width, channels, count] = kernel.shape;
  tf.tidy(() =>
    kernel.assign(tf.transpose(tf.tensor(filters, [count, channels, height, width]), [2, 3, 1, 0]))
  );
}
