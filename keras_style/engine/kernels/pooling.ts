/**
 * Pooling kernels over images [n, h, w, c] and volumes [n, d, h, w, c].
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { applyOp, constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { channelsFirst, channelsFirstShape, channelsLast } from "./convolution.ts";
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
type WindowRule = (kernel: string, x: LazyArray, attrs: PoolAttrs) => Windows;

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

interface Names {
  readonly max: string;
  readonly maxGradient: string;
  readonly average: string;
  readonly averageGradient: string;
}

/** How a window moves, for the ops, and the sizes of the result. */
interface Pooling extends ops.AveragePoolOptions {
  readonly outputSizes: readonly number[];
}

/** Pools an input, channels last. A window that fits nowhere leaves nothing (ONNX refuses it). */
function pooled(
  x: LazyArray,
  { outputSizes, ...options }: Pooling,
  pool: (x: LazyArray, options: ops.AveragePoolOptions) => LazyArray,
): LazyArray {
  if (outputSizes.every((count) => count > 0)) return channelsLast(pool(channelsFirst(x), options));
  const shape = [x.shape[0], ...outputSizes.map((count) => Math.max(count, 0)), x.shape.at(-1)!];
  return ops.expand(constant(0, x.dtype), shape);
}

function definePooling(
  { max, maxGradient, average, averageGradient }: Names,
  windowsOn: WindowRule,
) {
  const optionsOf = (kernelName: string, x: LazyArray, attrs: PoolAttrs) => {
    const { kernel, stride, padding, outputSizes } = windowsOn(kernelName, x, attrs);
    // The mean of the elements of the input in each window. (TensorFlow.js' own cpu backend divides its gradient by the
    // whole window also where it hangs over the edge, unlike TensorFlow.)
    return { kernel, stride, padding, outputSizes, countPadding: false };
  };
  defineKernel<PoolAttrs>(max, ({ x }, attrs) => {
    const options = { ...optionsOf(max, x, attrs), ignoresNaN: true };
    return ops.cast(pooled(floating(x), options, ops.maxPool), x.dtype);
  });
  defineKernel<PoolAttrs>(maxGradient, ({ dy, input }, attrs) => {
    const options = { ...optionsOf(maxGradient, input, attrs), ignoresNaN: true };
    return channelsLast(ops.maxPoolGradient(channelsFirst(dy), channelsFirst(input), options));
  });
  defineKernel<PoolAttrs>(average, ({ x }, attrs) => {
    return pooled(floating(x), optionsOf(average, x, attrs), ops.averagePool);
  });
  defineKernel<PoolAttrs>(averageGradient, ({ dy, input }, attrs) => {
    const options = optionsOf(averageGradient, input, attrs);
    const shape = channelsFirstShape(input.shape);
    return channelsLast(ops.averagePoolGradient(channelsFirst(dy), shape, options));
  });
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
  // With indices asked for, ONNX Runtime lets what is not a number win.
  const comparable = ops.where(ops.isNaN(input), constant(-Infinity), input);
  const [pooled, indices] = applyOp(ops.MAX_POOL, [comparable], options);
  // ONNX counts over [n, c, h, w].
  const starts = Array.from({ length: n * c }, (_, i) => i * h * w);
  const within = ops.sub(ops.cast(indices, "int32"), constant(starts, "int32", [n, c, 1, 1]));
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
