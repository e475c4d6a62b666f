/**
 * Order: sorted elements, the k largest, and where values belong among sorted ones. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 *
 * Sorting is always stable. NaN counts as larger than any number.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { constant, isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { computeAlong } from "./dims.ts";
import type { ValuesAndIndices } from "./extremes.ts";
import { namedTuple } from "./named_tuple.ts";

/**
 * What elements are ordered by: in float64, where infinity becomes the largest number and NaN infinity. That number
 * itself, which no narrower type holds, is taken for infinity.
 */
function sortKey(x: LazyArray): LazyArray {
  if (!isFloating(x.dtype)) return x;
  const wide = ops.cast(x, "float64");
  const finite = ops.minimum(wide, constant(Number.MAX_VALUE, "float64"));
  return ops.where(ops.isNaN(wide), constant(Infinity, "float64"), finite);
}

function ordered(input: Tensor, k: number, axis: number, largest: boolean): ValuesAndIndices {
  const [, indices] = ops.topK(sortKey(input.array), k, { axis, largest });
  const positions = new Tensor(indices);
  return namedTuple({ values: input.gather(axis, positions), indices: positions });
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
  return computeAlong("sort", input, dim, (x, axis) => ordered(x, x.shape[axis], axis, descending));
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
  ["sorted", kinds.boolean, true],
);

/** The k largest (or smallest) elements along an axis, in order (whatever `sorted` says), and where they were. */
export function topk(
  ...given: Call<
    typeof TOPK,
    { readonly dim?: number; readonly largest?: boolean; readonly sorted?: boolean },
    [input: Tensor, k: number]
  >
): ValuesAndIndices {
  const { input, k, dim, largest } = TOPK.read(given);
  return computeAlong("topk", input, dim, (x, axis) => {
    if (k < 0 || k > x.shape[axis]) {
      throw new Error(
        `selected index k out of range: k is ${k}, dimension ${axis} has size ${x.shape[axis]}`,
      );
    }
    return ordered(x, k, axis, largest);
  });
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
  const [sequence, wanted] = [
    sortedSequence.detach().unsqueeze(-2),
    values.detach().unsqueeze(-1),
  ];
  const before = right ? sequence.le(wanted) : sequence.lt(wanted);
  // NaN comes after every number.
  const isLast = isFloating(values.dtype) ? before.logicalOr(wanted.isnan()) : before;
  return isLast.to("int64").sum(-1);
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
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
