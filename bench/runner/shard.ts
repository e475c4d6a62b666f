/**
 * A part of the trials, so that several machines share them.
 * @module
 */

/** Part `index` of `count`, counted from 1. */
export interface Shard {
  index: number;
  count: number;
}

/**
 * Reads `i/n`.
 *
 * @returns undefined unless 1 <= i <= n <= 10000
 */
export function parseShard(text: string): Shard | undefined {
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const [index, count] = [Number(match[1]), Number(match[2])];
  return index >= 1 && index <= count && count <= 10_000 ? { index, count } : undefined;
}
