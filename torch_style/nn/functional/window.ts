/**
 * Sizes of windows that move over one, two or three axes.
 * @module
 */
import { type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { type Kind, kinds } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";

/** A number for the one axis of [n, c, l]. */
export type Single = number | readonly [number];
/** One number for both axes of [n, c, h, w], or [height, width]. */
export type Pair = number | readonly [number, number];
/** One number for all axes of [n, c, d, h, w], or [depth, height, width]. */
export type Triple = number | readonly [number, number, number];
/** Any of these. */
export type WindowSize = Single | Pair | Triple;

/** What {@linkcode perAxis} takes; how many there are to be it checks itself. */
export const windowSize = kinds.either(kinds.integer, kinds.integers) as Kind<WindowSize>;

/**
 * One number for each axis.
 *
 * @param what what the values are, for the error
 * @throws {Error} if there are more or fewer than axes, or one is not whole or below `least`
 */
export function perAxis(what: string, value: WindowSize, rank: number, least = 0): number[] {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank || list.some((n) => !Number.isInteger(n) || n < least)) {
    throw new Error(
      `${what} should be an integer of at least ${least} or a list of ${rank} of them, ` +
        `got ${typeof value === "number" ? value : showShape(value)}`,
    );
  }
  return list;
}

/** The same padding before and after each axis, as graphs want it. */
export function onBothSides(padding: readonly number[]): number[] {
  return [...padding, ...padding];
}

/** @throws {Error} if the input is neither one sample nor a batch of them. */
export function checkRank(name: string, input: Tensor, rank: number): void {
  if (input.ndim === rank + 1 || input.ndim === rank + 2) return;
  throw new Error(
    `Expected ${rank + 1}D (unbatched) or ${
      rank + 2
    }D (batched) input to ${name}, but got input of ` +
      `size: ${showShape(input.shape)}`,
  );
}

/** Computes a function of batches for a batch, or for one sample as a batch of one. */
export function asBatch(
  x: LazyArray,
  rank: number,
  compute: (batch: LazyArray) => LazyArray,
): LazyArray {
  if (x.shape.length === rank + 2) return compute(x);
  const result = compute(ops.reshape(x, [1, ...x.shape]));
  return ops.reshape(result, result.shape.slice(1));
}
