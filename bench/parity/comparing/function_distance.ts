/**
 * How far functions of single values are apart, known at the points of a grid.
 * @module
 */
import { grid } from "../recording/curves.ts";

/** Where two functions differ: the value that both are given, and what they make of it. */
export interface PointApart {
  readonly at: number;
  readonly kerasValue: number;
  readonly torchValue: number;
}

/** How far the two may be apart, relative to the function or to 1: formulas of one function differ by rounding. */
const TOLERANCE = 2e-5;
/** Points that are shown first: people know functions by what they do here. */
const NEAR = 8;

/** The point where two functions are furthest apart, near 0 if they are there. */
export function furthestApart(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  isReached: (x: number) => boolean = () => true,
): PointApart | null {
  const apart = (i: number) => distance(first[i], second[i]);
  const different = grid.flatMap((x, i) => isReached(x) && apart(i) > TOLERANCE ? [i] : []);
  if (different.length === 0) return null;
  const near = different.filter((i) => Math.abs(grid[i]) <= NEAR);
  const i = (near.length > 0 ? near : different).reduce((a, b) => apart(b) > apart(a) ? b : a);
  return { at: grid[i], kerasValue: first[i], torchValue: second[i] };
}

/**
 * Looks for a function that only one model has, where the other model has one that is the same near 0, or leaves values as
 * they are. Whatever else only one has is another way to write the same: a root and its reciprocal, say.
 *
 * @returns null where there is none
 */
export function onlyInOne(
  keras: readonly Float32Array[],
  torch: readonly Float32Array[],
): { own: Float32Array; other: Float32Array; point: PointApart } | null {
  const pairs = [
    ...withoutCounterpart(keras, torch).map((own) => [own, nearTo(own, torch)] as const),
    ...withoutCounterpart(torch, keras).map((other) => [nearTo(other, keras), other] as const),
  ];
  for (const [own, other] of pairs) {
    const point = own && other && furthestApart(own, other);
    if (point) return { own, other, point };
  }
  return null;
}

/** Whether each of the functions, of which there are some, is in both models. */
export function haveCounterparts(
  keras: readonly Float32Array[],
  torch: readonly Float32Array[],
): boolean {
  return keras.length > 0 && torch.length > 0 &&
    withoutCounterpart(keras, torch).length + withoutCounterpart(torch, keras).length === 0;
}

const identity = Float32Array.from(grid);

function withoutCounterpart(
  functions: readonly Float32Array[],
  others: readonly Float32Array[],
): Float32Array[] {
  return functions.filter((one) => ![identity, ...others].some((other) => isScaled(other, one)));
}

/** Whether the second function is the first one times a factor, and a constant: 1 - z is no other gate than z. */
function isScaled(first: Float32Array, second: Float32Array): boolean {
  if (furthestApart(first, second) === null) return true;
  const finite = grid.flatMap((_, i) => Number.isFinite(first[i]) ? [i] : []);
  if (finite.length === 0) return false;
  const low = finite.reduce((a, b) => first[b] < first[a] ? b : a);
  const high = finite.reduce((a, b) => first[b] > first[a] ? b : a);
  const factor = (second[high] - second[low]) / (first[high] - first[low]);
  const scaled = first.map((value) => second[low] + factor * (value - first[low]));
  return furthestApart(scaled, second) === null;
}

/** Up to here a hard sigmoid is the sigmoid, but for this much; a relu is not a GELU, nor a root its reciprocal. */
const [SMALL, NEARLY, EXACTLY] = [0.05, 0.005, 1e-7];

/** The first of the others that nearly is the same near 0; the identity where that is the same there but for rounding. */
function nearTo(one: Float32Array, others: readonly Float32Array[]): Float32Array | null {
  const small = grid.flatMap((x, i) => Math.abs(x) < SMALL ? [i] : []);
  const isWithin = (bound: number) => (other: Float32Array) =>
    small.every((i) => Math.abs(other[i] - one[i]) <= bound);
  return others.find(isWithin(NEARLY)) ?? [identity].find(isWithin(EXACTLY)) ?? null;
}

function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const apart = Math.abs(a - b) / Math.max(1, Math.abs(a));
  return Number.isNaN(apart) ? Infinity : apart;
}
