/**
 * Tensors put together along axes that some of them lack: `hstack`, `vstack` and their kind. Each follows the page of its
 * name under https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { cat } from "./joining.ts";
import { reshape, unsqueeze } from "./movement.ts";

const ATLEAST1D = signature("atleast1d", ["input", tensorKind]);

/** With at least one axis. */
export function atleast1d(
  ...given: Call<typeof ATLEAST1D, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ATLEAST1D.read(given);
  return input.ndim === 0 ? reshape(input, [1]) : input;
}

const ATLEAST2D = signature("atleast2d", ["input", tensorKind]);

/** With at least two axes. */
export function atleast2d(
  ...given: Call<typeof ATLEAST2D, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ATLEAST2D.read(given);
  return input.ndim < 2 ? reshape(input, [1, -1]) : input;
}

const ATLEAST3D = signature("atleast3d", ["input", tensorKind]);

/** With at least three axes. */
export function atleast3d(
  ...given: Call<typeof ATLEAST3D, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ATLEAST3D.read(given);
  if (input.ndim < 2) return reshape(input, [1, -1, 1]);
  return input.ndim === 2 ? unsqueeze(input, -1) : input;
}

const HSTACK = signature("hstack", ["tensors", kinds.listOf(tensorKind)]);

/** Put together along axis 1, vectors along axis 0. */
export function hstack(
  ...given: Call<typeof HSTACK, Record<never, never>, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors } = HSTACK.read(given);
  const all = tensors.map((x) => atleast1d(x));
  return cat(all, all[0]?.ndim === 1 ? 0 : 1);
}

const VSTACK = signature("vstack", ["tensors", kinds.listOf(tensorKind)]);

/** Put together along axis 0, vectors as rows. */
export function vstack(
  ...given: Call<typeof VSTACK, Record<never, never>, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors } = VSTACK.read(given);
  return cat(tensors.map((x) => atleast2d(x)), 0);
}

const DSTACK = signature("dstack", ["tensors", kinds.listOf(tensorKind)]);

/** Put together along axis 2. */
export function dstack(
  ...given: Call<typeof DSTACK, Record<never, never>, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors } = DSTACK.read(given);
  return cat(tensors.map((x) => atleast3d(x)), 2);
}

const COLUMN_STACK = signature("columnStack", ["tensors", kinds.listOf(tensorKind)]);

/** Put together along axis 1, vectors as columns. */
export function columnStack(
  ...given: Call<typeof COLUMN_STACK, Record<never, never>, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors } = COLUMN_STACK.read(given);
  return cat(tensors.map((x) => x.ndim < 2 ? reshape(x, [-1, 1]) : x), 1);
}
