/**
 * Order: sorted elements, the k largest, medians and quantiles. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 *
 * Sorting is always stable. NaN counts as larger than any number; beside infinities it is taken for one.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { constant, isFloating, type LazyArray, normalizeAxis, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
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
  const positions = new Tensor(indices);
  return { values: input.gather(axis, positions), indices: positions };
}

/** Options of {@linkcode sort} and {@linkcode argsort}. */
export interface SortOptions {
  /** Equal elements keep their order: always so here. */
  readonly stable?: boolean;
}

const SORT = signature(
  "sort",
  ["input", tensorKind],
  ["dim", kinds.integer, -1],
  [
    "descending",
    kinds.boolean,
    false,
  ],
  "*",
  ["stable", kinds.boolean, undefined],
);

/** The elements in order along an axis, and where each was. */
export function sort(
  ...given: Call<
    typeof SORT,
    { readonly dim?: number; readonly descending?: boolean } & SortOptions,
    [input: Tensor]
  >
): ValuesAndIndices {
  const { input, dim, descending } = SORT.read(given);
  if (input.ndim === 0) return { values: input.clone(), indices: new Tensor(constant(0, "int64")) };
  const axis = normalizeAxis("sort", dim, input.ndim);
  return ordered(input, input.shape[axis], axis, descending);
}

const ARGSORT = signature(
  "argsort",
  ["input", tensorKind],
  ["dim", kinds.integer, -1],
  ["descending", kinds.boolean, false],
  "*",
  ["stable", kinds.boolean, undefined],
);

/** Where the elements in order along an axis were. */
export function argsort(
  ...given: Call<
    typeof ARGSORT,
    { readonly dim?: number; readonly descending?: boolean } & SortOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, dim, descending, ...options } = ARGSORT.read(given);
  return sort(input.detach(), dim, descending, options).indices;
}

const MSORT = signature("msort", ["input", tensorKind]);

/** The entries of the first axis in order. */
export function msort(...given: Call<typeof MSORT, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = MSORT.read(given);
  return sort(input, 0).values;
}

const TOPK = signature(
  "topk",
  ["input", tensorKind],
  ["k", kinds.integer],
  ["dim", kinds.integer, -1],
  ["largest", kinds.boolean, true],
  ["_sorted", kinds.boolean, true],
);

/** The k largest (or smallest) elements along an axis, in order, and where they were. */
export function topk(
  ...given: Call<
    typeof TOPK,
    { readonly dim?: number; readonly largest?: boolean; readonly _sorted?: boolean },
    [input: Tensor, k: number]
  >
): ValuesAndIndices {
  const { input, k, dim, largest, _sorted } = TOPK.read(given);
  if (input.ndim === 0) return sort(input);
  const axis = normalizeAxis("topk", dim, input.ndim);
  if (!Number.isInteger(k) || k < 0 || k > input.shape[axis]) {
    throw new Error(
      `selected index k out of range: k is ${k}, dimension ${axis} has size ${input.shape[axis]}`,
    );
  }
  return ordered(input, k, axis, largest);
}

const KTHVALUE = signature("kthvalue", ["input", tensorKind], ["k", kinds.integer], [
  "dim",
  kinds.integer,
  -1,
], ["keepdim", kinds.boolean, undefined]);

