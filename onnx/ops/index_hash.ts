/**
 * Random bits that depend on nothing but a key and an index: each index is mixed with the two halves of the key by the 32-bit
 * finalizer of "lowbias32" (C. Wellons, "Prospecting for Hash Functions", 2018), three multiply-xorshift rounds.
 * @module
 */

// Not exported: V8 would look an exported number up again for every index.
const FIRST = 0x7feb352d;
const SECOND = 0x846ca68b;

/** The finalizer's two factors. */
export const FACTORS = [FIRST, SECOND] as const;

/** The finalizer. */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), FIRST);
  x = Math.imul(x ^ (x >>> 15), SECOND);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 24 random bits at an index, for a key of two 32-bit halves. */
export function bitsAt(index: number, low: number, high: number): number {
  return mix(mix(index ^ low) ^ high) >>> 8;
}

/** The random number in [0, 1) at an index, made of {@linkcode bitsAt}. */
export function uniformAt(index: number, low: number, high: number): number {
  return bitsAt(index, low, high) / 2 ** 24;
}
