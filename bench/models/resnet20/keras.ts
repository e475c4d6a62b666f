/**
 * Residual networks for small images, in Keras' idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { channelAxis, convNorm, type DataFormat, relu } from "../keras_layers.ts";

/** A 3x3 convolution and batch norm. */
function convNorm3x3(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const options = { filters, kernelSize: 3, strides, kernelInitializer: "heNormal" } as const;
  return convNorm(x, options, dataFormat);
}

/** Channels of zeros before and behind those that are there. */
class PadChannels extends layers.Layer {
  constructor(readonly before: number, readonly after: number, readonly axis: number) {
    super({});
  }

  override call(x: tf.Tensor): tf.Tensor {
    const none: [number, number] = [0, 0];
    const paddings = x.shape.map(() => none);
    paddings[(this.axis + x.rank) % x.rank] = [this.before, this.after];
    return tf.pad(x, paddings);
  }
}

/** Every second row and column, and channels of zeros for those that are missing: a shortcut without parameters (option A). */
function shortcut(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const axis = channelAxis(dataFormat);
  const missing = filters - x.shape.at(axis)!;
  if (strides > 1) x = new layers.MaxPooling2D({ poolSize: 1, strides, dataFormat })(x);
  const before = Math.floor(missing / 2);
  return missing === 0 ? x : new PadChannels(before, missing - before, axis)(x);
}

/** Two convolutions; the input is added before the last relu. */
function block(x: KerasTensor, filters: number, strides: number, dataFormat: DataFormat) {
  const hidden = relu(convNorm3x3(x, filters, strides, dataFormat));
  const y = convNorm3x3(hidden, filters, 1, dataFormat);
  return relu(new layers.Add()([y, shortcut(x, filters, strides, dataFormat)]));
}

/**
 * He et al.'s residual networks of 6 n + 2 layers: images [n, ...inputShape] to logits [n, classes].
 *
 * @param blocks residual blocks in each of the three stages
 * @param width channels of the first stage; every further one has twice as many
 *
 * @example
 * ```ts
 * console.log(cifarResNet({ inputShape: [32, 32, 3], classes: 10 }, 3).countParams()); // 271098
 * ```
 */
export function cifarResNet(
  { inputShape, classes, dataFormat }: KerasSpec,
  blocks: number,
  width = 16,
): Model {
  const inputs = Input({ shape: inputShape });
  let x = relu(convNorm3x3(inputs, width, 1, dataFormat));
  for (const filters of [width, 2 * width, 4 * width]) {
    for (let i = 0; i < blocks; i++) {
      x = block(x, filters, filters > width && i === 0 ? 2 : 1, dataFormat);
    }
  }
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  const outputs = new layers.Dense({ units: classes, kernelInitializer: "heNormal" })(pooled);
  return new Model({ inputs, outputs });
}

/** Twenty layers: images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel(spec: KerasSpec): Model {
  return cifarResNet(spec, 3);
}
