/**
 * MobileNet (Howard et al., 2017) and MobileNetV2 (Sandler et al., 2018).
 * Follows keras/src/applications/mobilenet.py and mobilenet_v2.py of Keras 3.
 * @module
 */
import type { KerasTensor, Shape } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { fixedText } from "../number_text.ts";
import {
  channelAxis,
  defineApplication,
  ending,
  makeDivisible,
  paddingForStride2,
  pooled,
  type Settings,
} from "./application.ts";

/** Options of {@linkcode MobileNet}. */
export interface MobileNetOptions {
  /** By what the numbers of filters are multiplied; 1 unless given. */
  readonly alpha?: number;
  /** How many filters each channel has in the depthwise convolutions; 1 unless given. */
  readonly depthMultiplier?: number;
  /** Share of the features that is dropped before the classifier; 0.001 unless given. */
  readonly dropout?: number;
}

/** Options of {@linkcode MobileNetV2}. */
export type MobileNetV2Options = Pick<MobileNetOptions, "alpha">;

const axis = () => channelAxis() === 3 ? -1 : 1;

const relu6 = (x: KerasTensor, name: string) => layers.ReLU({ maxValue: 6, name })(x);

const normalized = (x: KerasTensor, name: string) =>
  layers.BatchNormalization({ axis: axis(), name })(x);

/** Sizes that Keras has weights for; 224 for all others. */
function sizeOf(shape: Shape | null): number {
  const [rows, columns] = shape === null ? [] : channelAxis() === 3 ? shape : shape.slice(1);
  return rows === columns && [96, 128, 160, 192, 224].includes(rows!) ? rows! : 224;
}

const rowsOf = (shape: Shape) => channelAxis() === 3 ? shape[0] : shape[1];

/** Filters and strides of the depthwise blocks. */
const BLOCKS: readonly (readonly [filters: number, strides: number])[] = [
  ...[[64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2]] as const,
  ...[[512, 1], [512, 1], [512, 1], [512, 1], [512, 1], [1024, 2], [1024, 1]] as const,
];

function depthwiseBlock(
  x: KerasTensor,
  filters: number,
  strides: number,
  depthMultiplier: number,
  block: number,
): KerasTensor {
  const padded = strides === 1
    ? x
    : layers.ZeroPadding2D({ padding: [[0, 1], [0, 1]], name: `conv_pad_${block}` })(x);
  const depthwise = layers.DepthwiseConv2D({
    kernelSize: 3,
    padding: strides === 1 ? "same" : "valid",
    depthMultiplier,
    strides,
    useBias: false,
    name: `conv_dw_${block}`,
  })(padded);
  const middle = relu6(normalized(depthwise, `conv_dw_${block}_bn`), `conv_dw_${block}_relu`);
  const pointwise = layers.Conv2D({
    filters,
    kernelSize: 1,
    padding: "same",
    useBias: false,
    strides: 1,
    name: `conv_pw_${block}`,
  })(middle);
  return relu6(normalized(pointwise, `conv_pw_${block}_bn`), `conv_pw_${block}_relu`);
}

/**
 * MobileNet: 4,253,864 parameters for 1000 classes. Follows https://keras.io/api/applications/mobilenet/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = keras.applications.MobileNet({ alpha: 0.25, inputShape: [32, 32, 3], classes: 10 });
 * console.log(model.outputs[0].shape); // [ null, 10 ]
 * ```
 */
export const MobileNet = defineApplication<MobileNetOptions>("MobileNet", {
  name: ({ alpha }, shape) => `mobilenet_${fixedText(alpha, 2)}_${rowsOf(shape) ?? "None"}`,
  size: sizeOf,
  least: 32,
  body: (images, settings) => {
    const { alpha, depthMultiplier, dropout, classes, includeTop } = settings;
    const stem = layers.Conv2D({
      filters: Math.trunc(32 * alpha),
      kernelSize: 3,
      padding: "same",
      useBias: false,
      strides: 2,
      name: "conv1",
    })(images);
    let x = relu6(normalized(stem, "conv1_bn"), "conv1_relu");
    BLOCKS.forEach(([filters, strides], i) => {
      x = depthwiseBlock(x, Math.trunc(filters * alpha), strides, depthMultiplier, i + 1);
    });
    if (!includeTop) return pooled(x, settings, false);
    x = layers.GlobalAveragePooling2D({ keepdims: true })(x);
    x = layers.Dropout({ rate: dropout, name: "dropout" })(x);
    x = layers.Conv2D({ filters: classes, kernelSize: 1, padding: "same", name: "conv_preds" })(x);
    x = layers.Reshape({ targetShape: [classes], name: "reshape_2" })(x);
    return layers.Activation({ activation: settings.classifierActivation!, name: "predictions" })(
      x,
    );
  },
}, { alpha: 1, depthMultiplier: 1, dropout: 0.001 });

