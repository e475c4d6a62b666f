/**
 * Tensors cut along an axis. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { split } from "./joining.ts";

const SPLIT_WITH_SIZES = signature("splitWithSizes", ["input", tensorKind], [
  "splitSizes",
  kinds.integers,
], ["dim", kinds.integer, 0]);

/** Views of consecutive parts of the given lengths. */
export function splitWithSizes(
  ...given: Call<
    typeof SPLIT_WITH_SIZES,
    { readonly dim?: number },
    [input: Tensor, splitSizes: readonly number[]]
  >
): Tensor[] {
  const { input, splitSizes, dim } = SPLIT_WITH_SIZES.read(given);
  return split(input, splitSizes, dim);
}

const TENSOR_SPLIT = signature("tensorSplit", ["input", tensorKind], [
  "indicesOrSections",
  kinds.either(kinds.integer, kinds.integers),
], ["dim", kinds.integer, 0]);

/** Views of consecutive parts: so many of nearly one length, or cut at the given indices. */
export function tensorSplit(
  ...given: Call<
    typeof TENSOR_SPLIT,
    { readonly dim?: number },
    [input: Tensor, indicesOrSections: number | readonly number[]]
  >
): Tensor[] {
  const { input, indicesOrSections: sections, dim } = TENSOR_SPLIT.read(given);
  const axis = normalizeAxis("tensorSplit", dim, input.ndim);
  const length = input.shape[axis];
  if (typeof sections === "number") {
    if (!(sections > 0)) {
      throw new Error(`number of sections must be larger than 0, got ${sections}`);
    }
    const lengths = Array.from(
      { length: sections },
      (_, i) => Math.floor(length / sections) + (i < length % sections ? 1 : 0),
    );
    return split(input, lengths, axis);
  }
  const inside = (n: number) => Math.min(length, Math.max(0, n < 0 ? n + length : n));
  const ends = [...sections.map(inside), length];
  return ends.map((end, i) => {
    const start = i === 0 ? 0 : ends[i - 1];
    return input.narrow(axis, start, Math.max(0, end - start));
  });
}

function splitEvenly(
  name: string,
  input: Tensor,
  sections: number | readonly number[],
  axis: number,
): Tensor[] {
  if (typeof sections === "number" && input.shape[axis] % sections !== 0) {
    throw new Error(
      `torch.${name} attempted to split along dimension ${axis}, but the size of the dimension ${
        input.shape[axis]
      } is not divisible by the split_size ${sections}!`,
    );
  }
  return tensorSplit(input, sections, axis);
}

function atLeast(name: string, input: Tensor, rank: number): void {
  if (input.ndim >= rank) return;
  throw new Error(
    `torch.${name} requires a tensor with at least ${rank} dimension${
      rank > 1 ? "s" : ""
    }, but got a tensor with ${input.ndim} dimensions!`,
  );
}

const HSPLIT = signature("hsplit", ["input", tensorKind], [
  "indicesOrSections",
  kinds.either(kinds.integer, kinds.integers),
]);

/** Split along axis 1, of a vector along axis 0. */
export function hsplit(
  ...given: Call<
    typeof HSPLIT,
    Record<never, never>,
    [input: Tensor, indicesOrSections: number | readonly number[]]
  >
): Tensor[] {
  const { input, indicesOrSections: sections } = HSPLIT.read(given);
  atLeast("hsplit", input, 1);
  return splitEvenly("hsplit", input, sections, input.ndim === 1 ? 0 : 1);
}

const VSPLIT = signature("vsplit", ["input", tensorKind], [
  "indicesOrSections",
  kinds.either(kinds.integer, kinds.integers),
]);

/** Split along axis 0. */
export function vsplit(
  ...given: Call<
    typeof VSPLIT,
    Record<never, never>,
    [input: Tensor, indicesOrSections: number | readonly number[]]
  >
): Tensor[] {
  const { input, indicesOrSections: sections } = VSPLIT.read(given);
  atLeast("vsplit", input, 2);
  return splitEvenly("vsplit", input, sections, 0);
}

const DSPLIT = signature("dsplit", ["input", tensorKind], [
  "indicesOrSections",
  kinds.either(kinds.integer, kinds.integers),
]);

/** Split along axis 2. */
export function dsplit(
  ...given: Call<
    typeof DSPLIT,
    Record<never, never>,
    [input: Tensor, indicesOrSections: number | readonly number[]]
  >
): Tensor[] {
  const { input, indicesOrSections: sections } = DSPLIT.read(given);
  atLeast("dsplit", input, 3);
  return splitEvenly("dsplit", input, sections, 2);
}

const methods = { splitWithSizes, tensorSplit, hsplit, vsplit, dsplit };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
