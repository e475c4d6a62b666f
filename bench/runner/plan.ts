/**
 * The trials of an experiment, planned once: shards, resuming, merging and the tables all go by this list.
 * @module
 */
import type { Recipe } from "../recipes/recipe.ts";
import type { Configuration, Trial } from "./trials/trial.ts";

/** A configuration with all that its trials need. */
export interface PlannedConfiguration extends Configuration {
  /** What sets it apart, in words; null where its name says it all. */
  title: string | null;
  /** The configuration that it is a single change of; null where there is none. */
  before: string | null;
  model: { name: string; file: string | null };
  /** Flags and changes are applied. */
  recipe: Recipe;
}

/**
 * All trials, in the order in which they are run: seed after seed, and the configurations within a seed rotated from seed
 * to seed, so that none is always the one that runs on a warm or a busy machine.
 */
export function planTrials(
  configurations: readonly Configuration[],
  { seed: first, seeds }: { readonly seed: number; readonly seeds: number },
): Trial[] {
  return Array.from(
    { length: seeds },
    (_, i) =>
      rotated(configurations, i).map(({ name, axes }) => {
        const seed = first + i;
        return { id: `${name}/seed-${seed}`, configuration: name, axes, seed };
      }),
  ).flat();
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The trials of a part: every `count`-th, so that each part gets of every configuration and of every seed. */
export function trialsOf<T>(plan: readonly T[], shard: Shard | null): T[] {
  if (shard === null) return [...plan];
  return plan.filter((_, i) => i % shard.count === shard.index - 1);
}

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
