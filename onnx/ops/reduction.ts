/**
 * Ops that fold axes away: sums, means, extremes and where those lie.
 * @module
 */
import { isFloating } from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type GradientContext, type Op } from "../op.ts";
import { normalizeAxes, normalizeAxis, sameShape, type Shape } from "../shape.ts";
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
  /** Keep folded axes with extent 1. */
  readonly keepDims?: boolean;
}

function reduction(name: string, onnxName: string, rule: ReductionGradient) {
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
    gradient: (context) => [rule(context)],
  };
  return (x: LazyArray, options: ReductionOptions = {}): LazyArray => {
    if (x.dtype === "bool") failShape(name, "dtype bool is not supported, cast it first");
    const axes = normalizeAxes(name, options.axes, x.shape.length);
    if (axes.length === 0) return x;
    return applyOp(op, [x], { axes, keepDims: options.keepDims ?? false })[0];
  };
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((extent, i) => axes.includes(i) ? 1 : extent);
  return shape.filter((_, i) => !axes.includes(i));
}

/** Stretches what a reduction returned back over the folded axes. */
function stretch(y: LazyArray, x: ArrayType, axes: readonly number[]): LazyArray {
  return expand(reshape(y, reducedShape(x.shape, axes, true)), x.shape);
}

/** Sum over axes. */
export const sum = reduction(
  "sum",
  "ReduceSum",
  ({ inputs: [x], attributes, upstream: [dy] }) => stretch(dy!, x, attributes.axes),
);

/** Mean over axes. */
export const mean = reduction(
  "mean",
  "ReduceMean",
  ({ inputs: [x], attributes, upstream: [dy] }) => {
    const count = attributes.axes.reduce((n, axis) => n * x.shape[axis], 1);
    return stretch(div(dy!, constant(count, x.dtype)), x, attributes.axes);
  },
);

/** Largest element over axes; equal largest elements share the gradient evenly, as PyTorch's amax. */
export const max = reduction("max", "ReduceMax", extremeGradient);

/** Smallest element over axes; equal smallest elements share the gradient evenly, as PyTorch's amin. */
export const min = reduction("min", "ReduceMin", extremeGradient);

/** Product over axes. */
export const prod = reduction(
  "prod",
  "ReduceProd",
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
  const axes = x.shape.flatMap((extent, i) =>
    i < extra || (shape[i - extra] === 1 && extent !== 1) ? [i] : []
  );
  return reshape(sum(x, { axes }), shape);
}

interface ArgAttributes {
  readonly [name: string]: number | boolean;
  readonly axis: number;
  readonly keepDims: boolean;
}

function argReduction(name: string, onnxName: string) {
  const op: Op<ArgAttributes> = {
    name: onnxName,
    infer: (
      [x],
      { axis, keepDims },
    ) => [{ dtype: "int64", shape: reducedShape(x.shape, [axis], keepDims) }],
    lower: (writer, [x], { axis, keepDims }) => [
      writer.node(onnxName, [x], { attributes: { axis, keepdims: keepDims } }),
    ],
  };
  return (x: LazyArray, axis: number, options: { readonly keepDims?: boolean } = {}): LazyArray =>
    applyOp(op, [x], {
      axis: normalizeAxis(name, axis, x.shape.length),
      keepDims: options.keepDims ?? false,
    })[0];
}

/** Position (int64) of the largest element along an axis, the first of equal ones. */
export const argMax = argReduction("argMax", "ArgMax");

/** Position (int64) of the smallest element along an axis, the first of equal ones. */
export const argMin = argReduction("argMin", "ArgMin");

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
