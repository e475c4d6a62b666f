/**
 * Figures of many elements. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import {
  amax,
  amin,
  type Dims,
  dims,
  mean,
  norm,
  type ReductionOptions,
  std,
  sum,
  variance,
  type VarianceOptions,
} from "./reduction.ts";
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { isFloating, normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { tensor } from "../creation.ts";
import { clamp, div, mul, sub, where } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";
import { matmul } from "./linear_algebra.ts";
import { fractional } from "./type_promotion.ts";

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
): { min: Tensor; max: Tensor } {
  const { input, dim, keepdim = false } = AMINMAX.read(given);
  return { min: amin(input, dim, { keepdim }), max: amax(input, dim, { keepdim }) };
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

const STD_MEAN = signature("stdMean", ["input", tensorKind], ["dim", dims, undefined], "*", [
  "correction",
  kinds.number,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/** Standard deviation and mean. */
export function stdMean(
  ...given: Call<typeof STD_MEAN, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): [std: Tensor, mean: Tensor] {
  const { input, dim, ...options } = STD_MEAN.read(given);
  return [std(input, dim, options), mean(input, dim, options)];
}

const VAR_MEAN = signature("varMean", ["input", tensorKind], ["dim", dims, undefined], "*", [
  "correction",
  kinds.number,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/** Variance and mean. */
export function varMean(
  ...given: Call<typeof VAR_MEAN, { readonly dim?: Dims } & VarianceOptions, [input: Tensor]>
): [variance: Tensor, mean: Tensor] {
  const { input, dim, ...options } = VAR_MEAN.read(given);
  return [variance(input, dim, options), mean(input, dim, options)];
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

const HISTC = signature("histc", ["input", tensorKind], ["bins", kinds.number, 100], [
  "min",
  kinds.number,
  0,
], ["max", kinds.number, 0]);

/** How many elements lie in each of some bins of one width between `min` and `max`. */
export function histc(
  ...given: Call<
    typeof HISTC,
    { readonly bins?: number; readonly min?: number; readonly max?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, bins, min, max } = HISTC.read(given);
  checkBins(bins);
  return computeOnHost([input], [{ dtype: input.dtype, shape: [bins] }], (data) => {
    const [low, high] = rangeOf(data, min, max);
    return [countInto(data, null, low, high, bins)];
  })[0];
}

function checkBins(bins: number): void {
  if (Number.isInteger(bins) && bins > 0) return;
  throw new Error(`bins must be > 0, but got ${bins} for dimension 0`);
}

function rangeOf(data: Float64Array, min: number, max: number): [number, number] {
  const [low, high] = min === max && data.length > 0
    ? [data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))]
    : [min, max];
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new Error(`histc: range of [${low}, ${high}] is not finite`);
  }
  if (low > high) throw new Error("histc: max must be larger than min");
  return low === high ? [low - 1, high + 1] : [low, high];
}

function countInto(
  data: Float64Array,
  weights: Float64Array | null,
  low: number,
  high: number,
  bins: number,
): Float64Array {
  const counts = new Float64Array(bins);
  data.forEach((x, i) => {
    if (!(x >= low && x <= high)) return;
    counts[Math.min(bins - 1, Math.floor((x - low) * bins / (high - low)))] += weights?.[i] ?? 1;
  });
  return counts;
}

/** Options of {@linkcode histogram}. */
export interface HistogramOptions {
  /** Lower and upper end; smallest and largest element unless given. */
  readonly range?: readonly [number, number];
  /** How much each element counts, 1 unless given. */
  readonly weight?: Tensor | null;
  /** Divide so that the area is 1. */
  readonly density?: boolean;
}

const HISTOGRAM = signature(
  "histogram",
  ["input", tensorKind],
  ["bins", kinds.number],
  "*",
  ["range", kinds.any as Kind<NonNullable<HistogramOptions["range"]>>, undefined],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["density", kinds.boolean, undefined],
);

/** Counts in bins of one width, and the bins' edges. */
export function histogram(
  ...given: Call<typeof HISTOGRAM, HistogramOptions, [input: Tensor, bins: number]>
): { hist: Tensor; binEdges: Tensor } {
  const { input, bins, range, weight = null, density = false } = HISTOGRAM.read(given);
  checkBins(bins);
  const inputs = weight ? [input, weight] : [input];
  const { dtype } = input;
  const [hist, binEdges] = computeOnHost(
    inputs,
    [{ dtype, shape: [bins] }, { dtype, shape: [bins + 1] }],
    (data, weights) => {
      const [low, high] = range ?? rangeOf(data, 0, 0);
      const counts = countInto(data, weights ?? null, low, high, bins);
      const width = (high - low) / bins;
      const total = counts.reduce((a, b) => a + b, 0);
      const shown = density ? counts.map((n) => n / (total * width)) : counts;
      return [shown, Float64Array.from({ length: bins + 1 }, (_, i) => low + i * width)];
    },
  );
  return { hist, binEdges };
}

