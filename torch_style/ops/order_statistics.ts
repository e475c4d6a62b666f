/**
 * Elements by their rank: the k-th smallest, medians and quantiles; and the most frequent one. Each follows the page of its
 * name under https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 *
 * NaN counts as larger than any number.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { isFloating } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { add, lerp, mul, where } from "./elementwise.ts";
import { computeFromStored } from "./host_function.ts";
import { stack } from "./joining.ts";
import { narrow } from "./movement.ts";
import { axisOf, computeAlong } from "./dims.ts";
import type { ValuesAndIndices } from "./extremes.ts";
import type { ReductionOptions } from "./reduction.ts";
import { sharedByEqual } from "./shared_gradient.ts";
import { sort, topk } from "./sorting.ts";
import { namedTuple } from "./named_tuple.ts";

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
  return computeAlong("kthvalue", input, dim, (x, axis) => {
    const length = x.shape[axis];
    if (k < 1 || k > length) {
      throw new Error(
        `kthvalue(): selected number k out of range for dimension ${axis}: k is ${k}, expected 1 to ${length}`,
      );
    }
    const { values, indices } = topk(x, k, axis, false);
    return entryOf(values, indices, k - 1, axis, keepdim);
  });
}

function entryOf(values: Tensor, indices: Tensor, at: number, axis: number, keepdim: boolean) {
  const one = (x: Tensor) => {
    const entry = narrow(x, axis, at, 1);
    return keepdim ? entry : entry.squeeze(axis);
  };
  return namedTuple({ values: one(values), indices: one(indices) });
}

type Median = {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
};

function medianOf(
  name: string,
  along: (input: Tensor, axis: number, keepdim: boolean) => ValuesAndIndices,
): Median {
  const own = signature(
    name,
    ["input", tensorKind],
    ["dim", kinds.integer, undefined],
    ["keepdim", kinds.boolean, false],
  );
  function median(input: Tensor): Tensor;
  function median(input: Tensor, dim: number, options?: ReductionOptions): ValuesAndIndices;
  function median(...given: unknown[]) {
    const { input, dim, keepdim } = own.read(given);
    if (dim === undefined) {
      return sharedByEqual(name, input, (x) => along(x.reshape(-1), 0, false).values);
    }
    return computeAlong(name, input, dim, (x, axis) => along(x, axis, keepdim));
  }
  return median;
}

/** The middle element in order, the lower one of two; NaN if there is one. */
export const median: Median = medianOf("median", (input, axis, keepdim) => {
  const { values, indices } = sort(input, axis);
  const middle = Math.floor((input.shape[axis] - 1) / 2);
  const own = entryOf(values, indices, middle, axis, keepdim);
  if (!isFloating(input.dtype)) return own;
  const isNaN = input.detach().isnan();
  const bad = isNaN.any(axis, { keepdim });
  const first = isNaN.to("int32").argmax(axis, { keepdim: true });
  const [value, index] = [input.gather(axis, first), first].map((x) =>
    keepdim ? x : x.squeeze(axis)
  );
  return namedTuple({
    values: where(bad, value, own.values),
    indices: where(bad, index, own.indices),
  });
});

/** The middle one of the elements that are values. */
export const nanmedian: Median = medianOf("nanmedian", (input, axis, keepdim) => {
  const { values, indices } = sort(input, axis);
  const count = isFloating(input.dtype)
    ? input.detach().isnan().logicalNot().to("int64").sum(axis, { keepdim: true })
    : input.detach().eq(input).to("int64").sum(axis, { keepdim: true });
  const middle = count.sub(1).clamp({ min: 0 }).floorDivide(2);
  const [own, index] = [values.gather(axis, middle), indices.gather(axis, middle)];
  return namedTuple(
    keepdim
      ? { values: own, indices: index }
      : { values: own.squeeze(axis), indices: index.squeeze(axis) },
  );
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

const NANQUANTILE = QUANTILE.named("nanquantile");

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
  const isFlat = dim === null || input.ndim === 0;
  const flat = isFlat ? input.reshape(-1) : input;
  const axis = axisOf("quantile", dim ?? 0, flat.ndim);
  const { values } = sort(flat, axis);
  const results = shares.map((share) => one(flat, values, axis, share, interpolation, skipNaN));
  const shaped = results.map((x) =>
    keepdim ? isFlat ? x.reshape(input.shape.map(() => 1)) : x : x.squeeze(axis)
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
  const index = skipNaN
    ? counts.sub(1).clamp({ min: 0 }).mul(share)
    : counts.mul(0).add((input.shape[axis] - 1) * share);
  const [low, high] = [index.floor(), index.ceil()];
  const at = (x: Tensor) => values.gather(axis, x.to("int64"));
  const between = {
    linear: () => lerp(at(low), at(high), index.sub(low)),
    lower: () => at(low),
    higher: () => at(high),
    midpoint: () => mul(add(at(low), at(high)), 0.5),
    nearest: () => at(index.round()),
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
  return computeAlong("mode", input, dim, (x, axis) => modeAlong(x, axis, keepdim));
}

function modeAlong(input: Tensor, axis: number, keepdim: boolean): ValuesAndIndices {
  const moved = input.detach().movedim(axis, -1);
  const length = input.shape[axis];
  const shape = moved.shape.slice(0, -1);
  const [positions] = computeFromStored([moved], [{ dtype: "int64", shape }], (data) => [
    Float64Array.from(
      { length: data.length / length },
      (_, row) => mostFrequent([...data.subarray(row * length, (row + 1) * length)]),
    ),
  ]);
  const indices = positions.unsqueeze(axis);
  const values = input.gather(axis, indices);
  return namedTuple(
    keepdim ? { values, indices } : { values: values.squeeze(axis), indices: positions },
  );
}

/** Where the most frequent number is last; the first NaN of nothing else, as each NaN differs from all others. */
function mostFrequent(row: readonly (number | bigint)[]): number {
  const counts = new Map<number | bigint, number>();
  for (const x of row) if (x === x) counts.set(x, (counts.get(x) ?? 0) + 1);
  if (counts.size === 0) return 0;
  const best = [...counts].reduce((a, b) => b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a);
  return row.lastIndexOf(best[0]);
}

const methods = { kthvalue, quantile, nanquantile, mode };
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
