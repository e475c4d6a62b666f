/**
 * Largest and smallest elements, and where they are. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { type NamedTuple, namedTuple } from "./named_tuple.ts";
import { type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { maximum, minimum } from "./elementwise.ts";
import { axisOf, computeAlong, type Dims, dims, foldedAxes } from "./dims.ts";
import type { ReductionOptions } from "./reduction.ts";
import { sharedByEqual } from "./shared_gradient.ts";

const AMAX = signature("amax", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Largest element; equal ones share the gradient. */
export function amax(
  ...given: Call<typeof AMAX, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = AMAX.read(given);
  const axes = filledAxes("amax", input, dim);
  return apply(
    "Amax",
    [input],
    ([x]) => asBytes(x, (y) => ops.max(y, { axes, keepDims: keepdim })),
  );
}

const AMIN = signature("amin", ["input", tensorKind], ["dim", dims, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Smallest element; equal ones share the gradient. */
export function amin(
  ...given: Call<typeof AMIN, { readonly dim?: Dims } & ReductionOptions, [input: Tensor]>
): Tensor {
  const { input, dim, keepdim = false } = AMIN.read(given);
  const axes = filledAxes("amin", input, dim);
  return apply(
    "Amin",
    [input],
    ([x]) => asBytes(x, (y) => ops.min(y, { axes, keepDims: keepdim })),
  );
}

/** What is computed of booleans as of bytes. */
function asBytes(x: LazyArray, compute: (x: LazyArray) => LazyArray): LazyArray {
  return x.dtype === "bool" ? ops.cast(compute(ops.cast(x, "uint8")), "bool") : compute(x);
}

/** The axes that are folded. @throws {Error} if one has no entries */
function filledAxes(name: string, { shape }: Tensor, dim: Dims | undefined): number[] {
  const axes = foldedAxes(name, dim, shape.length);
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty === undefined) return axes;
  throw new Error(`${name}(): Expected reduction dim ${empty} to have non-zero size.`);
}

/** Extremes along an axis, and where they lie. */
export type ValuesAndIndices = NamedTuple<{ values: Tensor; indices: Tensor }>;

type Extreme = {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean | ReductionOptions): ValuesAndIndices;
  (input: Tensor, other: Tensor): Tensor;
  (input: Tensor, options: { readonly dim: number } & ReductionOptions): ValuesAndIndices;
};

/** {@linkcode Extreme} as a method. */
interface ExtremeMethod {
  (): Tensor;
  (dim: number, keepdim?: boolean | ReductionOptions): ValuesAndIndices;
  (other: Tensor): Tensor;
  (options: { readonly dim: number } & ReductionOptions): ValuesAndIndices;
}

/** Of all elements, along an axis with their indices, or of two tensors element by element. */
function extreme(
  name: string,
  whole: (x: Tensor) => Tensor,
  indexOf: typeof argmax,
  ofTwo: (input: Tensor, other: Tensor) => Tensor,
): Extreme {
  const own = signature(
    name,
    ["input", tensorKind],
    ["dim", kinds.either(kinds.integer, tensorKind), undefined],
    ["keepdim", kinds.boolean, false],
  );
  const call = (...given: unknown[]) => {
    const { input, dim, keepdim } = own.read(given);
    if (dim === undefined) return sharedByEqual(name, input, whole);
    if (typeof dim !== "number") return ofTwo(input, dim);
    return computeAlong(name, input, dim, (x, axis) => {
      const indices = indexOf(x, axis, { keepdim: true });
      const values = x.gather(axis, indices);
      return namedTuple(
        keepdim
          ? { values, indices }
          : { values: values.squeeze(axis), indices: indices.squeeze(axis) },
      );
    });
  };
  return call as Extreme;
}

/** Largest element of all, or along an axis with its index. */
export const max: Extreme = extreme("max", (x) => amax(x), argmax, (a, b) => maximum(a, b));
/** Smallest element of all, or along an axis with its index. */
export const min: Extreme = extreme("min", (x) => amin(x), argmin, (a, b) => minimum(a, b));

function argExtreme(
  name: string,
  input: Tensor,
  dim: number | undefined,
  keepdim: boolean,
  find: typeof ops.argMax,
): Tensor {
  const isFlat = dim === undefined || input.ndim === 0;
  const x = isFlat ? ops.reshape(input.array, [-1]) : input.array;
  const axis = axisOf(name, dim ?? 0, x.shape.length);
  if (x.shape[axis] === 0) {
    throw new Error(`${name}(): Expected reduction dim ${axis} to have non-zero size.`);
  }
  const found = find(x, axis, { keepDims: keepdim && !isFlat, nanFirst: true });
  return new Tensor(isFlat && keepdim ? ops.reshape(found, input.shape.map(() => 1)) : found);
}

const ARGMAX = signature("argmax", ["input", tensorKind], ["dim", kinds.integer, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Index of the largest element along an axis; in the flattened tensor without one. */
export function argmax(
  ...given: Call<typeof ARGMAX, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
) {
  const { input, dim, keepdim = false } = ARGMAX.read(given);
  return argExtreme("argmax", input, dim, keepdim, ops.argMax);
}

const ARGMIN = signature("argmin", ["input", tensorKind], ["dim", kinds.integer, undefined], [
  "keepdim",
  kinds.boolean,
  undefined,
]);

/** Index of the smallest element along an axis; in the flattened tensor without one. */
export function argmin(
  ...given: Call<typeof ARGMIN, { readonly dim?: number } & ReductionOptions, [input: Tensor]>
) {
  const { input, dim, keepdim = false } = ARGMIN.read(given);
  return argExtreme("argmin", input, dim, keepdim, ops.argMin);
}

const methods = { amax, amin, argmax, argmin };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {
    /** Largest element of all, or along an axis with its index; or the larger ones of two tensors. */
    max: ExtremeMethod;
    /** Smallest element of all, or along an axis with its index; or the smaller ones of two tensors. */
    min: ExtremeMethod;
  }
}
defineMethods({ ...methods, max, min });
