/**
 * Ops that fold axes away or work along one: means, extremes, where those lie, softmax.
 * @module
 */
import { isFloating, readElement, storageFrom, type TypedArray } from "../dtype.ts";
import { flopsPerInput } from "../flops.ts";
import { castNode } from "../export/graph_writer.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import {
  applyOp,
  type ArrayType,
  checkFloating,
  type GradientContext,
  type HostArray,
  type Op,
} from "../op.ts";
import { normalizeAxes, normalizeAxis, sizeOf, stridesOf } from "../shape.ts";
import { div, mul, sub } from "./arithmetic.ts";
import {
  indicesAfterFolding,
  reducedShape,
  reduction,
  type ReductionAttributes,
  reductionNode,
  type ReductionOptions,
  reshape,
  stretch,
  sum,
} from "./broadcast.ts";
import { equal } from "./comparison.ts";
import { exp } from "./exponential.ts";
import { longProduct } from "./long_integers.ts";
import { inversePermutation, pad, slice, transpose } from "./movement.ts";
import { cast } from "./rounding.ts";

/** Mean over axes. */
export const mean = reduction(
  "mean",
  "ReduceMean",
  {
    start: 0,
    join: (sum, value) => sum + value,
    end: (sum, count) => sum / count,
    ofNone: NaN,
  },
  ({ inputs: [x], attributes, upstream: [dy] }) => {
    const count = attributes.axes.reduce((n, axis) => n * x.shape[axis], 1);
    return stretch(div(dy!, constant(count, x.dtype)), x, attributes.axes);
  },
);

/** Largest element over axes; equal largest elements share the gradient evenly, as PyTorch's amax. */
export const max = reduction(
  "max",
  "ReduceMax",
  {
    start: -Infinity,
    join: Math.max,
    passesOverNaN: true,
    long: { start: -(2n ** 63n), join: (best, value) => value > best ? value : best },
  },
  extremeGradient,
);

/** Smallest element over axes; equal smallest elements share the gradient evenly, as PyTorch's amin. */
export const min = reduction(
  "min",
  "ReduceMin",
  {
    start: Infinity,
    join: Math.min,
    passesOverNaN: true,
    long: { start: 2n ** 63n - 1n, join: (best, value) => value < best ? value : best },
  },
  extremeGradient,
);

/** Product over axes. */
export const prod = reduction(
  "prod",
  "ReduceProd",
  {
    start: 1,
    join: (product, value) => product * value,
    long: { start: 1n, join: (product, value) => product * value },
    ofNone: 1,
    lowerLong: (writer, x, { shape }, { axes }, result) =>
      longProduct(writer, x, shape, axes, result),
  },
  prodGradient,
);

/** The product of the others, as that of those before times that of those behind: so zeros are no exception, in its gradient too. */
function prodGradient(
  { inputs: [x], attributes: { axes }, upstream: [dy] }: GradientContext<ReductionAttributes>,
): LazyArray {
  const kept = x.shape.flatMap((_, i) => axes.includes(i) ? [] : [i]);
  const order = [...kept, ...axes];
  const sorted = transpose(x, order);
  const rows = reshape(sorted, [
    sizeOf(kept.map((i) => x.shape[i])),
    sizeOf(axes.map((i) => x.shape[i])),
  ]);
  const others = mul(productsBefore(rows, false), productsBefore(rows, true));
  const slope = transpose(reshape(others, sorted.shape), inversePermutation(order));
  return mul(stretch(dy!, x, axes), slope);
}

/** Of each element of a row, the product of those before it (or behind), 1 of none. */
function productsBefore(rows: LazyArray, isBehind: boolean): LazyArray {
  const [count, length] = rows.shape;
  const moved = (x: LazyArray, step: number) => {
    const [begin, end] = isBehind ? [step, length] : [0, length - step];
    const run = slice(x, [0, begin], [count, end]);
    return isBehind ? pad(run, [0, 0], [0, step], 1) : pad(run, [0, step], [0, 0], 1);
  };
  if (length === 0) return rows;
  let result = moved(rows, 1);
  for (let step = 1; step < length; step *= 2) result = mul(result, moved(result, step));
  return result;
}

