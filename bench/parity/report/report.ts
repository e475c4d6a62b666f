/**
 * What parity mode finds, as plain data: this is parity.json.
 * @module
 */
import type { ParityOptions } from "../options.ts";

/** Version of the file's layout. */
export const parityVersion = 2;

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
 * optimizers with the same gradients, `evaluation` forward in evaluation mode, `large` forward and backward with large inputs
 * and random biases, scales and statistics, `batch` in evaluation mode with a batch of another size.
 */
export type RowPass = "weights" | "training" | "update" | "evaluation" | "large" | "batch";

/**
 * `within`: Keras' result stands nowhere in PyTorch's graph (a padding that PyTorch's convolution does itself), and all that
 * was computed from it agrees. `follows`: differs because something before it does. `not compared`: has no counterpart.
 */
export type RowStatus = "agrees" | "within" | "differs" | "follows" | "not compared";

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
  status: RowStatus;
  /** Whether it speaks for the port: `agrees` and `within`. */
  agrees: boolean;
  why: string | null;
  /** Where values differ: how many, by the power of ten of the absolute difference. */
  histogram: HistogramBin[] | null;
}

/** Values whose absolute difference is at least 10 ** `exponent`, and below ten times that. */
export interface HistogramBin {
  exponent: number;
  count: number;
}

/** How a weight starts in both models before weights are copied. */
export interface InitializationRow {
  keras: string;
  torch: string;
  /** Such as `uniform, within 0.15`. */
  kerasText: string;
  torchText: string;
  /** Of a Kolmogorov-Smirnov test over several seeds; null for constants. */
  pValue: number | null;
  agrees: boolean;
}

/** One model's graph, for a drawing. */
export interface ParityGraph {
  nodes: ParityGraphNode[];
}

/** Both models' graphs in training mode; of what differs in another pass, the first is marked here too. */
export interface ParityGraphs {
  keras: ParityGraph;
  torch: ParityGraph;
}

/** A layer's or a module's call. */
export interface ParityGraphNode {
  name: string;
  kind: string;
  shape: number[];
  /** Indices of the nodes that it is computed from. */
  from: number[];
  /** Index of the other model's node that has the same result; null for none. */
  twin: number | null;
  status: RowStatus;
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
  /** How the weights start; no part of the verdict: weights are copied, and a port may choose. */
  initialization: InitializationRow[];
  graphs: ParityGraphs | null;
  /** Made only where the layers agree and the losses do not. */
  control: RoundingControl | null;
  /** Layers and losses agree, everything was compared, and all steps were made. */
  agrees: boolean;
  interrupted: boolean;
  notes: string[];
}
