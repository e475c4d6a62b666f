/** @module */

/** Channels of the stem; dense blocks, layers in each, channels that a layer adds. */
export const size = { stem: 16, blocks: 3, layers: 12, growth: 12 } as const;