const BINCOUNT = signature("bincount", ["input", tensorKind], [
  "weights",
  kinds.nullable(tensorKind),
  null,
], ["minlength", kinds.number, 0]);

/** How often each integer from 0 on occurs, or the sums of its weights. How many results there are depends on the values. */
export async function bincount(
  ...given: Call<
    typeof BINCOUNT,
    { readonly weights?: Tensor | null; readonly minlength?: number },
    [input: Tensor]
  >
): Promise<Tensor> {
  const { input, weights, minlength } = BINCOUNT.read(given);
  const data = Array.from(await input.data(), Number);
  const heavy = weights ? Array.from(await weights.data(), Number) : null;
  if (data.some((n) => n < 0)) {
    throw new Error("bincount only supports 1-d non-negative integral inputs.");
  }
  const counts = new Array<number>(data.reduce((a, b) => Math.max(a, b + 1), minlength)).fill(0);
  data.forEach((n, i) => counts[n] += heavy?.[i] ?? 1);
  return tensor(counts, {
    dtype: weights ? weights.dtype === "float32" ? "float32" : "float64" : "int64",
  });
}

/** Options of {@linkcode unique} and {@linkcode uniqueConsecutive}. */
export interface UniqueOptions {
  /** Also say which of the results each element is. */
  readonly returnInverse?: boolean;
  /** Also say how often each result occurs. */
  readonly returnCounts?: boolean;
  /** Compare whole entries of this axis; single elements unless given. */
  readonly dim?: number | null;
}

/** Options of {@linkcode unique}. */
export interface SortedUniqueOptions extends UniqueOptions {
  /** In order, which they always are here. */
  readonly sorted?: boolean;
}

/** Different elements, and what else was asked for. */
export interface UniqueResult {
  readonly output: Tensor;
  /** Which of the results each element is, int64. */
  readonly inverse: Tensor | null;
  /** How often each result occurs, int64. */
  readonly counts: Tensor | null;
}

const UNIQUE = signature(
  "unique",
  ["input", tensorKind],
  "*",
  ["sorted", kinds.boolean, undefined],
  ["returnInverse", kinds.boolean, undefined],
  ["returnCounts", kinds.boolean, undefined],
  ["dim", kinds.nullable(kinds.integer), undefined],
);

/** The different elements in order. How many there are depends on the values, so that it has to be awaited. */
export function unique(
  ...given: Call<typeof UNIQUE, SortedUniqueOptions, [input: Tensor]>
): Promise<UniqueResult> {
  const { input, ...options } = UNIQUE.read(given);
  return distinct(input, options, true);
}

const UNIQUE_CONSECUTIVE = signature(
  "uniqueConsecutive",
  ["input", tensorKind],
  ["returnInverse", kinds.boolean, undefined],
  ["returnCounts", kinds.boolean, undefined],
  ["dim", kinds.nullable(kinds.integer), undefined],
);

/** The elements with all but the first of equal neighbours left out. */
export function uniqueConsecutive(
  ...given: Call<typeof UNIQUE_CONSECUTIVE, UniqueOptions, [input: Tensor]>
): Promise<UniqueResult> {
  const { input, ...options } = UNIQUE_CONSECUTIVE.read(given);
  return distinct(input, options, false);
}

async function distinct(
  input: Tensor,
  { returnInverse = false, returnCounts = false, dim = null }: UniqueOptions,
  sorted: boolean,
): Promise<UniqueResult> {
  const axis = dim === null ? 0 : normalizeAxis("unique", dim, input.ndim);
  const rows = dim === null ? input.detach().reshape(-1) : input.detach().movedim(axis, 0);
  const data = Array.from(await rows.data(), Number);
  const [count] = rows.shape;
  const width = count === 0 ? 0 : data.length / count;
  const compare = (i: number, j: number) => {
    for (let k = 0; k < width; k++) {
      const apart = data[i * width + k] - data[j * width + k];
      if (apart !== 0) return apart;
    }
    return 0;
  };
  const order = Array.from({ length: count }, (_, i) => i);
  if (sorted) order.sort(compare);
  const inverse = new Array<number>(count);
  const first: number[] = [];
  const counts: number[] = [];
  for (const [k, i] of order.entries()) {
    if (k === 0 || compare(order[k - 1], i) !== 0) {
      first.push(i);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse[i] = first.length - 1;
  }
  const long = (values: number[]) => tensor(values, { dtype: "int64" });
  const chosen = rows.indexSelect(0, long(first));
  return {
    output: dim === null ? chosen : chosen.movedim(0, axis).clone(),
    inverse: returnInverse
      ? dim === null ? long(inverse).reshape(input.shape) : long(inverse)
      : null,
    counts: returnCounts ? long(counts) : null,
  };
}

const methods = {
  aminmax,
  nansum,
  nanmean,
  cov,
  corrcoef,
  dist,
  renorm,
  histc,
  histogram,
  bincount,
  unique,
  uniqueConsecutive,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
