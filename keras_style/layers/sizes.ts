/**
 * Options that are a number for every axis, and what windows make of sizes.
 * @module
 */
import { show } from "../options.ts";

/** One size for all axes, or one each. */
export type Sizes = number | readonly number[];

/** How edges are treated. */
export type Padding = "valid" | "same";

/**
 * One size for each axis.
 *
 * @throws {RangeError} naming the option, its value and what was expected
 */
export function readSizes(
  owner: string,
  option: string,
  value: unknown,
  rank: number,
  least = 1,
): number[] {
  const sizes = typeof value === "number" ? new Array<number>(rank).fill(value) : value;
  const fits = Array.isArray(sizes) && sizes.length === rank &&
    sizes.every((size) => Number.isInteger(size) && size >= least);
  if (fits) return [...sizes];
  const list = rank === 1 ? "" : ` or a list of ${rank} of them`;
  throw new RangeError(
    `${owner}: ${option} is ${show(value)}, expected an integer of at least ${least}${list}`,
  );
}

/** @throws {RangeError} naming the option, its value and what was expected */
export function readPadding<P extends string>(
  owner: string,
  value: unknown,
  choices: readonly P[],
): P {
  const lower = String(value).toLowerCase() as P;
  if (choices.includes(lower)) return lower;
  throw new RangeError(
    `${owner}: padding is ${show(value)}, expected one of ${
      choices.map((choice) => `"${choice}"`).join(", ")
    }`,
  );
}

/** How many indices a window has along an axis; null where the size is not known. */
export function windowCount(
  size: number | null,
  window: number,
  stride: number,
  padding: string,
): number | null {
  if (size === null) return null;
  const reach = padding === "same" || padding === "causal" ? size : size - window + 1;
  return Math.ceil(reach / stride);
}
