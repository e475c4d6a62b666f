/**
 * The contract between the bench and a style: what a style's runner gets, and what it fills in.
 *
 * A runner returns nothing. It writes what it measures into {@link StyleContext.outcome} as it goes, so that whatever
 * was measured survives an abort or an error without the runner doing anything for it.
 *
 * @module
 */
import type { ImageDataset, ImageSplit } from "../../fixtures/mod.ts";
import type { BenchModel } from "../models/mod.ts";
import type { FormFigures } from "../precision/forms.ts";
import type { Recipe } from "../recipes/mod.ts";
import type { Checkpoint } from "../runner/trials/checkpoint.ts";
import type { StepClock } from "../runner/measuring/step_clock.ts";
import type {
  BenchDevice,
  EpochMetrics,
  EpochRecord,
  KerasEngine,
  StepLogs,
  StyleName,
  Trial,
} from "../runner/trials/trial.ts";

export {
  type EpochMetrics,
  type EpochRecord,
  type StyleName,
  styleNames,
} from "../runner/trials/trial.ts";

/** What a style calls while it trains. */
export interface TrialProgress {
  /**
   * An epoch begins.
   *
   * @param epoch counted from 1
   * @param steps training steps in it
   */
  epochStart(epoch: number, steps: number): void;
  /**
   * A training step is done.
   *
   * @param step counted from 1
   * @param logs running values of the epoch
   * @throws {DivergedError} if the loss is no finite number
   */
  step(step: number, logs?: StepLogs): void;
  /** The epoch is over, validation included. */
  epochEnd(metrics: EpochMetrics): void;
  /** A line for people. */
  note(line: string): void;
  /** Whether the training may end here: the accuracy that was asked for is reached. Asked after every epoch. */
  isOver(): boolean;
}

/** A loss that is no finite number: the training has diverged. */
export class DivergedError extends Error {
  override name = "DivergedError";
}

/**
 * What one style measured. The bench creates it empty, the runner fills it as it goes.
 *
 * `null` is "not measured". A style whose `engine`, `provider`, `parameters`, `fitSeconds`, `testLoss`, `testAccuracy`
 * or `inferenceSeconds` is still null at the end, or whose history is shorter than the epochs asked for, is reported as
 * incomplete.
 */
export interface StyleOutcome {
  /** What computes, with its version if it is not one of deno.json's, such as `onnxruntime` or `tfjs-node 4.22.0`. */
  engine: string | null;
  /** The device or execution provider that the engine really uses, such as `cpu` or `cuda`. */
  provider: string | null;
  /** Trainable values in the network. */
  parameters: number | null;
  /** Building and compiling sessions or graphs, where the style can tell it apart. Part of `fitSeconds`. */
  compileSeconds: number | null;
  /** Calls into the engine, where the style can tell them apart. Part of `fitSeconds`. */
  engineSeconds: number | null;
  /** The whole fit: every epoch with its validation. Set it in a `finally`, so that a part of a fit has its time too. */
  fitSeconds: number | null;
  /** The classes that the style itself predicts for the test images, in their order. */
  predictions: Int32Array | null;
  /** Appended by `progress.epochEnd`; a runner need not touch it. */
  readonly history: EpochRecord[];
  testLoss: number | null;
  testAccuracy: number | null;
  /** Class predictions of the whole test set in the style itself. */
  inferenceSeconds: number | null;
  /** The same through the exported ONNX file; null for a style that exports none. */
  onnxInferenceSeconds: number | null;
  /** Share of the test images where the exported ONNX predicts the class that the style predicts; 1 is all. */
  onnxAgreement: number | null;
  /** Floating-point operations of one training step of a whole batch, counted from its graph. */
  stepFlops: number | null;
  /** Nodes of a training step that the device leaves to the CPU, and copies between host and device within it. */
  nodesOnCpu: number | null;
  deviceCopies: number | null;
  /** Where a step's time goes, where that was asked for. */
  split: StepSplit | null;
  /** The exported file in several precisions; only where that was asked for. */
  forms?: readonly FormFigures[];
  /** Remarks for the report, one sentence each, such as why another engine was not used. */
  readonly notes: string[];
}

/** The parts of a training step, in milliseconds. */
export interface StepSplit {
  forwardMs: number;
  backwardMs: number;
  updateMs: number;
}

/** All that a style's runner gets. */
export interface StyleContext {
  /** Which training this is: its axes and its seed. */
  trial: Trial;
  model: BenchModel;
  recipe: Recipe;
  device: BenchDevice;
  kerasEngine: KerasEngine;
  /** Training steps in one call into the engine. */
  stepsPerCall: number;
  /** File of weights to begin with; null: they are drawn. */
  weights: string | null;
  /** Modules of the PyTorch idiom whose weights are drawn all the same. */
  skipWeights: readonly string[];
  /** Class names and image shape. */
  dataset: Pick<ImageDataset, "classNames" | "imageShape">;
  /** What to train on: the data set's training images less the validation part. */
  train: ImageSplit;
  validation: ImageSplit;
  test: ImageSplit;
  /** Whether to measure forward, backward and update apart. */
  profile: boolean;
  /** Whether to measure the exported file in several precisions; no unless given. */
  measuresForms?: boolean;
  /** Whether graphs are refused that the device leaves nodes of to the CPU. */
  strictDevice: boolean;
  /** Keeps the state after every epoch, and gives back what an interrupted run kept. */
  checkpoint: Pick<Checkpoint, "restore" | "keep">;
  /** Shows the epochs; `epochEnd` also appends to `outcome.history`. */
  progress: TrialProgress;
  /** Aborted at Ctrl-C. Look after every step: `signal.throwIfAborted()`. */
  signal: AbortSignal;
  /** Takes the time of every training step. */
  clock: StepClock;
  /** To be filled as the run goes on. */
  outcome: StyleOutcome;
}

/**
 * Trains and evaluates one style. Fills `context.outcome`; what it throws is reported as the style's error, beside
 * whatever the outcome holds by then.
 *
 * @example
 * ```ts
 * import type { bench } from "@tandem/tandem";
 *
 * export const run: bench.StyleRunner = async ({ progress, clock, signal, outcome, recipe }) => {
 *   outcome.engine = "none";
 *   const started = performance.now();
 *   try {
 *     for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
 *       progress.epochStart(epoch, 1);
 *       signal.throwIfAborted();
 *       clock.start();
 *       await Promise.resolve(); // A training step.
 *       clock.stop();
 *       progress.step(1, { loss: 2.3 });
 *       progress.epochEnd({ loss: 2.3, accuracy: 0.1, valLoss: 2.3, valAccuracy: 0.1 });
 *     }
 *   } finally {
 *     outcome.fitSeconds = (performance.now() - started) / 1000;
 *   }
 * };
 * ```
 */
export type StyleRunner = (context: StyleContext) => Promise<void>;

/** Where the runners are found. */
export type StyleRunners = Record<StyleName, () => Promise<StyleRunner>>;

/** An outcome in which nothing is measured yet. */
export function emptyOutcome(): StyleOutcome {
  return {
    engine: null,
    provider: null,
    parameters: null,
    compileSeconds: null,
    engineSeconds: null,
    predictions: null,
    fitSeconds: null,
    history: [],
    testLoss: null,
    testAccuracy: null,
    inferenceSeconds: null,
    onnxInferenceSeconds: null,
    onnxAgreement: null,
    stepFlops: null,
    nodesOnCpu: null,
    deviceCopies: null,
    split: null,
    notes: [],
  };
}
