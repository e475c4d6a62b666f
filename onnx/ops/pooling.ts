/**
 * Maximum pooling over any number of axes, channels first, and its gradients. Of equal largest elements the first
 * (row by row) takes the whole gradient, as in PyTorch and TensorFlow.
 * @module
 */
import { lowestOf } from "../dtype.ts";
import type { GraphWriter } from "../export/graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, checkFloating, failShape, type Op } from "../op.ts";
import { type Shape, showShape, sizeOf } from "../shape.ts";
import { reshape } from "./broadcast.ts";
import { gather } from "./indexing.ts";
import { pad, slice } from "./movement.ts";
import { writeMaxPool } from "./nan_pooling.ts";
import { outputSizes, type Window, windowCount, windowSpan } from "./window.ts";
import { foldingScatter } from "./scatter_node.ts";

/** A pooling window; one number for each axis that it moves along. */
export interface PoolOptions {
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Step of the window; its size unless given. */
  readonly stride?: readonly number[];
  /** Elements around that never win: so many before each axis, then so many after each. */
  readonly padding?: readonly number[];
  /** Distance of the window's elements. 1 unless given. */
  readonly dilation?: readonly number[];
  /** Whether NaN never wins, as in TensorFlow; else a window with NaN gives NaN. */
  readonly ignoresNaN?: boolean;
}

/** {@linkcode PoolOptions}, all of them. */
export interface PoolAttributes extends Window {
  readonly [name: string]: readonly number[] | boolean;
  readonly ignoresNaN: boolean;
}

function fullAttributes(
  { kernel, stride, padding, dilation, ignoresNaN = false }: PoolOptions,
): PoolAttributes {
  return {
    kernel,
    stride: stride ?? kernel,
    padding: padding ?? kernel.flatMap(() => [0, 0]),
    dilation: dilation ?? kernel.map(() => 1),
    ignoresNaN,
  };
}

/** How a window is written in ONNX. */
export function onnxAttributes({ kernel, stride, padding, dilation }: Window) {
  return { kernel_shape: kernel, strides: stride, pads: padding, dilations: dilation };
}

/** Shape of what pooling makes of [n, c, d1, d2, ...]. */
export function pooledShape(op: string, { shape }: ArrayType, window: Window): number[] {
  const [n, c, ...sizes] = shape;
  const rank = window.kernel.length;
  if (shape.length !== rank + 2) {
    failShape(op, `input ${showShape(shape)}: expected ${rank + 2} axes [n, c, ...]`);
  }
  const described = { window: `window [${window.kernel}]`, input: showShape(shape) };
  return [n, c, ...outputSizes(op, sizes, window, described)];
}

/** Whether ONNX Runtime refuses a padding: as wide as the window, not counting the distance of its elements. */
export function exceedsRuntime({ kernel, padding }: Window): boolean {
  return padding.some((width, i) => width >= kernel[i % kernel.length]);
}

/** Whether all that some window sees is padding, which only dilation brings about: its maximum is -Infinity. */
function seesNothing(window: Window, [, , ...sizes]: Shape): boolean {
  const { kernel, stride, padding, dilation } = window;
  return sizes.some((size, i) => {
    if (dilation[i] === 1 || kernel[i] === 1) return false;
    const padded = size + padding[i] + padding[sizes.length + i];
    const count = windowCount(padded, windowSpan(kernel[i], dilation[i]), stride[i]);
    const isInside = (at: number) => at >= 0 && at < size;
    return Array.from({ length: Math.max(0, count) }, (_, k) => k * stride[i] - padding[i]).some(
      (begin) =>
        !Array.from({ length: kernel[i] }, (_, k) => begin + k * dilation[i]).some(isInside),
    );
  });
}

/** An array [n, c, d1, d2, ...] with padding that never wins made part of it. */
function padAround(x: LazyArray, padding: readonly number[]): LazyArray {
  const rank = padding.length / 2;
  const [before, after] = [padding.slice(0, rank), padding.slice(rank)];
  return pad(x, [0, 0, ...before], [0, 0, ...after], lowestOf(x.dtype));
}

