/** @module */

/** Channels of the stem and of the last convolution. */
export const ends = { stem: 32, last: 1280 } as const;

/** Stages of inverted residual blocks: table 1 of the paper; the first strides are 1, not 2, for small images. */
const stages = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1, kernelSize: 3 },
  { expansion: 6, channels: 24, blocks: 2, stride: 1, kernelSize: 3 },
  { expansion: 6, channels: 40, blocks: 2, stride: 2, kernelSize: 5 },
  { expansion: 6, channels: 80, blocks: 3, stride: 2, kernelSize: 3 },
  { expansion: 6, channels: 112, blocks: 3, stride: 1, kernelSize: 5 },
  { expansion: 6, channels: 192, blocks: 4, stride: 2, kernelSize: 5 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1, kernelSize: 3 },
] as const;

/** One block. */
export interface BlockOptions {
  readonly expansion: number;
  readonly channels: number;
  readonly stride: number;
  readonly kernelSize: number;
  /** How likely it is left out for an image while training. */
  readonly dropRate: number;
}

/** Rates grow linearly from block to block. */
const DROP_RATE = 0.2;

/** The blocks of every stage. */
export function stagesOf(): BlockOptions[][] {
  const count = stages.reduce((sum, { blocks }) => sum + blocks, 0);
  let done = 0;
  return stages.map(({ blocks, ...stage }) =>
    Array.from({ length: blocks }, (_, i) => ({
      ...stage,
      stride: i === 0 ? stage.stride : 1,
      dropRate: DROP_RATE * done++ / count,
    }))
  );
}
