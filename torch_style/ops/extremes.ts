/**
 * Largest and smallest elements, and where they are. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { type NamedTuple, namedTuple } from "./named_tuple.ts";
import { normalizeAxes, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { maximum, minimum } from "./elementwise.ts";
import { type Dims, dims, type ReductionOptions } from "./reduction.ts";

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
  refuseNothing("amax", input, dim);
  return apply("Amax", [input], ([x]) => ops.max(x, { axes: dim, keepDims: keepdim }));
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
  refuseNothing("amin", input, dim);
  return apply("Amin", [input], ([x]) => ops.min(x, { axes: dim, keepDims: keepdim }));
}

function refuseNothing(name: string, { shape }: Tensor, dim: Dims | undefined): void {
  const empty = normalizeAxes(name, dim, shape.length).find((axis) => shape[axis] === 0);
  if (empty === undefined) return;
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
    if (dim === undefined) return whole(input);
    if (typeof dim !== "number") return ofTwo(input, dim);
    const indices = indexOf(input, dim, { keepdim: true });
    const values = input.gather(dim, indices);
    return namedTuple(
      keepdim
        ? { values, indices }
        : { values: values.squeeze(dim), indices: indices.squeeze(dim) },
    );
  };
  return call as Extreme;
}

/** Largest element of all, or along an axis with its index. */
export const max: Extreme = extreme("max", (x) => amax(x), argmax, (a, b) => maximum(a, b));
/** Smallest element of all, or along an axis with its index. */
export const min: Extreme = extreme("min", (x) => amin(x), argmin, (a, b) => minimum(a, b));

function argExtreme(
  input: Tensor,
  dim: number | undefined,
  keepdim: boolean,
  find: typeof ops.argMax,
): Tensor {
  const x = dim === undefined ? ops.reshape(input.array, [-1]) : input.array;
  return new Tensor(find(x, dim ?? 0, { keepDims: keepdim, nanFirst: true }));
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
  return argExtreme(input, dim, keepdim, ops.argMax);
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
  return argExtreme(input, dim, keepdim, ops.argMin);
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
