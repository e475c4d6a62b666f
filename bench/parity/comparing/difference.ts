/**
 * How far two arrays are apart.
 * @module
 */
import { product } from "./rearrangement.ts";
import type { HistogramBin } from "../report/report.ts";

/** Two arrays of one shape, compared. */
export interface Difference {
  /** The largest absolute difference. */
  readonly maxDifference: number;
  /** Root mean square of the difference, relative to that of the first array (or to `floor`). */
  readonly relative: number;
  /** Where the largest difference is. */
  readonly at: readonly number[];
  /** The two values there. */
  readonly values: readonly [first: number, second: number];
}

/**
 * Compares arrays element by element. A number that is NaN in one only differs infinitely.
 *
 * @param floor root mean squares below this count as this: what is nearly zero everywhere is mostly rounding
 */
export function differenceOf(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  shape: readonly number[],
  floor = 0,
): Difference {
  let worst = 0;
  let largest = -1;
  let squares = 0;
  for (let i = 0; i < first.length; i++) {
    const apart = distance(first[i], second[i]);
    squares += apart * apart;
    if (apart > largest) [largest, worst] = [apart, i];
  }
  const scale = Math.max(rootMeanSquare(first), floor);
  const rms = Math.sqrt(squares / Math.max(first.length, 1));
  return {
    maxDifference: Math.max(largest, 0),
    relative: rms === 0 ? 0 : rms / scale,
    at: placeOf(worst, shape),
    values: [first[worst], second[worst]],
  };
}

function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const apart = Math.abs(a - b);
  return Number.isNaN(apart) ? Infinity : apart;
}

/** Root of the mean of the squares. */
export function rootMeanSquare(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  return Math.sqrt(squares / Math.max(values.length, 1));
}

function placeOf(index: number, shape: readonly number[]): number[] {
  return shape.map((dimension, axis) =>
    Math.floor(index / product(shape.slice(axis + 1))) % Math.max(dimension, 1)
  );
}

/** Below this differences are counted together. */
const LEAST = -12;

/** How many values differ by how much, by powers of ten; values that are equal are not counted. */
export function histogramOfDifferences(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): HistogramBin[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < first.length; i++) {
    const apart = distance(first[i], second[i]);
    if (apart === 0) continue;
    const power = Number.isFinite(apart) ? Math.floor(Math.log10(apart)) : 38;
    const exponent = Math.max(LEAST, power);
    counts.set(exponent, (counts.get(exponent) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([exponent, count]) => ({ exponent, count }));
}
