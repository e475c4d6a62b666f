/**
 * Convolution kernels. TensorFlow.js lays images out as [n, h, w, c] and filters as [h, w, in, out];
 * ONNX wants [n, c, h, w] and [out, in, h, w]. The transposes between cancel out when a graph is rewritten.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { GROUPED_CONV, GROUPED_CONV_FILTER, GROUPED_CONV_INPUT } from "../grouped_convolution.ts";
import { defineKernel } from "../kernel.ts";
import { activate } from "./elementwise.ts";
import { imageWindows } from "./window.ts";

type Shape4D = [number, number, number, number];

interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];
const FILTER_TO_ONNX = [3, 2, 0, 1];
const FILTER_FROM_ONNX = [2, 3, 1, 0];
const VOLUMES_FIRST = [0, 4, 1, 2, 3];
const VOLUMES_LAST = [0, 2, 3, 4, 1];

/** [n, h, w, c] to [n, c, h, w], unless it is so already; volumes likewise. */
export function channelsFirst(x: LazyArray, format?: string): LazyArray {
  if (format === "NCHW") return x;
  return ops.transpose(x, x.shape.length === 5 ? VOLUMES_FIRST : TO_CHANNELS_FIRST);
}

/** [n, c, h, w] to the layout asked for; volumes likewise. */
export function channelsLast(x: LazyArray, format?: string): LazyArray {
  if (format === "NCHW") return x;
  return ops.transpose(x, x.shape.length === 5 ? VOLUMES_LAST : TO_CHANNELS_LAST);
}

function windowOf(
  kernel: string,
  x: readonly number[],
  filter: readonly number[],
  attrs: ConvAttrs,
  depthwise = false,
): ops.ConvOptions {
  const info = tf.backend_util.computeConv2DInfo(
    [...x] as Shape4D,
    [...filter] as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(attrs.dataFormat ?? "NHWC"),
  );
  const { stride, padding, dilation } = imageWindows(kernel, info);
  return {
    stride,
    padding,
    dilation,
    groups: depthwise ? filter[2] : info.inChannels / filter[2],
  };
}

function convolve(kernel: string, x: LazyArray, filter: LazyArray, attrs: ConvAttrs): LazyArray {
  const window = windowOf(kernel, x.shape, filter.shape, attrs);
  const weights = ops.transpose(filter, FILTER_TO_ONNX);
  const y = ops.conv(channelsFirst(x, attrs.dataFormat), weights, window);
  return channelsLast(y, attrs.dataFormat);
}

// With groups, which TensorFlow.js' own have not, the same kernels go by other names.
for (const name of [tf.Conv2D, GROUPED_CONV]) {
  defineKernel<tf.Conv2DAttrs>(name, ({ x, filter }, attrs) => convolve(name, x, filter, attrs));
}

for (const name of [tf.Conv2DBackpropFilter, GROUPED_CONV_FILTER]) {
  defineKernel<tf.Conv2DBackpropFilterAttrs>(name, ({ x, dy }, attrs) => {
    const [h, w, c, o] = attrs.filterShape;
    const window = windowOf(name, x.shape, attrs.filterShape, attrs);
    const gradient = ops.convFilterGradient(
      channelsFirst(x, attrs.dataFormat),
      channelsFirst(dy, attrs.dataFormat),
      [o, c, h, w],
      window,
    );
    return ops.transpose(gradient, FILTER_FROM_ONNX);
  });
}

for (const name of [tf.Conv2DBackpropInput, GROUPED_CONV_INPUT]) {
  defineKernel<tf.Conv2DBackpropInputAttrs>(name, ({ dy, filter }, attrs) => {
    const window = windowOf(name, attrs.inputShape, filter.shape, attrs);
    const gradient = ops.convInputGradient(
      channelsFirst(dy, attrs.dataFormat),
      ops.transpose(filter, FILTER_TO_ONNX),
      channelsFirstShape(attrs.inputShape, attrs.dataFormat),
      window,
    );
    return channelsLast(gradient, attrs.dataFormat);
  });
}

/** The shape that {@linkcode channelsFirst} gives an array of some shape. */
export function channelsFirstShape(shape: readonly number[], format?: string): readonly number[] {
  if (format === "NCHW") return shape;
  return (shape.length === 5 ? VOLUMES_FIRST : TO_CHANNELS_FIRST).map((axis) => shape[axis]);
}

/** [h, w, c, m] to [c m, 1, h, w]: every channel is a group of its own with m filters. */
function depthwiseFilter(filter: LazyArray): LazyArray {
  const [h, w, c, m] = filter.shape;
  return ops.reshape(ops.transpose(filter, [2, 3, 0, 1]), [c * m, 1, h, w]);
}

function convolveDepthwise(
  kernel: string,
  x: LazyArray,
  filter: LazyArray,
  attrs: ConvAttrs,
): LazyArray {
  const window = windowOf(kernel, x.shape, filter.shape, attrs, true);
  const y = ops.conv(channelsFirst(x, attrs.dataFormat), depthwiseFilter(filter), window);
  return channelsLast(y, attrs.dataFormat);
}

defineKernel<tf.DepthwiseConv2dNativeAttrs>(
  tf.DepthwiseConv2dNative,
  ({ x, filter }, attrs) => convolveDepthwise(tf.DepthwiseConv2dNative, x, filter, attrs),
);

defineKernel<tf.DepthwiseConv2dNativeBackpropFilterAttrs>(
  tf.DepthwiseConv2dNativeBackpropFilter,
  ({ x, dy }, attrs) => {
    const name = tf.DepthwiseConv2dNativeBackpropFilter;
    const [h, w, c, m] = attrs.filterShape;
    const window = windowOf(name, x.shape, attrs.filterShape, attrs, true);
    const shape = [c * m, 1, h, w];
    const gradient = ops.convFilterGradient(channelsFirst(x), channelsFirst(dy), shape, window);
    return ops.transpose(ops.reshape(gradient, [c, m, h, w]), [2, 3, 0, 1]);
  },
);

defineKernel<tf.DepthwiseConv2dNativeBackpropInputAttrs>(
  tf.DepthwiseConv2dNativeBackpropInput,
  ({ dy, filter }, attrs) => {
    const name = tf.DepthwiseConv2dNativeBackpropInput;
    const window = windowOf(name, attrs.inputShape, filter.shape, attrs, true);
    const shape = channelsFirstShape(attrs.inputShape);
    const weights = depthwiseFilter(filter);
    return channelsLast(ops.convInputGradient(channelsFirst(dy), weights, shape, window));
  },
);

for (
  const [name, rule] of [
    [tf.FusedConv2D, convolve],
    [tf.FusedDepthwiseConv2D, convolveDepthwise],
  ] as const
) {
  defineKernel<tf.FusedConv2DAttrs>(
    name,
    ({ x, filter, bias, preluActivationWeights }, attrs) => {
      const channels = (array: LazyArray | undefined) =>
        array && attrs.dataFormat === "NCHW" && array.shape.length === 1
          ? ops.reshape(array, [array.shape[0], 1, 1])
          : array;
      const y = rule(name, x, filter, attrs);
      const shifted = bias ? ops.add(y, channels(bias)!) : y;
      const alpha = channels(preluActivationWeights);
      return activate(name, shifted, attrs.activation, alpha, attrs.leakyreluAlpha);
    },
  );
}