/** Maximum pooling. Outputs: the maxima, and where each lay in x (int64, flat). */
export const MAX_POOL: Op<PoolAttributes> = {
  name: "MaxPool",
  infer: ([x], attributes) => {
    const shape = pooledShape("maxPool", x, attributes);
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  flops: (_, [y], { kernel }) => sizeOf(y.shape) * sizeOf(kernel),
  lower: (writer, [input], attributes, { inputs: [type], outputs: results, used }) =>
    writeMaxPool(writer, {
      input,
      type,
      options: { attributes: onnxAttributes(attributes) },
      carriesNaN: !attributes.ignoresNaN,
      withIndices: used[1],
      results,
    }),
  gradient: ({ inputs: [x], outputs: [, indices], attributes, upstream: [dy] }) => [
    dy && unpool(dy, indices, x.shape, attributes),
  ],
};

/** Largest element of each window of [n, c, d1, d2, ...]. ONNX operator MaxPool. */
export function maxPool(x: LazyArray, options: PoolOptions): LazyArray {
  const attributes = fullAttributes(options);
  const isBare = !attributes.ignoresNaN && seesNothing(attributes, x.shape);
  if (!exceedsRuntime(attributes) && !isBare) return applyOp(MAX_POOL, [x], attributes)[0];
  const { padding, ...others } = attributes;
  return maxPool(padAround(x, padding), others);
}

/** Where the largest elements lay in x (int64, flat); the padding must be narrower than the window. */
export function maxPoolIndices(x: LazyArray, options: PoolOptions): LazyArray {
  return applyOp(MAX_POOL, [x], fullAttributes(options))[1];
}

/** Gradient of {@linkcode maxPool}, from its input (for engines that do not hand on where the maxima lay). */
export function maxPoolGradient(dy: LazyArray, x: LazyArray, options: PoolOptions): LazyArray {
  const attributes = fullAttributes(options);
  if (exceedsRuntime(attributes)) {
    const { padding, ...others } = attributes;
    const wide = padAround(x, padding);
    const begin = [0, 0, ...padding.slice(0, others.kernel.length)];
    const end = begin.map((b, i) => b + x.shape[i]);
    return slice(maxPoolGradient(dy, wide, others), begin, end);
  }
  return unpool(dy, maxPoolIndices(x, attributes), x.shape, attributes);
}

interface UnpoolAttributes {
  readonly [name: string]: readonly number[] | boolean;
  readonly shape: Shape;
  /** Windows share elements, so that one element can receive several gradients, or hang over the edge. */
  readonly overlapping: boolean;
  readonly kernel: readonly number[];
}

/** Puts pooled gradients back where they came from. */
export const UNPOOL: Op<UnpoolAttributes> = {
  name: "Unpool",
  infer: ([dy], { shape }) => {
    checkFloating("unpool", dy);
    return [{ dtype: dy.dtype, shape }];
  },
  flops: ([dy], _, { overlapping }) => overlapping ? sizeOf(dy.shape) : 0,
  lower: (writer, inputs, attributes, { inputs: [dy] }) => [
    // ONNX Runtime has no MaxUnpool of float64.
    attributes.overlapping || dy.dtype === "float64"
      ? scatterFlat(writer, inputs, attributes.shape, dy)
      : writer.node("MaxUnpool", [...inputs, writer.int64s(attributes.shape)], {
        attributes: { kernel_shape: attributes.kernel, strides: attributes.kernel },
      }),
  ],
  gradient: ({ inputs: [dy, indices], upstream: [g] }) => [
    reshape(gather(reshape(g!, [-1]), reshape(indices, [-1])), dy.shape),
    null,
  ],
};

function unpool(
  dy: LazyArray,
  indices: LazyArray,
  shape: Shape,
  { kernel, stride, dilation }: PoolAttributes,
): LazyArray {
  // MaxUnpool wants room for whole windows, also where the last ones hang over the edge.
  const overlapping = kernel.some((size, i) =>
    stride[i] < size || dilation[i] !== 1 || dy.shape[2 + i] * size > shape[2 + i]
  );
  return applyOp(UNPOOL, [dy, indices], { shape, overlapping, kernel })[0];
}

function scatterFlat(
  writer: GraphWriter,
  [dy, indices]: readonly string[],
  shape: Shape,
  type: ArrayType,
): string {
  const flat = writer.int64s([-1]);
  const zeros = writer.node("Expand", [
    writer.constant([0], type.dtype),
    writer.int64s([sizeOf(shape)]),
  ]);
  const scattered = foldingScatter(
    writer,
    { op: "ScatterElements", axis: 0, reduction: "add" },
    [
      zeros,
      writer.node("Reshape", [indices, flat]),
      writer.node("Reshape", [dy, flat]),
    ],
    type.dtype,
  );
  return writer.node("Reshape", [scattered, writer.int64s(shape)]);
}
