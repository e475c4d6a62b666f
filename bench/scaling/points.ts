/**
 * What is measured when a network grows: He et al.'s residual networks for small images, one size changed at a time.
 * @module
 */

/** One network and batch. */
export interface ScalingPoint {
  /** Images in a step. */
  readonly batch: number;
  /** Height and width of the images. */
  readonly image: number;
  /** Layers: 6 n + 2. */
  readonly depth: number;
  /** Channels of the first stage. */
  readonly width: number;
  /** Workers that share a batch, each on a core of its own; 0: one program on all cores. */
  readonly workers: number;
}

/** What may grow. */
export const SCALING_AXES = ["batch", "image", "depth", "width", "workers"] as const;

/** One of them. */
export type ScalingAxis = typeof SCALING_AXES[number];

/** The idioms, by the names of their styles. */
export const SCALING_STYLES = ["torch", "keras"] as const;

/** One of them. */
export type ScalingStyle = typeof SCALING_STYLES[number];

/** ResNet-20 on 32 images of 32 x 32. */
const BASE: ScalingPoint = { batch: 32, image: 32, depth: 20, width: 16, workers: 0 };

/** Powers of two, as many workers as there are cores. */
function workerCounts(cores: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, i) => 2 ** i);
}

const VALUES: Readonly<Record<ScalingAxis, readonly number[]>> = {
  batch: [8, 16, 32, 64, 128],
  image: [16, 24, 32, 48, 64],
  depth: [8, 14, 20, 32, 44, 56],
  width: [8, 16, 32, 64],
  workers: workerCounts(navigator.hardwareConcurrency),
};

/** What an axis is called in charts. */
export const AXIS_TITLES: Readonly<Record<ScalingAxis, string>> = {
  batch: "images in a step",
  image: "height and width of an image",
  depth: "layers",
  width: "channels of the first stage",
  workers: "workers, a core each",
};

/** The points of an axis, smallest first. */
export function pointsOf(axis: ScalingAxis): ScalingPoint[] {
  // Each of many workers is to have something to do.
  const base = axis === "workers" ? { ...BASE, batch: 128 } : BASE;
  return VALUES[axis].map((value) => ({ ...base, [axis]: value }));
}

/** What a process measured at a point. */
export interface ScalingFigures {
  /** Median training step. */
  readonly stepMs: number;
  /** Building programs and opening sessions, in all. */
  readonly compileMs: number;
  /** From building the network to the end of the first step. */
  readonly firstMs: number;
  /** Highest resident memory of the process. */
  readonly peakMiB: number;
}
