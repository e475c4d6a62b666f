/**
 * Pooling kernels over images [n, h, w, c] and volumes [n, d, h, w, c].
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { applyOp, constant, fromHost, type LazyArray, ops, sizeOf } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import * as onnx from "../onnx_ops.ts";
import { channelsFirst, channelsLast } from "./convolution.ts";
import { floating } from "./elementwise.ts";
import { imageWindows, volumeWindows, type Windows } from "./window.ts";

type Shape4D = [number, number, number, number];
type VolumeShape = [number, number, number, number, number];

interface PoolAttrs {
  readonly filterSize: unknown;
  readonly strides: unknown;
  readonly pad: unknown;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** How a kernel's window moves over an input. */
type PlaceWindows = (kernel: string, x: LazyArray, attrs: PoolAttrs) => Windows;

function onImages(kernel: string, { shape }: LazyArray, attrs: PoolAttrs): Windows {
  const info = tf.backend_util.computePool2DInfo(
    [...shape] as Shape4D,
    attrs.filterSize as [number, number],
    attrs.strides as [number, number],
    1,
    attrs.pad as "same",
    attrs.dimRoundingMode,
  );
  return imageWindows(kernel, info);
}

function onVolumes(kernel: string, { shape }: LazyArray, attrs: PoolAttrs): Windows {
  const info = tf.backend_util.computePool3DInfo(
    [...shape] as VolumeShape,
    attrs.filterSize as [number, number, number],
    attrs.strides as [number, number, number],
    1,
    attrs.pad as "same",
    attrs.dimRoundingMode,
  );
  return volumeWindows(kernel, info);
}

/** ONNX Runtime refuses padding as wide as the window, of which some windows see nothing else. */
function needsRoom({ kernel, padding }: Windows): boolean {
  return padding.some((width, i) => width >= kernel[i % kernel.length]);
}

/** Padding that never wins made part of the input, channels first. */
function withRoom(x: LazyArray, windows: Windows): [LazyArray, Windows] {
  if (!needsRoom(windows)) return [x, windows];
  const rank = windows.kernel.length;
  const [before, after] = [windows.padding.slice(0, rank), windows.padding.slice(rank)];
  const wide = ops.pad(x, [0, 0, ...before], [0, 0, ...after], -Infinity);
  return [wide, { ...windows, padding: windows.padding.map(() => 0) }];
}

function largest(x: LazyArray, windows: Windows): LazyArray {
  const [wide, { kernel, stride, padding }] = withRoom(x, windows);
  return ops.maxPool(wide, { kernel, stride, padding });
}

function largestGradient(dy: LazyArray, x: LazyArray, windows: Windows): LazyArray {
  const [wide, { kernel, stride, padding }] = withRoom(x, windows);
  const gradient = ops.maxPoolGradient(dy, wide, { kernel, stride, padding });
  if (wide === x) return gradient;
  const begin = [0, 0, ...windows.padding.slice(0, kernel.length)];
  return ops.slice(gradient, begin, begin.map((b, i) => b + x.shape[i]));
}

/** The mean of the elements of the input in each window: padding does not count. */
function mean(x: LazyArray, windows: Windows): LazyArray {
  const { kernel, stride, padding, places } = windows;
  if (!needsRoom(windows)) {
    const shape = [x.shape[0], x.shape[1], ...places];
    return onnx.averagePool(x, { kernel, stride, padding, shape });
  }
  const [n, c, ...dimensions] = x.shape;
  const single = ops.reshape(x, [n * c, 1, ...dimensions]);
  const sums = ops.conv(single, ones(kernel), { stride, padding });
  const means = ops.div(sums, elementsCounted(windows));
  return ops.reshape(means, [n, c, ...places]);
}

/** A filter that sums up a window of one channel. */
function ones(kernel: readonly number[]): LazyArray {
  return fromHost(new Float32Array(sizeOf(kernel)).fill(1), [1, 1, ...kernel]);
}

/**
 * Spreads each window's gradient evenly over the elements it counted. (TensorFlow.js' own cpu backend
 * divides by the whole window also where it hangs over the edge, unlike TensorFlow.)
 */
