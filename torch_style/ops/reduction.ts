/**
 * Functions that fold axes away. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import {
  constant,
  type DType,
  isFloating,
  type LazyArray,
  normalizeAxes,
  ops,
} from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { div, mul, where } from "./elementwise.ts";
import { maximum, minimum } from "./elementwise.ts";
import { fractional } from "./type_promotion.ts";

/** Axes to fold; all of them unless given. */
export type Dims = number | readonly number[] | null;

/** What {@linkcode Dims} is, as an argument. */
export const dims: Kind<Dims> = kinds.nullable(kinds.either(kinds.integer, kinds.integers));

/** Options of reductions. */
export interface ReductionOptions {
  /** Folded axes stay, with dimension 1. */
  readonly keepdim?: boolean;
}

type Fold = (x: LazyArray, options: { axes?: Dims; keepDims?: boolean }) => LazyArray;

function reduce(name: string, input: Tensor, dim: Dims | undefined, keepdim: boolean, fold: Fold) {
  return apply(name, [input], ([x]) => fold(x, { axes: dim, keepDims: keepdim }));
}

/** Integers and booleans are summed up as int64. */
function countable(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x : x.to("int64");
}

const SUM = signature(
  "sum",
  ["input", tensorKind],
  ["dim", dims, undefined],
  ["keepdim", kinds.boolean, undefined],
  "*",
  ["dtype", kinds.dtype, undefined],
);

/** Sum */
export function sum(
  ...given: Call<
    typeof SUM,
    { readonly dim?: Dims } & ReductionOptions & { readonly dtype?: DType },
    [input: Tensor]
  >
): Tensor {
  const { input, dim, keepdim = false, dtype } = SUM.read(given);
  return reduce("Sum", dtype ? input.to(dtype) : countable(input), dim, keepdim, ops.sum);
}

