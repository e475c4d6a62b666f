/**
 * What parity mode finds, as plain data: this is parity.json.
 * @module
 */
import type { ParityOptions } from "./options.ts";

/** Version of the file's layout. */
export const parityVersion = 1;

/** Both losses of one training step; they are of the weights before the step. */
export interface ParityStep {
  /** Counted from 1. */
  step: number;
  /** null where it is not a finite number. */
  kerasLoss: number | null;
  torchLoss: number | null;
  difference: number | null;
}

/** Which values a row is about. */
export type RowKind = "activation" | "gradient" | "weight";

/**
 * When: `weights` before anything is computed, `training` forward and backward, `update` after some steps of both
 * optimizers with the same gradients, `evaluation` forward in evaluation mode.
 */
export type RowPass = "weights" | "training" | "update" | "evaluation";

/** One pair of arrays. Arrays are compared in PyTorch's layout. */
export interface LayerRow {
  /** Keras' layer and PyTorch's module, such as `conv2d ~ conv1`. */
  name: string;
  keras: string;
  torch: string;
  /** `input`, `output`, or the name of a weight. */
  part: string;
  kind: RowKind;
  pass: RowPass;
  /** In PyTorch's layout. */
  shape: number[];
  /** null where the arrays cannot be compared; `why` says why. */
  maxDifference: number | null;
  /** Root mean square of the difference relative to Keras' own. */
  relative: number | null;
  /** Where the largest difference is, and the values there. */
  at: number[] | null;
  kerasValue: number | null;
  torchValue: number | null;
  agrees: boolean;
  why: string | null;
}

/** The Keras model against itself, started one rounding step away: how fast rounding alone grows. */
export interface RoundingControl {
  firstExceeded: number | null;
  maxDifference: number | null;
}

/** The whole result. */
export interface ParityReport {
  parityVersion: typeof parityVersion;
  options: ParityOptions;
  /** What was compared, in a line. */
  title: string;
  /** Of both optimizers, where the pair has none of its own. */
  learningRate: number;
  /** What the steps were trained on. */
  data: string;
  steps: ParityStep[];
  tolerance: number;
  /** The first step whose losses are further apart than the tolerance. */
  firstExceeded: ParityStep | null;
  layers: LayerRow[];
  /** The first row that does not agree, in the order in which a step computes. */
  firstDifferent: LayerRow | null;
  /** Made only where the layers agree and the losses do not. */
  control: RoundingControl | null;
  /** Layers and losses agree, and all steps were made. */
  agrees: boolean;
  interrupted: boolean;
  notes: string[];
}
