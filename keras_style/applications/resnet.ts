/**
 * Residual networks (He et al., 2015, 2016). Follows keras/src/applications/resnet.py and resnet_v2.py of Keras 3.
 * @module
 */
import type { KerasTensor } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { channelAxis, defineApplication, ending, type Settings } from "./application.ts";

const EPSILON = 1.001e-5;

function normalized(x: KerasTensor, name: string): KerasTensor {
  return layers.BatchNormalization({ axis: channelAxis(), epsilon: EPSILON, name })(x);
}

function relu(x: KerasTensor, name: string): KerasTensor {
  return layers.Activation({ activation: "relu", name })(x);
}

/** A bottleneck: normalization behind each convolution. */
function blockV1(
  x: KerasTensor,
  filters: number,
  strides: number,
  isFirst: boolean,
  name: string,
): KerasTensor {
  const conv = (y: KerasTensor, count: number, part: number, options = {}) =>
    normalized(
      layers.Conv2D({ filters: count, kernelSize: 1, ...options, name: `${name}_${part}_conv` })(y),
      `${name}_${part}_bn`,
    );
  const shortcut = isFirst ? conv(x, 4 * filters, 0, { strides }) : x;
  const first = relu(conv(x, filters, 1, { strides }), `${name}_1_relu`);
  const second = relu(
    conv(first, filters, 2, { kernelSize: 3, padding: "same" }),
    `${name}_2_relu`,
  );
  const sum = layers.Add({ name: `${name}_add` })([shortcut, conv(second, 4 * filters, 3)]);
  return relu(sum, `${name}_out`);
}

/** A bottleneck: normalization before each convolution. */
function blockV2(
  x: KerasTensor,
  filters: number,
  strides: number,
  isFirst: boolean,
  name: string,
): KerasTensor {
  const before = relu(normalized(x, `${name}_preact_bn`), `${name}_preact_relu`);
  const shortcut = isFirst
    ? layers.Conv2D({ filters: 4 * filters, kernelSize: 1, strides, name: `${name}_0_conv` })(
      before,
    )
    : strides > 1
    ? layers.MaxPooling2D({ poolSize: 1, strides })(x)
    : x;
  const narrow = layers.Conv2D({
    filters,
    kernelSize: 1,
    strides: 1,
    useBias: false,
    name: `${name}_1_conv`,
  })(before);
  const first = relu(normalized(narrow, `${name}_1_bn`), `${name}_1_relu`);
  const padded = layers.ZeroPadding2D({ padding: [[1, 1], [1, 1]], name: `${name}_2_pad` })(first);
  const middle = layers.Conv2D({
    filters,
    kernelSize: 3,
    strides,
    useBias: false,
    name: `${name}_2_conv`,
  })(padded);
  const second = relu(normalized(middle, `${name}_2_bn`), `${name}_2_relu`);
  const wide = layers.Conv2D({ filters: 4 * filters, kernelSize: 1, name: `${name}_3_conv` })(
    second,
  );
  return layers.Add({ name: `${name}_out` })([shortcut, wide]);
}

/** Stacks of blocks of so many filters; in the first version the first block of a stack has the stride, else the last. */
function stacks(x: KerasTensor, counts: readonly number[], version: 1 | 2): KerasTensor {
  let y = x;
  counts.forEach((count, i) => {
    const filters = 64 * 2 ** i;
    const isStrided = version === 1 ? i > 0 : i < counts.length - 1;
    for (let k = 1; k <= count; k++) {
      const here = version === 1 ? k === 1 : k === count;
      const strides = isStrided && here ? 2 : 1;
      const block = version === 1 ? blockV1 : blockV2;
      y = block(y, filters, strides, k === 1, `conv${i + 2}_block${k}`);
    }
  });
  return y;
}

function body(counts: readonly number[], version: 1 | 2) {
  return (images: KerasTensor, settings: Settings): KerasTensor => {
    const padded = layers.ZeroPadding2D({ padding: [[3, 3], [3, 3]], name: "conv1_pad" })(images);
    const stem = layers.Conv2D({ filters: 64, kernelSize: 7, strides: 2, name: "conv1_conv" })(
      padded,
    );
    const begun = version === 1 ? relu(normalized(stem, "conv1_bn"), "conv1_relu") : stem;
    const wide = layers.ZeroPadding2D({ padding: [[1, 1], [1, 1]], name: "pool1_pad" })(begun);
    const x = layers.MaxPooling2D({ poolSize: 3, strides: 2, name: "pool1_pool" })(wide);
    const y = stacks(x, counts, version);
    return ending(version === 1 ? y : relu(normalized(y, "post_bn"), "post_relu"), settings);
  };
}

const define = (owner: string, counts: readonly number[], version: 1 | 2 = 1) =>
  defineApplication(owner, {
    name: owner.toLowerCase(),
    size: 224,
    least: 32,
    body: body(counts, version),
  });

/**
 * ResNet-50: 25,636,712 parameters for 1000 classes. Follows https://keras.io/api/applications/resnet/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = keras.applications.ResNet50({ inputShape: [64, 64, 3], classes: 10 });
 * console.log(model.outputs[0].shape); // [ null, 10 ]
 * ```
 */
export const ResNet50 = define("ResNet50", [3, 4, 6, 3]);
/** ResNet-101: 44,707,176 parameters for 1000 classes. */
export const ResNet101 = define("ResNet101", [3, 4, 23, 3]);
/** ResNet-152: 60,419,944 parameters for 1000 classes. */
export const ResNet152 = define("ResNet152", [3, 8, 36, 3]);
/** ResNet-50, normalization first: 25,613,800 parameters for 1000 classes. */
export const ResNet50V2 = define("ResNet50V2", [3, 4, 6, 3], 2);
/** ResNet-101, normalization first: 44,675,560 parameters for 1000 classes. */
export const ResNet101V2 = define("ResNet101V2", [3, 4, 23, 3], 2);
/** ResNet-152, normalization first: 60,380,648 parameters for 1000 classes. */
export const ResNet152V2 = define("ResNet152V2", [3, 8, 36, 3], 2);
