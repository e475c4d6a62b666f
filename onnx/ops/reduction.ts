/**
 * Ops that fold axes away: sums, means, extremes and where those lie.
 * @module
 */
import { isFloating, readElement, storageFrom, type TypedArray } from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import {
  applyOp,
  type ArrayType,
  failShape,
  type GradientContext,
  type HostArray,
  type Op,
} from "../op.ts";
import {
  normalizeAxes,
  normalizeAxis,
  sameShape,
  type Shape,
  sizeOf,
  stridesOf,
} from "../shape.ts";
import { cast, div, equal, exp, mul, sub } from "./elementwise.ts";
import { expand, reshape } from "./movement.ts";

interface ReductionAttributes {
  readonly [name: string]: readonly number[] | boolean;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

type ReductionGradient = (context: GradientContext<ReductionAttributes>) => LazyArray;

/** Names of the ops that fold axes. */
export const REDUCTION_OPS = new Set<string>();

/** Options of a reduction. */
export interface ReductionOptions {
  /** Axes to fold, negative ones from the back; all unless given. */
  readonly axes?: number | readonly number[] | null;
  /** Keep folded axes with dimension 1. */
  readonly keepDims?: boolean;
}

/** How a reduction is computed on the host: what it starts from, how an element joins, what `count` elements end as. */
interface Fold {
  readonly start: number;
  readonly join: (folded: number, value: number) => number;
  readonly end?: (folded: number, count: number) => number;
}

function reduction(name: string, onnxName: string, fold: Fold, rule: ReductionGradient) {
  REDUCTION_OPS.add(onnxName);
  const op: Op<ReductionAttributes> = {
    name: onnxName,
    infer: (
      [x],
      { axes, keepDims },
    ) => [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) }],
    lower: (writer, [x], { axes, keepDims }) => [
      writer.node(onnxName, [x, writer.int64s(axes)], {
        attributes: { keepdims: keepDims, noop_with_empty_axes: 1 },
      }),
    ],
    host: ([x], { axes }, output) => foldOnHost(x, axes, output, fold),
    gradient: (context) => [rule(context)],
  };
  return (x: LazyArray, options: ReductionOptions = {}): LazyArray => {
    if (x.dtype === "bool") failShape(name, "dtype bool is not supported, cast it first");
    const axes = normalizeAxes(name, options.axes, x.shape.length);
    if (axes.length === 0) return x;
    return applyOp(op, [x], { axes, keepDims: options.keepDims ?? false })[0];
  };
}

function foldOnHost(
  x: HostArray,
  axes: readonly number[],
  output: ArrayType,
  { start, join, end }: Fold,
): TypedArray {
  const folded = new Array<number>(sizeOf(output.shape)).fill(start);
  const places = placesAfterFolding(x.shape, axes);
  places.forEach((to, from) => folded[to] = join(folded[to], readElement(x.data, from)));
  const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
  return storageFrom(end ? folded.map((value) => end(value, count)) : folded, output.dtype);
}

/** For every element of an array the place it is folded into. */
function placesAfterFolding(shape: Shape, axes: readonly number[]): number[] {
  const strides = stridesOf(shape.map((dimension, axis) => axes.includes(axis) ? 1 : dimension));
  let places = [0];
  shape.forEach((dimension, axis) => {
    const stride = axes.includes(axis) ? 0 : strides[axis];
    places = places.flatMap((place) =>
      Array.from({ length: dimension }, (_, i) => place + i * stride)
    );
  });
  return places;
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((dimension, i) => axes.includes(i) ? 1 : dimension);
  return shape.filter((_, i) => !axes.includes(i));
}

/** Stretches what a reduction returned back over the folded axes. */
function stretch(y: LazyArray, x: ArrayType, axes: readonly number[]): LazyArray {
  return expand(reshape(y, reducedShape(x.shape, axes, true)), x.shape);
}

/** Name of {@linkcode sum}'s op, so that rewriting can find it. */
export const SUM = "ReduceSum";

/** Sum over axes. */
export const sum = reduction(
  "sum",
  SUM,
  { start: 0, join: (sum, value) => sum + value },
  ({ inputs: [x], attributes, upstream: [dy] }) => stretch(dy!, x, attributes.axes),
);

/** Mean over axes. */
export const mean = reduction(
  "mean",
  "ReduceMean",
  { start: 0, join: (sum, value) => sum + value, end: (sum, count) => sum / count },
  ({ inputs: [x], attributes, upstream: [dy] }) => {
    const count = attributes.axes.reduce((n, axis) => n * x.shape[axis], 1);
    return stretch(div(dy!, constant(count, x.dtype)), x, attributes.axes);
  },
);

/** Largest element over axes; equal largest elements share the gradient evenly, as PyTorch's amax. */
export const max = reduction(
  "max",
  "ReduceMax",
  { start: -Infinity, join: Math.max },
  extremeGradient,
);

/** Smallest element over axes; equal smallest elements share the gradient evenly, as PyTorch's amin. */
export const min = reduction(
  "min",
  "ReduceMin",
  { start: Infinity, join: Math.min },
  extremeGradient,
);

/** Product over axes. */
export const prod = reduction(
  "prod",
  "ReduceProd",
  { start: 1, join: (product, value) => product * value },
  ({ inputs: [x], outputs: [y], attributes, upstream: [dy] }) =>
    div(stretch(mul(dy!, y), x, attributes.axes), x),
);

function extremeGradient(
  { inputs: [x], outputs: [y], attributes: { axes }, upstream: [dy] }: GradientContext<
    ReductionAttributes
  >,
): LazyArray {
  const chosen = cast(equal(x, stretch(y, x, axes)), x.dtype);
  const shared = sum(chosen, { axes, keepDims: true });
  return div(mul(chosen, stretch(dy!, x, axes)), shared);
}

/** Sums a gradient over the axes along which an input was broadcast. */
export function sumTo(x: LazyArray, shape: Shape): LazyArray {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dimension, i) =>
    i < extra || (shape[i - extra] === 1 && dimension !== 1) ? [i] : []
  );
  return reshape(sum(x, { axes }), shape);
}

interface ArgAttributes {
  readonly [name: string]: number | boolean;
  readonly axis: number;
  readonly keepDims: boolean;
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
    lower: (writer, [x], { axis, keepDims }) => [
      writer.node(onnxName, [x], { attributes: { axis, keepdims: keepDims } }),
    ],
    host: ([x], { axis }, output) => placesOfBest(x, axis, output, isBetter),
  };
  return (x: LazyArray, axis: number, options: { readonly keepDims?: boolean } = {}): LazyArray =>
    applyOp(op, [x], {
      axis: normalizeAxis(name, axis, x.shape.length),
      keepDims: options.keepDims ?? false,
    })[0];
}

function placesOfBest(
  x: HostArray,
  axis: number,
  output: ArrayType,
  isBetter: (value: number, best: number) => boolean,
): TypedArray {
  const inner = stridesOf(x.shape)[axis];
  const dimension = x.shape[axis];
  const places = Array.from({ length: sizeOf(output.shape) }, (_, i) => {
    const first = Math.floor(i / inner) * inner * dimension + i % inner;
    let best = 0;
    for (let k = 1; k < dimension; k++) {
      const [value, before] = [k, best].map((at) => readElement(x.data, first + at * inner));
      if (isBetter(value, before)) best = k;
    }
    return best;
  });
  return storageFrom(places, output.dtype);
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
      if (!isFloating(x.dtype)) {
        failShape(name, `dtype ${x.dtype} is not supported, expected floating point`);
      }
      return [{ dtype: x.dtype, shape: x.shape }];
    },
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
