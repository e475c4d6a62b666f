/**
 * The contract between the bench and a style: what a style's runner gets, and what it fills in.
 *
 * A runner returns nothing. It writes what it measures into {@link StyleContext.outcome} as it goes, so that whatever
 * was measured survives an abort or an error without the runner doing anything for it.
 *
 * @module
 */
import type { ImageDataset, ImageSplit } from "../../fixtures/mod.ts";
import type { BenchOptions } from "../cli/options.ts";
import type { Cell } from "../runner/plan.ts";
import type { Checkpoint } from "../runner/checkpoint.ts";
import type { StyleProgress } from "../output/progress.ts";
import type { StepClock } from "../runner/step_clock.ts";

/** The styles the bench can run, in the order in which they run and stand in the table. */
export const styleNames = ["keras", "keras-advanced", "torch"] as const;

/** One way of writing the same training program. */
export type StyleName = (typeof styleNames)[number];

/** What a style reports at the end of an epoch. Accuracies are shares of 1. */
export interface EpochMetrics {
  loss: number;
  accuracy: number;
  valLoss: number;
  valAccuracy: number;
}

/** One epoch of the report's history. */
export interface EpochRecord extends EpochMetrics {
  /** Counted from 1. */
  epoch: number;
  /** From `epochStart` to `epochEnd`, validation included. */
  seconds: number;
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
  /** Trainable numbers in the network. */
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
  /** Remarks for the report, one sentence each, such as why another engine was not used. */
  readonly notes: string[];
}

/** All that a style's runner gets. */
export interface StyleContext {
  /** The data set as loaded, for its name, class names and image shape. */
  dataset: ImageDataset;
  /** What to train on: the data set's training images less the validation part. */
  train: ImageSplit;
  validation: ImageSplit;
  test: ImageSplit;
  /** The parsed command line; `seed` is that of this training. */
  options: BenchOptions;
  /** Which training of the grid this is. */
  cell: Cell;
  /** Keeps the state after every epoch, and gives back what an interrupted run kept. */
  checkpoint: Checkpoint;
  /** Shows the epochs; `epochEnd` also appends to `outcome.history`. */
  progress: StyleProgress;
  /** Aborted at Ctrl-C. Look after every step: `signal.throwIfAborted()`, or stop and return. */
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
 * export const run: bench.StyleRunner = async ({ progress, clock, signal, outcome, options }) => {
 *   outcome.engine = "none";
 *   const started = performance.now();
 *   try {
 *     for (let epoch = 1; epoch <= options.epochs; epoch++) {
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

/** Where the runners are found. Each is imported only when its style runs, so an engine is loaded only when needed. */
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
    notes: [],
  };
}
