/**
 * A part of the trainings, so that several machines share them.
 * @module
 */
import type { Cell } from "./plan.ts";

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

/** The cells of a part: every `count`-th, so that each part gets of every style and of every seed. */
export function cellsOf(plan: readonly Cell[], shard: Shard | null): Cell[] {
  if (shard === null) return [...plan];
  return plan.filter((_, i) => i % shard.count === shard.index - 1);
}