/** Filters, strides, expansion of the inverted residual blocks. */
const INVERTED: readonly (readonly [filters: number, strides: number])[] = [
  ...[[16, 1], [24, 2], [24, 1], [32, 2], [32, 1], [32, 1], [64, 2], [64, 1], [64, 1]] as const,
  ...[[64, 1], [96, 1], [96, 1], [96, 1], [160, 2], [160, 1], [160, 1], [320, 1]] as const,
];

function invertedBlock(
  inputs: KerasTensor,
  wanted: number,
  strides: number,
  block: number,
): KerasTensor {
  const channels = inputs.shape.at(axis())!;
  const filters = makeDivisible(wanted, 8);
  const prefix = block === 0 ? "expanded_conv_" : `block_${block}_`;
  const conv = (x: KerasTensor, count: number, name: string) => {
    const plain = { kernelSize: 1, padding: "same", useBias: false } as const;
    const y = layers.Conv2D({ ...plain, filters: count, name: `${prefix}${name}` })(x);
    return slowly(y, `${prefix}${name}_BN`);
  };
  let x = inputs;
  if (block > 0) x = relu6(conv(x, 6 * channels, "expand"), `${prefix}expand_relu`);
  if (strides === 2) {
    x = layers.ZeroPadding2D({ padding: paddingForStride2(x, 3), name: `${prefix}pad` })(x);
  }
  x = layers.DepthwiseConv2D({
    kernelSize: 3,
    strides,
    useBias: false,
    padding: strides === 1 ? "same" : "valid",
    name: `${prefix}depthwise`,
  })(x);
  x = relu6(slowly(x, `${prefix}depthwise_BN`), `${prefix}depthwise_relu`);
  x = conv(x, filters, "project");
  const isResidual = channels === filters && strides === 1;
  return isResidual ? layers.Add({ name: `${prefix}add` })([inputs, x]) : x;
}

const slowly = (x: KerasTensor, name: string) =>
  layers.BatchNormalization({ axis: axis(), epsilon: 1e-3, momentum: 0.999, name })(x);

/** MobileNetV2: 3,538,984 parameters for 1000 classes. Follows https://keras.io/api/applications/mobilenet/ */
export const MobileNetV2 = defineApplication<MobileNetV2Options>("MobileNetV2", {
  name: ({ alpha }, shape) => `mobilenetv2_${fixedText(alpha, 2)}_${rowsOf(shape) ?? "None"}`,
  size: sizeOf,
  least: 32,
  body: (images: KerasTensor, settings: Settings & { readonly alpha: number }) => {
    const { alpha } = settings;
    const conv = { useBias: false } as const;
    let x = layers.Conv2D({
      ...conv,
      filters: makeDivisible(32 * alpha, 8),
      kernelSize: 3,
      strides: 2,
      padding: "same",
      name: "Conv1",
    })(images);
    x = relu6(slowly(x, "bn_Conv1"), "Conv1_relu");
    INVERTED.forEach(([filters, strides], i) => {
      x = invertedBlock(x, Math.trunc(filters * alpha), strides, i);
    });
    const last = alpha > 1 ? makeDivisible(1280 * alpha, 8) : 1280;
    x = layers.Conv2D({ ...conv, filters: last, kernelSize: 1, name: "Conv_1" })(x);
    x = relu6(slowly(x, "Conv_1_bn"), "out_relu");
    return ending(x, settings, { named: false });
  },
}, { alpha: 1 });