function extremeGradient(
  { inputs: [x], outputs: [y], attributes: { axes }, upstream: [dy] }: GradientContext<
    ReductionAttributes
  >,
): LazyArray {
  const chosen = cast(equal(x, stretch(y, x, axes)), x.dtype);
  const shared = sum(chosen, { axes, keepDims: true });
  return div(mul(chosen, stretch(dy!, x, axes)), shared);
}

interface ArgAttributes {
  readonly [name: string]: number | boolean;
  readonly axis: number;
  readonly keepDims: boolean;
  readonly nanFirst: boolean;
}

/** Options of {@linkcode argMax} and {@linkcode argMin}. */
export interface ArgOptions {
  /** Whether the axis stays, with size 1; false unless given. */
  readonly keepDims?: boolean;
  /** Whether the first NaN wins, as in PyTorch; else NaN is passed over. False unless given. */
  readonly nanFirst?: boolean;
}

function argReduction(
  name: string,
  onnxName: string,
  isBetter: (value: number, best: number) => boolean,
) {
  const op: Op<ArgAttributes> = {
    name: onnxName,
    infer: (
      [x],
      { axis, keepDims },
    ) => [{ dtype: "int64", shape: reducedShape(x.shape, [axis], keepDims) }],
    flops: flopsPerInput(1),
    lower: (writer, [x], { axis, keepDims, nanFirst }) => {
      const attributes = { axis, keepdims: keepDims };
      const best = writer.node(onnxName, [x], { attributes });
      if (!nanFirst || !writer.carriesNaN) return [best];
      const isNaN = castNode(writer, writer.node("IsNaN", [x]), "int32");
      const first = writer.node("ArgMax", [isNaN], { attributes });
      const some = writer.node("ReduceMax", [isNaN, writer.int64s([axis])], {
        attributes: { keepdims: keepDims },
      });
      return [writer.node("Where", [castNode(writer, some, "bool"), first, best])];
    },
    host: ([x], { axis, nanFirst }, output) =>
      indicesOfBest(
        x,
        axis,
        output,
        (value, best) =>
          isBetter(value, best) || (nanFirst && Number.isNaN(value) && !Number.isNaN(best)),
      ),
  };
  return (x: LazyArray, axis: number, options: ArgOptions = {}): LazyArray =>
    applyOp(op, [x], {
      axis: normalizeAxis(name, axis, x.shape.length),
      keepDims: options.keepDims ?? false,
      nanFirst: (options.nanFirst ?? false) && isFloating(x.dtype),
    })[0];
}

function indicesOfBest(
  x: HostArray,
  axis: number,
  output: ArrayType,
  isBetter: (value: number, best: number) => boolean,
): TypedArray {
  const inner = stridesOf(x.shape)[axis];
  const dimension = x.shape[axis];
  const indices = Array.from({ length: sizeOf(output.shape) }, (_, i) => {
    const first = Math.floor(i / inner) * inner * dimension + i % inner;
    let best = 0;
    for (let k = 1; k < dimension; k++) {
      const [value, before] = [k, best].map((at) => readElement(x.data, first + at * inner));
      if (isBetter(value, before)) best = k;
    }
    return best;
  });
  return storageFrom(indices, output.dtype);
}

/** Position (int64) of the largest element along an axis, the first of equal ones. */
export const argMax = argReduction("argMax", "ArgMax", (value, best) => value > best);

/** Position (int64) of the smallest element along an axis, the first of equal ones. */
export const argMin = argReduction("argMin", "ArgMin", (value, best) => value < best);

interface AxisAttribute {
  readonly [name: string]: number;
  readonly axis: number;
}

