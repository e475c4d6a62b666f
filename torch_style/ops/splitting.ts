/**
 * Tensors cut along an axis. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import type { Tensor } from "../tensor.ts";
import { split } from "./joining.ts";

/** Views of consecutive parts of the given lengths. */
export function splitWithSizes(input: Tensor, splitSizes: readonly number[], dim = 0): Tensor[] {
  return split(input, splitSizes, dim);
}

/** Views of consecutive parts: so many of nearly one length, or cut at the given indices. */
export function tensorSplit(
  input: Tensor,
  sections: number | readonly number[],
  dim = 0,
): Tensor[] {
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

/** Split along axis 1, of a vector along axis 0. */
export function hsplit(input: Tensor, sections: number | readonly number[]): Tensor[] {
  atLeast("hsplit", input, 1);
  return splitEvenly("hsplit", input, sections, input.ndim === 1 ? 0 : 1);
}

/** Split along axis 0. */
export function vsplit(input: Tensor, sections: number | readonly number[]): Tensor[] {
  atLeast("vsplit", input, 2);
  return splitEvenly("vsplit", input, sections, 0);
}

/** Split along axis 2. */
export function dsplit(input: Tensor, sections: number | readonly number[]): Tensor[] {
  atLeast("dsplit", input, 3);
  return splitEvenly("dsplit", input, sections, 2);
}

const methods = { splitWithSizes, tensorSplit, hsplit, vsplit, dsplit };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