/** The k-th smallest element along an axis (k from 1), and where it is. */
export function kthvalue(
  ...given: Call<
    typeof KTHVALUE,
    { readonly dim?: number } & ReductionOptions,
    [input: Tensor, k: number]
  >
): ValuesAndIndices {
  const { input, k, dim, keepdim = false } = KTHVALUE.read(given);
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

/** The middle one of the elements that are values. */
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

const QUANTILE = signature(
  "quantile",
  ["input", tensorKind],
  ["q", kinds.either(kinds.number, kinds.numbers)],
  ["dim", kinds.nullable(kinds.integer), null],
  ["keepdim", kinds.boolean, undefined],
  "*",
  ["interpolation", kinds.oneOf("linear", "lower", "higher", "midpoint", "nearest"), undefined],
);

/**
 * The element at a share of the way from the smallest to the largest along an axis; of all elements without one.
 *
 * @param q from 0 to 1; a tensor of several gives a first axis of as many results
 */
export function quantile(
  ...given: Call<
    typeof QUANTILE,
    { readonly dim?: number | null } & QuantileOptions,
    [input: Tensor, q: number | readonly number[]]
  >
): Tensor {
  const { input, q, dim, ...options } = QUANTILE.read(given);
  return quantiles(input, q, dim, options, false);
}

const NANQUANTILE = signature(
  "nanquantile",
  ["input", tensorKind],
  ["q", kinds.either(kinds.number, kinds.numbers)],
  ["dim", kinds.nullable(kinds.integer), null],
  ["keepdim", kinds.boolean, undefined],
  "*",
  ["interpolation", kinds.oneOf("linear", "lower", "higher", "midpoint", "nearest"), undefined],
);

/** {@linkcode quantile} of the elements that are values. */
export function nanquantile(
  ...given: Call<
    typeof NANQUANTILE,
    { readonly dim?: number | null } & QuantileOptions,
    [input: Tensor, q: number | readonly number[]]
  >
): Tensor {
  const { input, q, dim, ...options } = NANQUANTILE.read(given);
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
  const counts = bad.logicalNot().to(input.dtype).sum(axis, { keepdim: true });
  const place = skipNaN
    ? counts.sub(1).clamp({ min: 0 }).mul(share)
    : counts.mul(0).add((input.shape[axis] - 1) * share);
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

const MODE = signature("mode", ["input", tensorKind], ["dim", kinds.integer, -1], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** The most frequent element along an axis, the smallest of equally frequent ones, and where it is last. */
export function mode(
  ...given: Call<typeof MODE, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
): ValuesAndIndices {
  const { input, dim, keepdim = false } = MODE.read(given);
  const axis = normalizeAxis("mode", dim, input.ndim);
  const moved = input.detach().movedim(axis, -1);
  const length = input.shape[axis];
  const shape = moved.shape.slice(0, -1);
  const [positions] = computeOnHost([moved], [{ dtype: "int64", shape }], (data) => [
    Float64Array.from(
      { length: data.length / length },
      (_, row) => mostFrequent(data.subarray(row * length, (row + 1) * length)),
    ),
  ]);
  const indices = positions.unsqueeze(axis);
  const values = input.gather(axis, indices);
  return keepdim ? { values, indices } : { values: values.squeeze(axis), indices: positions };
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

const SEARCHSORTED = signature(
  "searchsorted",
  ["sortedSequence", tensorKind],
  ["values", tensorKind],
  "*",
  ["right", kinds.boolean, undefined],
);

/** Where values would have to be put into sequences in order (last axis) to keep the order, int64. */
export function searchsorted(
  ...given: Call<typeof SEARCHSORTED, SearchOptions, [sortedSequence: Tensor, values: Tensor]>
): Tensor {
  const { sortedSequence, values, right = false } = SEARCHSORTED.read(given);
  const before = right
    ? sortedSequence.detach().unsqueeze(-2).le(values.detach().unsqueeze(-1))
    : sortedSequence.detach().unsqueeze(-2).lt(values.detach().unsqueeze(-1));
  return before.to("int64").sum(-1);
}

const BUCKETIZE = signature("bucketize", ["input", tensorKind], ["boundaries", tensorKind], "*", [
  "right",
  kinds.boolean,
  undefined,
]);

/** Which of the buckets between boundaries (in order) each element lies in, int64. */
export function bucketize(
  ...given: Call<typeof BUCKETIZE, SearchOptions, [input: Tensor, boundaries: Tensor]>
): Tensor {
  const { input, boundaries, ...options } = BUCKETIZE.read(given);
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
    /** The middle one of the elements that are values. */
    nanmedian(): Tensor;
    nanmedian(dim: number, options?: ReductionOptions): ValuesAndIndices;
  }
}
defineMethods({ ...methods, median, nanmedian });
