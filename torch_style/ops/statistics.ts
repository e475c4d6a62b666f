/**
 * Figures of many elements. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import {
  mean,
  type ReductionOptions,
  std,
  sum,
  variance,
  type VarianceOptions,
} from "./reduction.ts";
import { type Dims, dims } from "./dims.ts";
import { VARIANCE_OPTIONS } from "./variance_options.ts";
import { amax, amin } from "./extremes.ts";
import { norm } from "./norm.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { isFloating, normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { tensor } from "../creation.ts";
import { clamp, div, mul, sub, where } from "./elementwise.ts";
import { matmul } from "./linear_algebra.ts";
import { fractional } from "./type_promotion.ts";
import { type NamedTuple, namedTuple } from "./named_tuple.ts";

/** Options of {@linkcode aminmax}. */
export interface AminmaxOptions extends ReductionOptions {
  /** The axis; all elements unless given. */
  readonly dim?: number;
}

const AMINMAX = signature(
  "aminmax",
  ["input", tensorKind],
  "*",
  ["dim", kinds.integer, undefined],
  ["keepdim", kinds.boolean, undefined],
);

/** Smallest and largest element. */
export function aminmax(
  ...given: Call<typeof AMINMAX, AminmaxOptions, [input: Tensor]>
): NamedTuple<{ min: Tensor; max: Tensor }> {
  const { input, dim, keepdim = false } = AMINMAX.read(given);
  return namedTuple({ min: amin(input, dim, { keepdim }), max: amax(input, dim, { keepdim }) });
}

const NANSUM = signature("nansum", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Sum of the elements that are values. */
export function nansum(
  ...given: Call<typeof NANSUM, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, ...options } = NANSUM.read(given);
  return sum(withoutNaN(input), dim, options);
}

function withoutNaN(input: Tensor): Tensor {
  return isFloating(input.dtype) ? where(input.detach().isnan(), 0, input) : input;
}

const NANMEAN = signature("nanmean", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Mean of the elements that are values. */
export function nanmean(
  ...given: Call<typeof NANMEAN, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, ...options } = NANMEAN.read(given);
  if (!isFloating(input.dtype)) {
    throw new Error(
      `nanmean(): expected input to have floating point dtype but got ${input.dtype}`,
    );
  }
  const count = input.detach().isnan().logicalNot().to(input.dtype).sum(dim, options);
  return div(nansum(input, dim, options), count);
}

const STD_MEAN = signature(
  "stdMean",
  ["input", tensorKind],
  ["dim", dims, undefined],
  "*",
  ...VARIANCE_OPTIONS,
);

/** Standard deviation and mean. */
export function stdMean(
  ...given: Call<typeof STD_MEAN, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): [std: Tensor, mean: Tensor] {
  const { input, dim, ...options } = STD_MEAN.read(given);
  return [std(input, dim, options), mean(input, dim, { keepdim: options.keepdim })];
}

const VAR_MEAN = signature(
  "varMean",
  ["input", tensorKind],
  ["dim", dims, undefined],
  "*",
  ...VARIANCE_OPTIONS,
);

/** Variance and mean. */
export function varMean(
  ...given: Call<typeof VAR_MEAN, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): [variance: Tensor, mean: Tensor] {
  const { input, dim, ...options } = VAR_MEAN.read(given);
  return [variance(input, dim, options), mean(input, dim, { keepdim: options.keepdim })];
}

/** Options of {@linkcode cov}. */
export interface CovarianceOptions {
  /** Taken off the number of observations, 1 unless given. */
  readonly correction?: number;
  /** How often each observation counts, integers. */
  readonly fweights?: Tensor | null;
  /** How much each observation weighs. */
  readonly aweights?: Tensor | null;
}

const COV = signature("cov", ["input", tensorKind], "*", ["correction", kinds.number, undefined], [
  "fweights",
  kinds.nullable(tensorKind),
  undefined,
], ["aweights", kinds.nullable(tensorKind), undefined]);

/** Covariances of variables (rows) over observations (columns). */
export function cov(...given: Call<typeof COV, CovarianceOptions, [input: Tensor]>): Tensor {
  const { input, correction = 1, fweights = null, aweights = null } = COV.read(given);
  if (input.ndim > 2) {
    throw new Error(
      `cov(): expected input to have two or fewer dimensions but got an input with ${input.ndim} dimensions`,
    );
  }
  const x = fractional(input).reshape(input.ndim < 2 ? [1, -1] : [...input.shape]);
  const count = x.shape[1];
  const both = [fweights, aweights].filter((w) => w !== null).map((w) => w.to(x.dtype));
  const weights = both.length > 0 ? both.reduce((a, b) => mul(a, b)) : null;
  const total = weights ? weights.sum() : tensor(count, { dtype: x.dtype });
  const average = div(
    weights ? mul(x, weights).sum(1, { keepdim: true }) : x.sum(1, { keepdim: true }),
    total,
  );
  const away = sub(x, average);
  const freedom = weights && aweights && correction !== 0
    ? sub(total, div(mul(sum(mul(weights, aweights.to(x.dtype))), correction), total))
    : sub(total, correction);
  const products = matmul(weights ? mul(away, weights) : away, away.t());
  const result = div(products, clamp(freedom, { min: 0 }));
  return input.ndim < 2 ? result.reshape([]) : result;
}

const CORRCOEF = signature("corrcoef", ["input", tensorKind]);

/** Correlations of variables (rows) over observations (columns), -1 to 1. */
export function corrcoef(
  ...given: Call<typeof CORRCOEF, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = CORRCOEF.read(given);
  const covariance = cov(input);
  if (covariance.ndim === 0) return div(covariance, covariance);
  const deviation = covariance.diagonal().sqrt();
  return clamp(div(div(covariance, deviation.unsqueeze(1)), deviation.unsqueeze(0)), {
    min: -1,
    max: 1,
  });
}

const DIST = signature("dist", ["input", tensorKind], ["other", tensorKind], [
  "p",
  kinds.number,
  2,
]);

/** The p-norm of the difference, as one number. */
export function dist(
  ...given: Call<typeof DIST, { readonly p?: number }, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other, p } = DIST.read(given);
  return norm(sub(input, other), p);
}

const RENORM = signature("renorm", ["input", tensorKind], ["p", kinds.number], [
  "dim",
  kinds.integer,
], ["maxnorm", kinds.number]);

/** Each entry of an axis with a p-norm above `maxnorm` scaled down to it. */
export function renorm(
  ...given: Call<
    typeof RENORM,
    Record<never, never>,
    [input: Tensor, p: number, dim: number, maxnorm: number]
  >
): Tensor {
  const { input, p, dim, maxnorm } = RENORM.read(given);
  if (!(p > 0)) throw new Error(`renorm: non-positive-norm not supported, got ${p}`);
  if (!(maxnorm >= 0)) throw new Error(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
  const axis = normalizeAxis("renorm", dim, input.ndim);
  const others = input.shape.flatMap((_, i) => i === axis ? [] : [i]);
  const size = norm(input, p, others, { keepdim: true });
  const factor = div(maxnorm, size.add(1e-7));
  return mul(input, where(size.detach().gt(maxnorm), factor, 1));
}

const methods = {
  aminmax,
  nansum,
  nanmean,
  cov,
  corrcoef,
  dist,
  renorm,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
