/** @module */

/** Channels of the stem and of the last convolution. */
export const ends = { stem: 24, last: 1024 } as const;

/** Channels and blocks of the three stages, of which each begins with a stride of 2: table 5 of the paper, width 1. */
export const stages = [
  { channels: 116, blocks: 4 },
  { channels: 232, blocks: 8 },
  { channels: 464, blocks: 4 },
] as const;
