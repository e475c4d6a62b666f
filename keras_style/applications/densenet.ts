/**
 * Densely connected networks (Huang et al., 2016). Follows keras/src/applications/densenet.py of Keras 3.
 * @module
 */
import type { KerasTensor } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { channelAxis, defineApplication, ending, type Settings } from "./application.ts";

const GROWTH = 32;

const normalized = (x: KerasTensor, name: string) =>
  layers.BatchNormalization({ axis: channelAxis(), epsilon: 1.001e-5, name })(x);

const relu = (x: KerasTensor, name: string) => layers.Activation({ activation: "relu", name })(x);

/** Features with so many more from a bottleneck. */
function denseBlock(x: KerasTensor, name: string): KerasTensor {
  let y = relu(normalized(x, `${name}_0_bn`), `${name}_0_relu`);
  const conv = { useBias: false } as const;
  y = layers.Conv2D({ ...conv, filters: 4 * GROWTH, kernelSize: 1, name: `${name}_1_conv` })(y);
  y = relu(normalized(y, `${name}_1_bn`), `${name}_1_relu`);
  y = layers.Conv2D({
    ...conv,
    filters: GROWTH,
    kernelSize: 3,
    padding: "same",
    name: `${name}_2_conv`,
  })(y);
  return layers.Concatenate({ axis: channelAxis(), name: `${name}_concat` })([x, y]);
}

/** Half of the features at half the size. */
function transition(x: KerasTensor, name: string): KerasTensor {
  const y = relu(normalized(x, `${name}_bn`), `${name}_relu`);
  const narrow = layers.Conv2D({
    filters: Math.trunc(y.shape[channelAxis()]! / 2),
    kernelSize: 1,
    useBias: false,
    name: `${name}_conv`,
  })(y);
  return layers.AveragePooling2D({ poolSize: 2, strides: 2, name: `${name}_pool` })(narrow);
}

function body(counts: readonly number[]) {
  return (images: KerasTensor, settings: Settings): KerasTensor => {
    let x = layers.ZeroPadding2D({ padding: [[3, 3], [3, 3]] })(images);
    x = layers.Conv2D({
      filters: 64,
      kernelSize: 7,
      strides: 2,
      useBias: false,
      name: "conv1_conv",
    })(x);
    x = relu(normalized(x, "conv1_bn"), "conv1_relu");
    x = layers.ZeroPadding2D({ padding: [[1, 1], [1, 1]] })(x);
    x = layers.MaxPooling2D({ poolSize: 3, strides: 2, name: "pool1" })(x);
    counts.forEach((count, i) => {
      if (i > 0) x = transition(x, `pool${i + 1}`);
      for (let k = 1; k <= count; k++) x = denseBlock(x, `conv${i + 2}_block${k}`);
    });
    return ending(relu(normalized(x, "bn"), "relu"), settings);
  };
}

const define = (owner: string, counts: readonly number[]) =>
  defineApplication(owner, {
    name: owner.toLowerCase(),
    size: 224,
    least: 32,
    body: body(counts),
  });

/** DenseNet-121: 8,062,504 parameters for 1000 classes. Follows https://keras.io/api/applications/densenet/ */
export const DenseNet121 = define("DenseNet121", [6, 12, 24, 16]);
/** DenseNet-169: 14,307,880 parameters for 1000 classes. */
export const DenseNet169 = define("DenseNet169", [6, 12, 32, 32]);
/** DenseNet-201: 20,242,984 parameters for 1000 classes. */
export const DenseNet201 = define("DenseNet201", [6, 12, 48, 32]);
