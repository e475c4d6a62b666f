/** @module */

/** Channels of an inception block's branches: 1x1; 1x1 then 3x3; 1x1 then 5x5; pooling then 1x1. */
export interface InceptionChannels {
  readonly one: number;
  readonly three: readonly [reduced: number, channels: number];
  readonly five: readonly [reduced: number, channels: number];
  readonly pool: number;
}

const block = (
  one: number,
  three: readonly [number, number],
  five: readonly [number, number],
  pool: number,
): InceptionChannels => ({ one, three, five, pool });

/** The blocks of table 1 of the paper; `pool` halves rows and columns. */
export const blocks: readonly (InceptionChannels | "pool")[] = [
  block(64, [96, 128], [16, 32], 32),
  block(128, [128, 192], [32, 96], 64),
  "pool",
  block(192, [96, 208], [16, 48], 64),
  block(160, [112, 224], [24, 64], 64),
  block(128, [128, 256], [24, 64], 64),
  block(112, [144, 288], [32, 64], 64),
  block(256, [160, 320], [32, 128], 128),
  "pool",
  block(256, [160, 320], [32, 128], 128),
  block(384, [192, 384], [48, 128], 128),
];
