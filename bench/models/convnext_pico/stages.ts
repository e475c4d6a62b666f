/** @module */

/** Blocks and channels of the four stages. */
export const stages = [
  { blocks: 2, channels: 64 },
  { blocks: 2, channels: 128 },
  { blocks: 6, channels: 256 },
  { blocks: 2, channels: 512 },
] as const;

/** How likely the last block is left out for an image while training; rates grow linearly up to it. */
export const LAST_DROP_RATE = 0.1;

/** What a block's result is multiplied by at the beginning. */
export const LAYER_SCALE = 1e-6;

/** Of every block, in order: how likely it is left out. */
export function dropRates(): number[] {
  const count = stages.reduce((sum, { blocks }) => sum + blocks, 0);
  return Array.from({ length: count }, (_, i) => LAST_DROP_RATE * i / (count - 1));
}
