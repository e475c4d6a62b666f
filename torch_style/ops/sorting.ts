/**
 * Order: sorted elements, the k largest, medians and quantiles. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 *
 * Sorting is always stable. NaN counts as larger than any number; beside infinities it is taken for one.
 * @module
 */
import { constant, isFloating, type LazyArray, normalizeAxis, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { Tensor } from "../tensor.ts";
import { add, mul, sub, where } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";
import { stack } from "./joining.ts";
import { narrow } from "./movement.ts";
import type { ReductionOptions, ValuesAndIndices } from "./reduction.ts";

/** What elements are ordered by. */
function sortKey(x: LazyArray): LazyArray {
  if (!isFloating(x.dtype)) return x;
  return ops.where(ops.isNaN(x), constant(Infinity, x.dtype), x);
}

function ordered(input: Tensor, k: number, axis: number, largest: boolean): ValuesAndIndices {
  const [, indices] = ops.topK(sortKey(input.array), k, { axis, largest });
  const places = new Tensor(indices);
  return { values: input.gather(axis, places), indices: places };
}

/** Options of {@linkcode sort} and {@linkcode argsort}. */
export interface SortOptions {
  /** Equal elements keep their order: always so here. */
  readonly stable?: boolean;
}

/** The elements in order along an axis, and where each was. */
export function sort(
  input: Tensor,
  dim = -1,
  descending = false,
  _options: SortOptions = {},
): ValuesAndIndices {
  if (input.ndim === 0) return { values: input.clone(), indices: new Tensor(constant(0, "int64")) };
  const axis = normalizeAxis("sort", dim, input.ndim);
  return ordered(input, input.shape[axis], axis, descending);
}

/** Where the elements in order along an axis were. */
export function argsort(
  input: Tensor,
  dim = -1,
  descending = false,
  options: SortOptions = {},
): Tensor {
  return sort(input.detach(), dim, descending, options).indices;
}

/** The entries of the first axis in order. */
export function msort(input: Tensor): Tensor {
  return sort(input, 0).values;
}

/** The k largest (or smallest) elements along an axis, in order, and where they were. */
export function topk(
  input: Tensor,
  k: number,
  dim = -1,
  largest = true,
  _sorted = true,
): ValuesAndIndices {
  if (input.ndim === 0) return sort(input);
  const axis = normalizeAxis("topk", dim, input.ndim);
  if (!Number.isInteger(k) || k < 0 || k > input.shape[axis]) {
    throw new Error(
      `selected index k out of range: k is ${k}, dimension ${axis} has size ${input.shape[axis]}`,
    );
  }
  return ordered(input, k, axis, largest);
}

/** The k-th smallest element along an axis (k from 1), and where it is. */
export function kthvalue(
  input: Tensor,
  k: number,
  dim = -1,
  { keepdim = false }: ReductionOptions = {},
): ValuesAndIndices {
  const axis = normalizeAxis("kthvalue", dim, input.ndim);
  if (!Number.isInteger(k) || k < 1 || k > input.shape[axis]) {
    throw new Error(
      `kthvalue(): selected number k out of range for dimension ${axis}: k is ${k}, expected 1 to ${
        input.shape[axis]
      }`,
    );
  }
  const { values, indices } = ordered(input, k, axis, false);
  return lastOf(values, indices, k - 1, axis, keepdim);
}

function lastOf(values: Tensor, indices: Tensor, at: number, axis: number, keepdim: boolean) {
  const one = (x: Tensor) => {
    const entry = narrow(x, axis, at, 1);
    return keepdim ? entry : entry.squeeze(axis);
  };
  return { values: one(values), indices: one(indices) };
}

type Median = {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
};

function medianOf(
  name: string,
  along: (input: Tensor, axis: number, keepdim: boolean) => ValuesAndIndices,
): Median {
  function median(input: Tensor): Tensor;
  function median(input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
  function median(input: Tensor, dim?: number, { keepdim = false }: ReductionOptions = {}) {
    if (dim === undefined) return along(input.reshape(-1), 0, false).values;
    return along(input, normalizeAxis(name, dim, input.ndim), keepdim);
  }
  return median;
}

/** The middle element in order, the lower one of two; NaN if there is one. */
export const median: Median = medianOf("median", (input, axis, keepdim) => {
  const { values, indices } = ordered(input, input.shape[axis], axis, false);
  const middle = Math.floor((input.shape[axis] - 1) / 2);
  const own = lastOf(values, indices, middle, axis, keepdim);
  if (!isFloating(input.dtype)) return own;
  const last = lastOf(values, indices, input.shape[axis] - 1, axis, keepdim);
  const bad = last.values.detach().isnan();
  return {
    values: where(bad, last.values, own.values),
    indices: where(bad, last.indices, own.indices),
  };
});

/** The middle one of the elements that are numbers. */
export const nanmedian: Median = medianOf("nanmedian", (input, axis, keepdim) => {
  const { values, indices } = ordered(input, input.shape[axis], axis, false);
  const count = isFloating(input.dtype)
    ? input.detach().isnan().logicalNot().to("int64").sum(axis, { keepdim: true })
    : input.detach().eq(input).to("int64").sum(axis, { keepdim: true });
  const middle = count.sub(1).clamp({ min: 0 }).floorDivide(2);
  const [own, place] = [values.gather(axis, middle), indices.gather(axis, middle)];
  return keepdim
    ? { values: own, indices: place }
    : { values: own.squeeze(axis), indices: place.squeeze(axis) };
});

/** How a quantile between two elements is made of them. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of {@linkcode quantile}. */
export interface QuantileOptions extends ReductionOptions {
  /** "linear" unless given. */
  readonly interpolation?: Interpolation;
}

/**
 * The element at a share of the way from the smallest to the largest along an axis; of all elements without one.
 *
 * @param q from 0 to 1; a tensor of several gives a first axis of as many results
 */
export function quantile(
  input: Tensor,
  q: number | readonly number[],
  dim: number | null = null,
  options: QuantileOptions = {},
): Tensor {
  return quantiles(input, q, dim, options, false);
}

/** {@linkcode quantile} of the elements that are numbers. */
export function nanquantile(
  input: Tensor,
  q: number | readonly number[],
  dim: number | null = null,
  options: QuantileOptions = {},
): Tensor {
  return quantiles(input, q, dim, options, true);
}

function quantiles(
  input: Tensor,
  q: number | readonly number[],
  dim: number | null,
  { keepdim = false, interpolation = "linear" }: QuantileOptions,
  skipNaN: boolean,
): Tensor {
  const shares = typeof q === "number" ? [q] : q;
  const wrong = shares.find((share) => !(share >= 0 && share <= 1));
  if (wrong !== undefined) {
    throw new Error(`quantile() q values must be in the range [0, 1], got ${wrong}`);
  }
  if (!isFloating(input.dtype)) {
    throw new Error(
      `quantile() input tensor must be either float or double dtype, got ${input.dtype}`,
    );
  }
  const flat = dim === null ? input.reshape(-1) : input;
  const axis = dim === null ? 0 : normalizeAxis("quantile", dim, input.ndim);
  const { values } = sort(flat, axis);
  const results = shares.map((share) => one(flat, values, axis, share, interpolation, skipNaN));
  const shaped = results.map((x) =>
    keepdim ? dim === null ? x.reshape(input.shape.map(() => 1)) : x : x.squeeze(axis)
  );
  return typeof q === "number" ? shaped[0] : stack(shaped);
}

function one(
  input: Tensor,
  values: Tensor,
  axis: number,
  share: number,
  interpolation: Interpolation,
  skipNaN: boolean,
): Tensor {
  const bad = input.detach().isnan();
  const numbers = bad.logicalNot().to(input.dtype).sum(axis, { keepdim: true });
  const place = skipNaN
    ? numbers.sub(1).clamp({ min: 0 }).mul(share)
    : numbers.mul(0).add((input.shape[axis] - 1) * share);
  const [low, high] = [place.floor(), place.ceil()];
  const at = (x: Tensor) => values.gather(axis, x.to("int64"));
  const between = {
    linear: () => add(at(low), mul(sub(at(high), at(low)), place.sub(low))),
    lower: () => at(low),
    higher: () => at(high),
    midpoint: () => mul(add(at(low), at(high)), 0.5),
    nearest: () => at(place.round()),
  }[interpolation];
  if (!between) {
    throw new Error(
      `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
    );
  }
  return skipNaN ? between() : where(bad.any(axis, { keepdim: true }), NaN, between());
}

/** The most frequent element along an axis, the smallest of equally frequent ones, and where it is last. */
export function mode(
  input: Tensor,
  dim = -1,
  { keepdim = false }: ReductionOptions = {},
): ValuesAndIndices {
  const axis = normalizeAxis("mode", dim, input.ndim);
  const moved = input.detach().movedim(axis, -1);
  const length = input.shape[axis];
  const shape = moved.shape.slice(0, -1);
  const [places] = computeOnHost([moved], [{ dtype: "int64", shape }], (data) => [
    Float64Array.from(
      { length: data.length / length },
      (_, row) => mostFrequent(data.subarray(row * length, (row + 1) * length)),
    ),
  ]);
  const indices = places.unsqueeze(axis);
  const values = input.gather(axis, indices);
  return keepdim ? { values, indices } : { values: values.squeeze(axis), indices: places };
}

function mostFrequent(row: Float64Array): number {
  const counts = new Map<number, number>();
  for (const x of row) counts.set(x, (counts.get(x) ?? 0) + 1);
  const best = [...counts].reduce((a, b) => b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a);
  return row.lastIndexOf(best[0]);
}

/** Options of {@linkcode searchsorted} and {@linkcode bucketize}. */
export interface SearchOptions {
  /** Behind equal elements instead of before them. */
  readonly right?: boolean;
}

/** Where values would have to be put into sequences in order (last axis) to keep the order, int64. */
export function searchsorted(
  sortedSequence: Tensor,
  values: Tensor,
  { right = false }: SearchOptions = {},
): Tensor {
  const before = right
    ? sortedSequence.detach().unsqueeze(-2).le(values.detach().unsqueeze(-1))
    : sortedSequence.detach().unsqueeze(-2).lt(values.detach().unsqueeze(-1));
  return before.to("int64").sum(-1);
}

/** Which of the buckets between boundaries (in order) each element lies in, int64. */
export function bucketize(input: Tensor, boundaries: Tensor, options: SearchOptions = {}): Tensor {
  return searchsorted(boundaries, input, options);
}

const methods = {
  sort,
  argsort,
  msort,
  topk,
  kthvalue,
  quantile,
  nanquantile,
  mode,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {
    /** The middle element in order, the lower one of two. */
    median(): Tensor;
    median(dim: number, options?: ReductionOptions): ValuesAndIndices;
    /** The middle one of the elements that are numbers. */
    nanmedian(): Tensor;
    nanmedian(dim: number, options?: ReductionOptions): ValuesAndIndices;
  }
}
defineMethods({ ...methods, median, nanmedian });
