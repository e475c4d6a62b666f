/**
 * What the host draws from the idiom's random stream: seeds of initial weights and the order of samples.
 * @module
 */
import { randomStream } from "./tracing/mod.ts";

/** A seed for something that draws numbers by itself; never 0, which some take for none. */
export function drawSeed(): number {
  return (randomStream().nextKey()[0] >>> 1) + 1;
}

/** The numbers 0 to count - 1 in random order. */
export function drawPermutation(count: number): Uint32Array {
  return randomStream().permutation(count);
}
