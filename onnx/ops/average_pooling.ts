/**
 * Average pooling over any number of axes, channels first, and its gradient.
 * @module
 */
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, checkFloating, type Op } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { mul } from "./arithmetic.ts";
import { expand, reshape } from "./broadcast.ts";
import { conv, convInputGradient } from "./convolution.ts";
import { exceedsRuntime, onnxAttributes, pooledShape } from "./pooling.ts";
import type { Window } from "./window.ts";

/** A window of {@linkcode averagePool}; one number for each axis that it moves along. */
export interface AveragePoolOptions {
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Step of the window; its size unless given. */
  readonly stride?: readonly number[];
  /** Zeros around: so many before each axis, then so many after each. None unless given. */
  readonly padding?: readonly number[];
  /** Whether the zeros around count as elements; true unless given. */
  readonly countPadding?: boolean;
}

export interface AveragePoolAttributes extends Attributes, Window {
  readonly [name: string]: readonly number[] | boolean;
  readonly countPadding: boolean;
}

function fullAttributes(options: AveragePoolOptions): AveragePoolAttributes {
  const { kernel, stride = kernel, padding = kernel.flatMap(() => [0, 0]) } = options;
  const { countPadding = true } = options;
  return { kernel, stride, padding, dilation: kernel.map(() => 1), countPadding };
}

export const AVERAGE_POOL: Op<AveragePoolAttributes> = {
  name: "AveragePool",
  infer: ([x], attributes) => {
    checkFloating("averagePool", x);
    return [{ dtype: x.dtype, shape: pooledShape("averagePool", x, attributes) }];
  },
  flops: (_, [y], { kernel }) => sizeOf(y.shape) * sizeOf(kernel),
  lower: (writer, [x], attributes) => {
    // The operator has no dilations before opset 19.
    const { dilations: _, ...window } = onnxAttributes(attributes);
    const counted = { count_include_pad: attributes.countPadding };
    return [writer.node("AveragePool", [x], { attributes: { ...window, ...counted } })];
  },
  gradient: ({ inputs: [x], attributes, upstream: [dy] }) => [
    averagePoolGradient(dy!, x.shape, attributes),
  ],
};

/** Mean of each window of [n, c, d1, d2, ...]; 0 where a window sees nothing that counts. ONNX operator AveragePool. */
export function averagePool(x: LazyArray, options: AveragePoolOptions): LazyArray {
  const attributes = fullAttributes(options);
  if (!exceedsRuntime(attributes)) return applyOp(AVERAGE_POOL, [x], attributes)[0];
  return averagePoolByConvolution(x, attributes);
}

/** {@linkcode averagePool} as sums, which a filter of ones gives, by what each mean weighs. */
export function averagePoolByConvolution(
  x: LazyArray,
  attributes: AveragePoolAttributes,
): LazyArray {
  const { stride, padding } = attributes;
  const [n, c, ...sizes] = x.shape;
  const single = reshape(x, [n * c, 1, ...sizes]);
  const sums = conv(single, ones(x, attributes), { stride, padding });
  return mul(reshape(sums, [n, c, ...sums.shape.slice(2)]), shares(sums, x.shape, attributes));
}

/** A filter of one channel that sums up a window. */
function ones(x: LazyArray, { kernel }: Window): LazyArray {
  return constant(new Array(sizeOf(kernel)).fill(1), x.dtype, [1, 1, ...kernel]);
}

/** Every element receives a share of the gradient of each window that it lies in. @param shape of what was pooled */
export function averagePoolGradient(
  dy: LazyArray,
  shape: Shape,
  options: AveragePoolOptions,
): LazyArray {
  checkFloating("averagePoolGradient", dy);
  const attributes = fullAttributes(options);
  const { kernel, stride, padding } = attributes;
  const [n, c, ...sizes] = shape;
  const windows = dy.shape.slice(2);
  const shared = mul(dy, shares(dy, shape, attributes));
  const covering = padding.every((width) => width === 0) &&
    kernel.every((size, i) => stride[i] === size && windows[i] * size === sizes[i]);
  if (covering) {
    const apart = [n, c, ...windows.flatMap((count) => [count, 1])];
    const repeated = [n, c, ...windows.flatMap((count, i) => [count, kernel[i]])];
    return reshape(expand(reshape(shared, apart), repeated), shape);
  }
  const single = reshape(shared, [n * c, 1, ...windows]);
  const movement = { stride, padding };
  const gradient = convInputGradient(single, ones(dy, attributes), [n * c, 1, ...sizes], movement);
  return reshape(gradient, shape);
}

/** What one element weighs in the mean of each window. */
function shares(
  pooled: LazyArray,
  [, , ...sizes]: Shape,
  { kernel, stride, padding, countPadding }: AveragePoolAttributes,
): LazyArray {
  const whole = constant(1 / sizeOf(kernel), pooled.dtype);
  if (countPadding || padding.every((width) => width === 0)) return whole;
  const windows = pooled.shape.slice(2);
  const along = windows.map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const begin = i * stride[axis] - padding[axis];
      return Math.max(0, Math.min(begin + kernel[axis], sizes[axis]) - Math.max(begin, 0));
    })
  );
  const counts = along.reduce((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  const values = counts.map((count) => 1 / Math.max(count, 1));
  return constant(values, pooled.dtype, [1, 1, ...windows]);
}
