/**
 * Convolution kernels over volumes: [n, d, h, w, c] with filters [d, h, w, in, out].
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { channelsFirst, channelsFirstShape, channelsLast } from "./convolution.ts";
import { volumeWindows } from "./window.ts";

type Shape5D = [number, number, number, number, number];

interface ConvAttrs {
  readonly strides: [number, number, number] | number;
  readonly pad: "valid" | "same";
  readonly dilations?: [number, number, number] | number;
}

const FILTER_TO_ONNX = [4, 3, 0, 1, 2];
const FILTER_FROM_ONNX = [2, 3, 4, 1, 0];

function optionsOf(
  kernel: string,
  x: readonly number[],
  filter: readonly number[],
  attrs: ConvAttrs,
): ops.ConvOptions {
  const info = tf.backend_util.computeConv3DInfo(
    [...x] as Shape5D,
    [...filter] as Shape5D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
  );
  const { stride, padding, dilation } = volumeWindows(kernel, info);
  return { stride, padding, dilation };
}

defineKernel<tf.Conv3DAttrs>(tf.Conv3D, ({ x, filter }, attrs) => {
  const options = optionsOf(tf.Conv3D, x.shape, filter.shape, attrs);
  const weights = ops.transpose(filter, FILTER_TO_ONNX);
  return channelsLast(ops.conv(channelsFirst(x), weights, options));
});

defineKernel<tf.Conv3DBackpropFilterV2Attrs>(tf.Conv3DBackpropFilterV2, ({ x, dy }, attrs) => {
  const [d, h, w, c, o] = attrs.filterShape;
  const options = optionsOf(tf.Conv3DBackpropFilterV2, x.shape, attrs.filterShape, attrs);
  const shape = [o, c, d, h, w];
  const gradient = ops.convFilterGradient(channelsFirst(x), channelsFirst(dy), shape, options);
  return ops.transpose(gradient, FILTER_FROM_ONNX);
});

defineKernel<tf.Conv3DBackpropInputV2Attrs>(
  tf.Conv3DBackpropInputV2,
  ({ dy, filter }, attrs) => {
    const options = optionsOf(tf.Conv3DBackpropInputV2, attrs.inputShape, filter.shape, attrs);
    const shape = channelsFirstShape(attrs.inputShape);
    const weights = ops.transpose(filter, FILTER_TO_ONNX);
    return channelsLast(ops.convInputGradient(channelsFirst(dy), weights, shape, options));
  },
);
