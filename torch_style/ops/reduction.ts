/**
 * Functions that fold axes away. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { constant, type DType, isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { computeAlong, type Dims, dims, foldedAxes } from "./dims.ts";
import { fractional } from "./type_promotion.ts";
import { correctionOf, VARIANCE_OPTIONS, type VarianceOptions } from "./variance_options.ts";

export type { Dims, VarianceOptions };

/** Options of reductions. */
export interface ReductionOptions {
  /** Folded axes stay, with dimension 1. */
  readonly keepdim?: boolean;
}

type Fold = (x: LazyArray, options: { axes: readonly number[]; keepDims: boolean }) => LazyArray;

function reduce(name: string, input: Tensor, dim: Dims | undefined, keepDims: boolean, fold: Fold) {
  const axes = foldedAxes(name[0].toLowerCase() + name.slice(1), dim, input.ndim);
  return apply(name, [input], ([x]) => fold(x, { axes, keepDims }));
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

/** How many elements are not zero, or (`zero`) are: of none there are none. */
function countOf(
  name: string,
  input: Tensor,
  { dim, keepdim = false }: { readonly dim?: Dims } & ReductionOptions,
  zero = false,
): LazyArray {
  // Unlike all other reductions, these fold nothing where the list of axes is empty.
  const isNone = Array.isArray(dim) && dim.length === 0;
  const axes = isNone ? [] : foldedAxes(name, dim, input.ndim);
  const found = ops.cast(input.array, "bool");
  const counted = ops.cast(zero ? ops.logicalNot(found) : found, "int32");
  return ops.sum(counted, { axes, keepDims: keepdim });
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
  const { input, ...options } = ALL.read(given);
  return truthOf(input, ops.equal(countOf("all", input, options, true), constant(0, "int32")));
}

/** Of bytes PyTorch makes bytes, of all else booleans. */
function truthOf(input: Tensor, result: LazyArray): Tensor {
  return new Tensor(ops.cast(result, input.dtype === "uint8" ? "uint8" : "bool"));
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
  const { input, ...options } = ANY.read(given);
  return truthOf(input, ops.cast(countOf("any", input, options), "bool"));
}

const VARIANCE = signature(
  "variance",
  ["input", tensorKind],
  ["dim", dims, undefined],
  "*",
  ...VARIANCE_OPTIONS,
);

/** Variance. PyTorch's `var`, which is no name in TypeScript; as a method it is `var`. */
export function variance(
  ...given: Call<typeof VARIANCE, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false, ...options } = VARIANCE.read(given);
  const correction = correctionOf(options);
  const fold: Fold = (x, over) => ops.variance(x, { ...over, correction });
  return reduce("Var", input, dim, keepdim, fold);
}

const STD = signature(
  "std",
  ["input", tensorKind],
  ["dim", dims, undefined],
  "*",
  ...VARIANCE_OPTIONS,
);

/** Standard deviation */
export function std(
  ...given: Call<typeof STD, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): Tensor {
  const { input, dim, ...options } = STD.read(given);
  const squares = variance(input, dim, options);
  return apply("Sqrt", [squares], ([x]) => ops.sqrtFlatAtZero(x));
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
  return computeAlong("softmax", fractional(input), dim, (x, axis) => {
    return apply("Softmax", [x], ([x]) => ops.softmax(x, axis));
  });
}

const LOG_SOFTMAX = signature("logSoftmax", ["input", tensorKind], ["dim", kinds.integer]);

/** Logarithm of {@linkcode softmax}. */
export function logSoftmax(
  ...given: Call<typeof LOG_SOFTMAX, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = LOG_SOFTMAX.read(given);
  return computeAlong("logSoftmax", fractional(input), dim, (x, axis) => {
    return apply("LogSoftmax", [x], ([x]) => ops.logSoftmax(x, axis));
  });
}

const methods = {
  sum,
  prod,
  mean,
  all,
  any,
  var: variance,
  std,
  logsumexp,
  softmax,
  logSoftmax,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
