/**
 * Functions that fold axes away. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
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
import { Tensor } from "../tensor.ts";
import { div, mul, where } from "./elementwise.ts";
import { fractional } from "./type_promotion.ts";

/** Axes to fold; all of them unless given. */
export type Dims = number | readonly number[] | null;

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

/** Sum */
export function sum(
  input: Tensor,
  dim?: Dims,
  { keepdim = false, dtype }: ReductionOptions & { readonly dtype?: DType } = {},
): Tensor {
  return reduce("Sum", dtype ? input.to(dtype) : countable(input), dim, keepdim, ops.sum);
}

/** Product */
export function prod(input: Tensor, dim?: number, { keepdim = false }: ReductionOptions = {}) {
  return reduce("Prod", countable(input), dim, keepdim, ops.prod);
}

/** Mean of fractions */
export function mean(
  input: Tensor,
  dim?: Dims,
  { keepdim = false }: ReductionOptions = {},
): Tensor {
  if (!isFloating(input.dtype)) {
    throw new Error(
      "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. " +
        `Got: ${input.dtype}`,
    );
  }
  return reduce("Mean", input, dim, keepdim, ops.mean);
}

/** Largest element; equal ones share the gradient. */
export function amax(
  input: Tensor,
  dim?: Dims,
  { keepdim = false }: ReductionOptions = {},
): Tensor {
  refuseNothing("amax", input, dim);
  return reduce("Amax", input, dim, keepdim, ops.max);
}

/** Smallest element; equal ones share the gradient. */
export function amin(
  input: Tensor,
  dim?: Dims,
  { keepdim = false }: ReductionOptions = {},
): Tensor {
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
  (input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
};

function extreme(whole: (x: Tensor) => Tensor, place: typeof argmax): Extreme {
  function along(input: Tensor): Tensor;
  function along(input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
  function along(input: Tensor, dim?: number, { keepdim = false }: ReductionOptions = {}) {
    if (dim === undefined) return whole(input);
    const indices = place(input, dim, { keepdim: true });
    const values = input.gather(dim, indices);
    return keepdim
      ? { values, indices }
      : { values: values.squeeze(dim), indices: indices.squeeze(dim) };
  }
  return along;
}

/** Largest element of all, or along an axis with its place. */
export const max: Extreme = extreme((x) => amax(x), argmax);
/** Smallest element of all, or along an axis with its place. */
export const min: Extreme = extreme((x) => amin(x), argmin);

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

/** Place of the largest element along an axis; in the flattened tensor without one. */
export function argmax(input: Tensor, dim?: number, { keepdim = false }: ReductionOptions = {}) {
  return place(input, dim, keepdim, ops.argMax);
}

/** Place of the smallest element along an axis; in the flattened tensor without one. */
export function argmin(input: Tensor, dim?: number, { keepdim = false }: ReductionOptions = {}) {
  return place(input, dim, keepdim, ops.argMin);
}

function truths(input: Tensor, dim: Dims | undefined, keepdim: boolean, fold: Fold): Tensor {
  const numbers = ops.cast(ops.cast(input.array, "bool"), "int32");
  return new Tensor(ops.cast(fold(numbers, { axes: dim, keepDims: keepdim }), "bool"));
}

/** Whether all elements are not zero. */
export function all(input: Tensor, dim?: Dims, { keepdim = false }: ReductionOptions = {}): Tensor {
  return truths(input, dim, keepdim, ops.min);
}

/** Whether some element is not zero. */
export function any(input: Tensor, dim?: Dims, { keepdim = false }: ReductionOptions = {}): Tensor {
  return truths(input, dim, keepdim, ops.max);
}

/** Options of {@linkcode variance} and {@linkcode std}. */
export interface VarianceOptions extends ReductionOptions {
  /** Taken off the number of elements: 1 unless given, 0 for the mean square itself. */
  readonly correction?: number;
}

/** Variance. PyTorch's `var`, which is no name in TypeScript; as a method it is `var`. */
export function variance(
  input: Tensor,
  dim?: Dims,
  { keepdim = false, correction = 1 }: VarianceOptions = {},
): Tensor {
  return apply("Var", [input], ([x]) => {
    return ops.variance(x, { axes: dim, keepDims: keepdim, correction });
  });
}

/** Standard deviation */
export function std(input: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor {
  return root(variance(input, dim, options));
}

/** Square root of a sum of squares: where that is 0 the gradient is 0. */
function root(squares: Tensor): Tensor {
  return apply("Sqrt", [squares], ([x]) => ops.sqrtFlatAtZero(x));
}

/** p-norm: 2 unless given, also ±Infinity, and 0 for the number of elements that are not 0. No gradient at 0. */
export function norm(input: Tensor, p = 2, dim?: Dims, options: ReductionOptions = {}): Tensor {
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

/** Logarithm of the sum of exponentials, computed without overflow. */
export function logsumexp(input: Tensor, dim: Dims, { keepdim = false }: ReductionOptions = {}) {
  return reduce("Logsumexp", fractional(input), dim, keepdim, ops.logSumExp);
}

/** Exponentials along an axis that sum to 1. */
export function softmax(input: Tensor, dim: number): Tensor {
  return apply("Softmax", [fractional(input)], ([x]) => ops.softmax(x, dim));
}

/** Logarithm of {@linkcode softmax}. */
export function logSoftmax(input: Tensor, dim: number): Tensor {
  return apply("LogSoftmax", [fractional(input)], ([x]) => ops.logSoftmax(x, dim));
}

const methods = {
  sum,
  prod,
  mean,
  amax,
  amin,
  max,
  min,
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
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