const PROD = signature("prod", ["input", tensorKind], ["dim", kinds.integer, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Product */
export function prod(
  ...given: Call<typeof PROD, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
) {
  const { input, dim, keepdim = false } = PROD.read(given);
  return reduce("Prod", countable(input), dim, keepdim, ops.prod);
}

const MEAN = signature("mean", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Mean of fractions */
export function mean(
  ...given: Call<typeof MEAN, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = MEAN.read(given);
  if (!isFloating(input.dtype)) {
    throw new Error(
      "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. " +
        `Got: ${input.dtype}`,
    );
  }
  return reduce("Mean", input, dim, keepdim, ops.mean);
}

const AMAX = signature("amax", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Largest element; equal ones share the gradient. */
export function amax(
  ...given: Call<typeof AMAX, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = AMAX.read(given);
  refuseNothing("amax", input, dim);
  return reduce("Amax", input, dim, keepdim, ops.max);
}

const AMIN = signature("amin", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Smallest element; equal ones share the gradient. */
export function amin(
  ...given: Call<typeof AMIN, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = AMIN.read(given);
  refuseNothing("amin", input, dim);
  return reduce("Amin", input, dim, keepdim, ops.min);
}

function refuseNothing(name: string, { shape }: Tensor, dim: Dims | undefined): void {
  const empty = normalizeAxes(name, dim, shape.length).find((axis) => shape[axis] === 0);
  if (empty === undefined) return;
  throw new Error(`${name}(): Expected reduction dim ${empty} to have non-zero size.`);
}

/** Extremes along an axis, and where they lie. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

type Extreme = {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean | ReductionOptions): ValuesAndIndices;
  (input: Tensor, other: Tensor): Tensor;
  (input: Tensor, options: { readonly dim: number } & ReductionOptions): ValuesAndIndices;
};

/** {@linkcode Extreme} as a method. */
interface ExtremeMethod {
  (): Tensor;
  (dim: number, keepdim?: boolean | ReductionOptions): ValuesAndIndices;
  (other: Tensor): Tensor;
  (options: { readonly dim: number } & ReductionOptions): ValuesAndIndices;
}

/** Of all elements, along an axis with their indices, or of two tensors element by element. */
function extreme(
  name: string,
  whole: (x: Tensor) => Tensor,
  indexOf: typeof argmax,
  ofTwo: (input: Tensor, other: Tensor) => Tensor,
): Extreme {
  const own = signature(
    name,
    ["input", tensorKind],
    ["dim", kinds.either(kinds.integer, tensorKind), undefined],
    ["keepdim", kinds.boolean, false],
  );
  const call = (...given: unknown[]) => {
    const { input, dim, keepdim } = own.read(given);
    if (dim === undefined) return whole(input);
    if (typeof dim !== "number") return ofTwo(input, dim);
    const indices = indexOf(input, dim, { keepdim: true });
    const values = input.gather(dim, indices);
    return keepdim
      ? { values, indices }
      : { values: values.squeeze(dim), indices: indices.squeeze(dim) };
  };
  return call as Extreme;
}

/** Largest element of all, or along an axis with its place. */
export const max: Extreme = extreme("max", (x) => amax(x), argmax, (a, b) => maximum(a, b));
/** Smallest element of all, or along an axis with its place. */
export const min: Extreme = extreme("min", (x) => amin(x), argmin, (a, b) => minimum(a, b));

function place(
  input: Tensor,
  dim: number | undefined,
  keepdim: boolean,
  find: typeof ops.argMax,
): Tensor {
  const x = dim === undefined ? ops.reshape(input.array, [-1]) : input.array;
  const [axis, options] = [dim ?? 0, { keepDims: keepdim }];
  const best = find(x, axis, options);
  if (!isFloating(x.dtype)) return new Tensor(best);
  // The first NaN wins.
  const strange = ops.cast(ops.isNaN(x), "int32");
  const any = ops.cast(ops.max(strange, { axes: axis, ...options }), "bool");
  return new Tensor(ops.where(any, ops.argMax(strange, axis, options), best));
}

const ARGMAX = signature("argmax", ["input", tensorKind], ["dim", kinds.integer, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Place of the largest element along an axis; in the flattened tensor without one. */
export function argmax(
  ...given: Call<typeof ARGMAX, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
) {
  const { input, dim, keepdim = false } = ARGMAX.read(given);
  return place(input, dim, keepdim, ops.argMax);
}

const ARGMIN = signature("argmin", ["input", tensorKind], ["dim", kinds.integer, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Place of the smallest element along an axis; in the flattened tensor without one. */
export function argmin(
  ...given: Call<typeof ARGMIN, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
) {
  const { input, dim, keepdim = false } = ARGMIN.read(given);
  return place(input, dim, keepdim, ops.argMin);
}

function truths(input: Tensor, dim: Dims | undefined, keepdim: boolean, fold: Fold): Tensor {
  const values = ops.cast(ops.cast(input.array, "bool"), "int32");
  return new Tensor(ops.cast(fold(values, { axes: dim, keepDims: keepdim }), "bool"));
}

const ALL = signature("all", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Whether all elements are not zero. */
export function all(
  ...given: Call<typeof ALL, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = ALL.read(given);
  return truths(input, dim, keepdim, ops.min);
}

const ANY = signature("any", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Whether some element is not zero. */
export function any(
  ...given: Call<typeof ANY, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = ANY.read(given);
  return truths(input, dim, keepdim, ops.max);
}

/** Options of {@linkcode variance} and {@linkcode std}. */
export interface VarianceOptions extends ReductionOptions {
  /** Taken off the number of elements: 1 unless given, 0 for the mean square itself. */
  readonly correction?: number;
}

const VARIANCE = signature("variance", ["input", tensorKind], ["dim", dims, undefined], "*", [
  "correction",
  kinds.number,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/** Variance. PyTorch's `var`, which is no name in TypeScript; as a method it is `var`. */
export function variance(
  ...given: Call<typeof VARIANCE, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false, correction = 1 } = VARIANCE.read(given);
  return apply("Var", [input], ([x]) => {
    return ops.variance(x, { axes: dim, keepDims: keepdim, correction });
  });
}

const STD = signature("std", ["input", tensorKind], ["dim", dims, undefined], "*", [
  "correction",
  kinds.number,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/** Standard deviation */
export function std(
  ...given: Call<typeof STD, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): Tensor {
  const { input, dim, ...options } = STD.read(given);
  return root(variance(input, dim, options));
}

/** Square root of a sum of squares: where that is 0 the gradient is 0. */
function root(squares: Tensor): Tensor {
  return apply("Sqrt", [squares], ([x]) => ops.sqrtFlatAtZero(x));
}

const NORM = signature("norm", ["input", tensorKind], ["p", kinds.number, 2], [
  "dim",
  dims,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/** p-norm: 2 unless given, also ±Infinity, and 0 for the number of elements that are not 0. No gradient at 0. */
export function norm(
  ...given: Call<
    typeof NORM,
    { readonly p?: number; readonly dim?: Dims } & ReductionOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, p, dim, ...options } = NORM.read(given);
  const x = fractional(input);
  if (p === 2) return root(x.square().sum(dim, options));
  const size = x.abs();
  if (Math.abs(p) === Infinity) return extremeNorm(x, p > 0 ? amax : amin, dim, options);
  if (p === 1) return size.sum(dim, options);
  if (p === 0) return size.sign().add(size.isnan()).sum(dim, options);
  return powerFlatAtZero(powerFlatAtZero(size, p).sum(dim, options), 1 / p);
}

/** The largest or smallest size. Equal ones share the gradient; where one is NaN there is none. */
function extremeNorm(
  x: Tensor,
  best: typeof amax,
  dim: Dims | undefined,
  options: ReductionOptions,
) {
  const size = x.detach().abs();
  const chosen = size.eq(best(size, dim, { keepdim: true }));
  const sizes = div(
    mul(x, x.detach().sign()),
    chosen.sum(dim, { keepdim: true }).clamp({ min: 1 }),
  );
  const found = where(chosen, sizes, 0).sum(dim, options);
  return where(best(size, dim, options).isnan(), NaN, found);
}

function powerFlatAtZero(x: Tensor, exponent: number): Tensor {
  return apply("Pow", [x], ([x]) => {
    const zero = constant(0, x.dtype);
    const isZero = ops.equal(x, zero);
    const raised = ops.pow(ops.where(isZero, constant(1, x.dtype), x), constant(exponent, x.dtype));
    return ops.where(isZero, constant(exponent < 0 ? Infinity : 0, x.dtype), raised);
  });
}

const LOGSUMEXP = signature("logsumexp", ["input", tensorKind], ["dim", dims], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Logarithm of the sum of exponentials, computed without overflow. */
export function logsumexp(
  ...given: Call<typeof LOGSUMEXP, ReductionOptions, [input: Tensor, dim: Dims]>
) {
  const { input, dim, keepdim = false } = LOGSUMEXP.read(given);
  return reduce("Logsumexp", fractional(input), dim, keepdim, ops.logSumExp);
}

const SOFTMAX = signature("softmax", ["input", tensorKind], ["dim", kinds.integer]);

/** Exponentials along an axis that sum to 1. */
export function softmax(
  ...given: Call<typeof SOFTMAX, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = SOFTMAX.read(given);
  return apply("Softmax", [fractional(input)], ([x]) => ops.softmax(x, dim));
}

const LOG_SOFTMAX = signature("logSoftmax", ["input", tensorKind], ["dim", kinds.integer]);

/** Logarithm of {@linkcode softmax}. */
export function logSoftmax(
  ...given: Call<typeof LOG_SOFTMAX, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = LOG_SOFTMAX.read(given);
  return apply("LogSoftmax", [fractional(input)], ([x]) => ops.logSoftmax(x, dim));
}

const methods = {
  sum,
  prod,
  mean,
  amax,
  amin,
  argmax,
  argmin,
  all,
  any,
  var: variance,
  std,
  norm,
  logsumexp,
  softmax,
  logSoftmax,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    /** Largest element of all, or along an axis with its index; or the larger ones of two tensors. */
    max: ExtremeMethod;
    /** Smallest element of all, or along an axis with its index; or the smaller ones of two tensors. */
    min: ExtremeMethod;
  }
}

defineMethods({ ...methods, max, min });
