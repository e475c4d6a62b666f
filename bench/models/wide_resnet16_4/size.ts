/** @module */

/** Channels of the stem and of the three stages (16, 32 and 64, four times as wide), and residual blocks in each stage. */
export const size = { stem: 16, widths: [64, 128, 256], blocks: 2 } as const;
