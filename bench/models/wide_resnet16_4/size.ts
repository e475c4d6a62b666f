/** @module */

/** A wide residual network of 6 n + 4 layers. */
export interface Size {
  /** Residual blocks in each of the three stages: n. */
  readonly blocks: number;
  /** How many times as wide the stages are as 16, 32 and 64 channels. */
  readonly widen: number;
}

/** Channels of the stem. */
export const STEM = 16;

/** Sixteen layers, four times as wide. */
export const size: Size = { blocks: 2, widen: 4 };
