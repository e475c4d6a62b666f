/** @module */

/** ViT-Tiny, with patches of 4 x 4 pixels. */
export const size = { patch: 4, width: 192, depth: 12, heads: 3 } as const;
