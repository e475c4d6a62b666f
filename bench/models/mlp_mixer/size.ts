/** @module */

/** Patches of 4 x 4 pixels; hidden units of the dense layers over the patches and over the channels. */
export const size = { patch: 4, width: 128, depth: 8, tokens: 64, channels: 512 } as const;
