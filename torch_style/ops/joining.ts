/**
 * Putting tensors together and taking them apart. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { normalizeAxis, ops, showShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { deliver, type OutOption } from "./out.ts";
import { promoted } from "./type_promotion.ts";

const CAT = signature(
  "cat",
  ["tensors", kinds.listOf(tensorKind)],
  ["dim", kinds.integer, 0],
  "*",
  ["out", tensorKind, undefined],
);

/** Tensors one after the other along an axis; empty vectors are passed over, whatever shape the others have. */
export function cat(
  ...given: Call<typeof CAT, { readonly dim?: number } & OutOption, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors, dim, ...options } = CAT.read(given);
  if (tensors.length === 0) throw new Error("torch.cat(): expected a non-empty list of Tensors");
  // The element type is a matter of all of them, single values counting as much as the others.
  const whole = tensors.map((x) => x.ndim === 0 ? x.reshape(1) : x);
  const typed = promoted(...whole);
  const filled = typed.filter(({ shape }) => shape.length !== 1 || shape[0] > 0);
  const joined = apply(
    "Cat",
    filled.length > 0 ? filled : typed,
    (arrays) => ops.concat(arrays, dim),
  );
  return deliver(joined, options);
}

const STACK = signature(
  "stack",
  ["tensors", kinds.listOf(tensorKind)],
  ["dim", kinds.integer, 0],
  "*",
  ["out", tensorKind, undefined],
);

/** Tensors of one shape along a new axis. */
export function stack(
  ...given: Call<typeof STACK, { readonly dim?: number } & OutOption, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors, dim, ...options } = STACK.read(given);
  if (tensors.length === 0) throw new Error("stack expects a non-empty TensorList");
  const odd = tensors.findIndex((x) => String(x.shape) !== String(tensors[0].shape));
  if (odd > 0) {
    throw new Error(
      `stack expects each tensor to be equal size, but got ${
        showShape(tensors[0].shape)
      } at entry 0 ` +
        `and ${showShape(tensors[odd].shape)} at entry ${odd}`,
    );
  }
  return cat(
    tensors.map((x) => x.unsqueeze(dim)),
    dim < 0 ? dim + tensors[0].ndim + 1 : dim,
    options,
  );
}

const SPLIT = signature("split", ["input", tensorKind], [
  "splitSizeOrSections",
  kinds.either(kinds.integer, kinds.integers),
], ["dim", kinds.integer, 0]);

/** Views of consecutive parts of an axis: of one length (the last may be shorter), or of the lengths given. */
export function split(
  ...given: Call<
    typeof SPLIT,
    { readonly dim?: number },
    [input: Tensor, splitSizeOrSections: number | readonly number[]]
  >
): Tensor[] {
  const { input, splitSizeOrSections: sizes, dim } = SPLIT.read(given);
  const axis = normalizeAxis("split", dim, input.ndim);
  const dimension = input.shape[axis];
  const lengths = typeof sizes === "number" ? evenly(dimension, sizes) : sizes;
  if (lengths.reduce((a, b) => a + b, 0) !== dimension) {
    throw new Error(
      `split_with_sizes expects split_sizes to sum exactly to ${dimension} (input tensor's size at dimension ` +
        `${axis}), but got split_sizes=[${lengths}]`,
    );
  }
  let start = 0;
  return lengths.map((length) => input.narrow(axis, (start += length) - length, length));
}

function evenly(dimension: number, size: number): number[] {
  if (!(size > 0)) throw new Error(`split expects split_size be positive, but got ${size}`);
  const count = Math.max(1, Math.ceil(dimension / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, dimension - i * size));
}

const CHUNK = signature("chunk", ["input", tensorKind], ["chunks", kinds.integer], [
  "dim",
  kinds.integer,
  0,
]);

/** At most `chunks` views of consecutive parts of an axis. */
export function chunk(
  ...given: Call<typeof CHUNK, { readonly dim?: number }, [input: Tensor, chunks: number]>
): Tensor[] {
  const { input, chunks, dim } = CHUNK.read(given);
  if (!(chunks > 0)) {
    throw new Error(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  }
  const axis = normalizeAxis("chunk", dim, input.ndim);
  return split(input, Math.max(1, Math.ceil(input.shape[axis] / chunks)), axis);
}

const UNBIND = signature("unbind", ["input", tensorKind], ["dim", kinds.integer, 0]);

/** Views of all entries of an axis, without that axis. */
export function unbind(
  ...given: Call<typeof UNBIND, { readonly dim?: number }, [input: Tensor]>
): Tensor[] {
  const { input, dim } = UNBIND.read(given);
  const axis = normalizeAxis("unbind", dim, input.ndim);
  return Array.from({ length: input.shape[axis] }, (_, i) => input.select(axis, i));
}

const methods = { split, chunk, unbind };

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods>, Iterable<Tensor> {}
}

defineMethods(methods);

/** Entries of the first axis: `for (const row of x)`, `const [a, b] = x`. @throws {Error} for a single value */
Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  value(this: Tensor): IterableIterator<Tensor> {
    if (this.ndim === 0) throw new Error("iteration over a 0-d tensor");
    return unbind(this).values();
  },
});
