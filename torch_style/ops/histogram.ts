/**
 * Counts of elements in bins. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#other-operations
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { tensor } from "../creation.ts";
import { computeOnHost } from "./host_function.ts";
import { type NamedTuple, namedTuple } from "./named_tuple.ts";

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
): NamedTuple<{ hist: Tensor; binEdges: Tensor }> {
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
  return namedTuple({ hist, binEdges });
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

const methods = { histc, histogram, bincount };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
