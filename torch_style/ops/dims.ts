/**
 * Which axes of a tensor arguments name. Where PyTorch wants an axis named, a single value counts as a list of one: its axis
 * is 0 or -1.
 * @module
 */
import { normalizeAxes, normalizeAxis } from "../../onnx/mod.ts";
import { type Kind, kinds } from "../arguments.ts";
import { Tensor } from "../tensor.ts";
import { namedTuple } from "./named_tuple.ts";

/** Axes to fold; all of them unless given, or where the list is empty. */
export type Dims = number | readonly number[] | null;

/** What {@linkcode Dims} is, as an argument. */
export const dims: Kind<Dims> = kinds.nullable(kinds.either(kinds.integer, kinds.integers));

/** An axis counted from the front. @throws {Error} if there is none */
export function axisOf(name: string, dim: number, rank: number): number {
  return normalizeAxis(name, dim, Math.max(1, rank));
}

/** The axes that a reduction folds. @throws {Error} if there are none, or one is named twice */
export function foldedAxes(name: string, dim: Dims | undefined, rank: number): number[] {
  const named = Array.isArray(dim) && dim.length === 0 ? null : dim;
  if (rank > 0) return normalizeAxes(name, named, rank);
  if (named !== null && named !== undefined) normalizeAxes(name, named, 1);
  return [];
}

/** A single value as a list of one. */
export function asList(x: Tensor): Tensor {
  return x.ndim === 0 ? x.reshape(1) : x;
}

/** What `compute` makes of a tensor along an axis, tensors; of a single value, as of a list of one, single values. */
export function computeAlong<Result extends object>(
  name: string,
  input: Tensor,
  dim: number,
  compute: (input: Tensor, axis: number) => Result,
): Result {
  const axis = axisOf(name, dim, input.ndim);
  if (input.ndim > 0) return compute(input, axis);
  const result = compute(asList(input), axis);
  if (result instanceof Tensor) return result.reshape([]) as Result;
  const single = Object.entries(result).map(([key, x]) => [key, (x as Tensor).reshape([])]);
  return namedTuple(Object.fromEntries(single)) as Result;
}
