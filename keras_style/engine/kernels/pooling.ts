/**
 * Pooling kernels over [n, h, w, c].
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import * as onnx from "../onnx_ops.ts";
import { channelsFirst, channelsLast } from "./convolution.ts";
import { floating } from "./elementwise.ts";
import { fitPadding, type WindowInfo } from "./window.ts";

function infoOf(x: LazyArray, attrs: tf.MaxPoolAttrs): WindowInfo {
  return tf.backend_util.computePool2DInfo(
    [...x.shape] as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}

function optionsOf(kernel: string, info: WindowInfo) {
  return {
    kernel: [info.filterHeight, info.filterWidth] as const,
    stride: [info.strideHeight, info.strideWidth] as const,
    padding: fitPadding(kernel, info),
  };
}

defineKernel<tf.MaxPoolAttrs>(tf.MaxPool, ({ x }, attrs) => {
  const options = optionsOf(tf.MaxPool, infoOf(x, attrs));
  const pooled = channelsLast(ops.maxPool2d(channelsFirst(floating(x)), options));
  return ops.cast(pooled, x.dtype);
});

defineKernel<tf.MaxPoolGradAttrs>(tf.MaxPoolGrad, ({ dy, input }, attrs) => {
  const options = optionsOf(tf.MaxPoolGrad, infoOf(input, attrs));
  return channelsLast(ops.maxPool2dGradient(channelsFirst(dy), channelsFirst(input), options));
});

defineKernel<tf.AvgPoolAttrs>(tf.AvgPool, ({ x }, attrs) => {
  const info = infoOf(x, attrs);
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const options = optionsOf(tf.AvgPool, info);
  return channelsLast(onnx.averagePool(channelsFirst(floating(x)), { ...options, shape }));
});

/**
 * Spreads each window's gradient evenly over the elements it counted. (TensorFlow.js' own cpu backend
 * divides by the whole window also where it hangs over the edge, unlike TensorFlow.)
 */
defineKernel<tf.AvgPoolGradAttrs>(tf.AvgPoolGrad, ({ dy, input }, attrs) => {
  const info = infoOf(input, attrs);
  const { kernel, stride, padding } = optionsOf(tf.AvgPoolGrad, info);
  const shared = ops.div(channelsFirst(dy), elementsCounted(info));
  const [n, c, p, q] = shared.shape;
  const spread = ops.conv2dInputGradient(
    ops.reshape(shared, [n * c, 1, p, q]),
    fromHost(new Float32Array(kernel[0] * kernel[1]).fill(1), [1, 1, ...kernel]),
    [n * c, 1, info.inHeight, info.inWidth],
    { stride, padding },
  );
  return channelsLast(ops.reshape(spread, [n, c, info.inHeight, info.inWidth]));
});

/** How many elements of the picture lie in each window. */
function elementsCounted(info: WindowInfo): LazyArray {
  const along = (out: number, extent: number, window: number, stride: number, before: number) =>
    Array.from({ length: out }, (_, i) => {
      const begin = i * stride - before;
      return Math.min(begin + window, extent) - Math.max(begin, 0);
    });
  const { padInfo: { top, left }, outHeight, outWidth } = info;
  const rows = along(outHeight, info.inHeight, info.filterHeight, info.strideHeight, top);
  const columns = along(outWidth, info.inWidth, info.filterWidth, info.strideWidth, left);
  const counts = rows.flatMap((row) => columns.map((column) => row * column));
  return fromHost(Float32Array.from(counts), [1, 1, outHeight, outWidth]);
}
