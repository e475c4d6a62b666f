/**
 * Convolutions and batch norm as the networks here have them in the Keras idiom: PyTorch's paddings and constants.
 * @module
 */
import { type KerasTensor, layers } from "../../keras_style/mod.ts";
import type { KerasSpec } from "./bench_model.ts";

export type DataFormat = KerasSpec["dataFormat"];

/** Where the channels of images stand. */
export function channelAxis(dataFormat: DataFormat): 1 | -1 {
  return dataFormat === "channelsFirst" ? 1 : -1;
}

/** Kaiming's initialization by outputs, as PyTorch's users have it here. */
export const fanOut = {
  className: "VarianceScaling",
  config: { scale: 2, mode: "fanOut", distribution: "untruncatedNormal" },
} as const;

/** Batch norm with PyTorch's constants. */
export function batchNorm(x: KerasTensor, dataFormat: DataFormat): KerasTensor {
  const axis = channelAxis(dataFormat);
  return new layers.BatchNormalization({ axis, momentum: 0.9, epsilon: 1e-5 })(x);
}

/** What a convolution here is told. */
export interface ConvOptions {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
  /** {@linkcode fanOut} unless given. */
  readonly kernelInitializer?: typeof fanOut | "heNormal" | "glorotUniform";
}

/** A convolution without bias, with zeros on all sides. */
export function conv(x: KerasTensor, options: ConvOptions, dataFormat: DataFormat): KerasTensor {
  const { filters, kernelSize, strides = 1, kernelInitializer = fanOut } = options;
  const { padded, padding } = zeroPadded(x, kernelSize, strides, dataFormat);
  return new layers.Conv2D({
    ...{ filters, kernelSize, strides, padding, dataFormat, useBias: false, kernelInitializer },
  })(padded);
}

/** A convolution of each channel alone, without bias, with zeros on all sides. */
export function depthwise(
  x: KerasTensor,
  { kernelSize, strides }: { kernelSize: number; strides: number },
  dataFormat: DataFormat,
): KerasTensor {
  const { padded, padding } = zeroPadded(x, kernelSize, strides, dataFormat);
  return new layers.DepthwiseConv2D({
    ...{ kernelSize, strides, padding, useBias: false, dataFormat },
    depthwiseInitializer: "heNormal",
  })(padded);
}

/** With a stride "same" pads on one side only. */
function zeroPadded(x: KerasTensor, kernelSize: number, strides: number, dataFormat: DataFormat) {
  if (strides === 1 || kernelSize === 1) return { padded: x, padding: "same" } as const;
  const padding = (kernelSize - 1) / 2;
  const padded = new layers.ZeroPadding2D({ padding, dataFormat })(x);
  return { padded, padding: "valid" } as const;
}

/** A convolution and batch norm. */
export function convNorm(
  x: KerasTensor,
  options: ConvOptions,
  dataFormat: DataFormat,
): KerasTensor {
  return batchNorm(conv(x, options, dataFormat), dataFormat);
}

export function relu(x: KerasTensor): KerasTensor {
  return new layers.ReLU()(x);
}

/** Images in either order to a sequence of their patches, [n, patches, width]; from then on channels are last. */
export function patchSequence(
  inputs: KerasTensor,
  { patch, width }: { readonly patch: number; readonly width: number },
  dataFormat: DataFormat,
): KerasTensor {
  const images = dataFormat === "channelsFirst"
    ? new layers.Permute({ dims: [2, 3, 1] })(inputs)
    : inputs;
  const projection = { filters: width, kernelSize: patch, strides: patch } as const;
  const patches = new layers.Conv2D({ ...projection, dataFormat: "channelsLast" })(images);
  return new layers.Reshape({ targetShape: [-1, width] })(patches);
}