function normalizer(
  name: string,
  onnxName: string,
  gradient: (y: LazyArray, dy: LazyArray, axis: number) => LazyArray,
) {
  const op: Op<AxisAttribute> = {
    name: onnxName,
    infer: ([x]) => {
      checkFloating(name, x);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    // The largest, the difference from it, its exponential, their sum, and a quotient or a difference.
    flops: flopsPerInput(5),
    lower: (writer, [x], { axis }) => [writer.node(onnxName, [x], { attributes: { axis } })],
    gradient: ({ outputs: [y], attributes: { axis }, upstream: [dy] }) => [gradient(y, dy!, axis)],
  };
  return (x: LazyArray, axis = -1): LazyArray =>
    applyOp(op, [x], { axis: normalizeAxis(name, axis, x.shape.length) })[0];
}

/** Exponentials along an axis, scaled so that they sum to 1. */
export const softmax = normalizer("softmax", "Softmax", (y, dy, axis) => {
  const inner = sum(mul(dy, y), { axes: axis, keepDims: true });
  return mul(y, sub(dy, inner));
});

/** Logarithm of {@linkcode softmax}, computed without overflow. */
export const logSoftmax = normalizer(
  "logSoftmax",
  "LogSoftmax",
  (y, dy, axis) => sub(dy, mul(exp(y), sum(dy, { axes: axis, keepDims: true }))),
);

const LOG_SUM_EXP: Op<ReductionAttributes> = {
  name: "LogSumExp",
  infer: ([x], { axes, keepDims }) => {
    checkFloating("logSumExp", x);
    return [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) }];
  },
  flops: flopsPerInput(4),
  // Not ReduceLogSumExp, which makes NaN of infinities.
  lower: (writer, [x], { axes }, { inputs: [{ dtype }], outputs: [{ shape }] }) => {
    const reduce = (operator: string, name: string) =>
      reductionNode(writer, operator, name, axes, true);
    const top = reduce("ReduceMax", x);
    const isInfinite = writer.node("IsInf", [castNode(writer, top, "float32")]);
    const finite = writer.node("Where", [isInfinite, writer.scalar(0, dtype), top]);
    const powers = writer.node("Exp", [writer.node("Sub", [x, finite])]);
    const sum = writer.node("Log", [reduce("ReduceSum", powers)]);
    const result = writer.node("Add", [sum, finite]);
    return [writer.node("Reshape", [result, writer.int64s(shape)])];
  },
  host: (inputs, attributes, output) => logSumExpOnHost(inputs[0], attributes, output),
  gradient: ({ inputs: [x], outputs: [y], attributes: { axes }, upstream: [dy] }) => [
    mul(stretch(dy!, x, axes), exp(sub(x, stretch(y, x, axes)))),
  ],
};

function logSumExpOnHost(
  x: HostArray,
  { axes }: ReductionAttributes,
  output: ArrayType,
): TypedArray {
  const to = indicesAfterFolding(x.shape, axes);
  const tops = new Array<number>(sizeOf(output.shape)).fill(-Infinity);
  const sums = new Array<number>(tops.length).fill(0);
  to.forEach((k, i) => tops[k] = Math.max(tops[k], readElement(x.data, i)));
  const finite = tops.map((top) => Math.abs(top) === Infinity ? 0 : top);
  to.forEach((k, i) => sums[k] += Math.exp(readElement(x.data, i) - finite[k]));
  return storageFrom(sums.map((sum, k) => Math.log(sum) + finite[k]), output.dtype);
}

/** Logarithm of the sum of exponentials over axes, without overflow, infinite elements included. */
export function logSumExp(x: LazyArray, options: ReductionOptions = {}): LazyArray {
  const axes = normalizeAxes("logSumExp", options.axes, x.shape.length);
  return applyOp(LOG_SUM_EXP, [x], { axes, keepDims: options.keepDims ?? false })[0];
}