function meanGradient(dy: LazyArray, windows: Windows): LazyArray {
  const { kernel, stride, padding, dimensions } = windows;
  const shared = ops.div(dy, elementsCounted(windows));
  const [n, c, ...places] = shared.shape;
  const spread = ops.convInputGradient(
    ops.reshape(shared, [n * c, 1, ...places]),
    ones(kernel),
    [n * c, 1, ...dimensions],
    { stride, padding },
  );
  return ops.reshape(spread, [n, c, ...dimensions]);
}

/** How many elements of the input lie in each window; 1 where there are none, whose mean is 0 then. */
function elementsCounted(windows: Windows): LazyArray {
  const { kernel, stride, padding, dimensions, places } = windows;
  const along = places.map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const begin = i * stride[axis] - padding[axis];
      return Math.max(0, Math.min(begin + kernel[axis], dimensions[axis]) - Math.max(begin, 0));
    })
  );
  const counts = along.reduce((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  const atLeast = Float32Array.from(counts, (count) => Math.max(count, 1));
  return fromHost(atLeast, [1, 1, ...places]);
}

interface Names {
  readonly max: string;
  readonly maxGradient: string;
  readonly average: string;
  readonly averageGradient: string;
}

function definePooling({ max, maxGradient, average, averageGradient }: Names, place: PlaceWindows) {
  defineKernel<PoolAttrs>(max, ({ x }, attrs) => {
    const pooled = largest(channelsFirst(floating(x)), place(max, x, attrs));
    return ops.cast(channelsLast(pooled), x.dtype);
  });
  defineKernel<PoolAttrs>(maxGradient, ({ dy, input }, attrs) => {
    const windows = place(maxGradient, input, attrs);
    return channelsLast(largestGradient(channelsFirst(dy), channelsFirst(input), windows));
  });
  defineKernel<PoolAttrs>(
    average,
    ({ x }, attrs) => channelsLast(mean(channelsFirst(floating(x)), place(average, x, attrs))),
  );
  defineKernel<PoolAttrs>(
    averageGradient,
    ({ dy, input }, attrs) =>
      channelsLast(meanGradient(channelsFirst(dy), place(averageGradient, input, attrs))),
  );
}

definePooling({
  max: tf.MaxPool,
  maxGradient: tf.MaxPoolGrad,
  average: tf.AvgPool,
  averageGradient: tf.AvgPoolGrad,
}, onImages);

definePooling({
  max: tf.MaxPool3D,
  maxGradient: tf.MaxPool3DGrad,
  average: tf.AvgPool3D,
  averageGradient: tf.AvgPool3DGrad,
}, onVolumes);

/** Where each maximum lies among an image's (or all images') elements, channels last. */
defineKernel<tf.MaxPoolWithArgmaxAttrs>(tf.MaxPoolWithArgmax, ({ x }, attrs) => {
  const { kernel, stride, padding, dilation } = onImages(tf.MaxPoolWithArgmax, x, attrs);
  const [n, h, w, c] = x.shape;
  const options = { kernel, stride, padding, dilation };
  const input = channelsFirst(floating(x));
  // With places asked for, ONNX Runtime lets what is not a number win.
  const numbers = ops.where(ops.isNaN(input), constant(-Infinity), input);
  const [pooled, places] = applyOp(ops.MAX_POOL, [numbers], options);
  // ONNX counts over [n, c, h, w].
  const starts = Array.from({ length: n * c }, (_, i) => i * h * w);
  const within = ops.sub(ops.cast(places, "int32"), constant(starts, "int32", [n, c, 1, 1]));
  const image = Array.from(
    { length: n * c },
    (_, i) => (attrs.includeBatchInIndex ? Math.floor(i / c) * h * w * c : 0) + i % c,
  );
  const flat = ops.add(
    ops.mul(within, constant(c, "int32")),
    constant(image, "int32", [n, c, 1, 1]),
  );
  return [ops.cast(channelsLast(pooled), x.dtype), channelsLast(flat)];
});
