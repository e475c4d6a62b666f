/**
 * A trial: one training. What the bench asks of the process that runs it, and what that process answers; all of it plain
 * JSON.
 * @module
 */
import type { FormFigures } from "../../precision/forms.ts";
import type { Recipe } from "../../recipes/recipe.ts";
import type { TimeSummary } from "../measuring/times.ts";

/** The styles the bench can run, in the order in which they run and stand in the table. */
export const styleNames = ["keras", "keras-advanced", "torch"] as const;

/** One way of writing the same training program. */
export type StyleName = (typeof styleNames)[number];

/** Both orders of channels in memory, the PyTorch idiom's own first. */
export const layouts = ["channels-first", "channels-last"] as const;

/** Where the channels of images stand in memory. */
export type Layout = (typeof layouts)[number];

/** Where ONNX Runtime runs. */
export type BenchDevice = "cpu" | "cuda" | "webgpu";

/** What computes under the Keras idiom. */
export type KerasEngine = "auto" | "onnxruntime" | "tfjs-node" | "tfjs-node-gpu";

/** What sets a configuration apart from others. */
export interface Axes {
  /** Name of the model; of a user's file the name that it exports, else the file's. */
  model: string;
  recipe: string;
  /** As asked for; what was really used stands in the report. */
  dataset: string;
  style: StyleName;
  /** null where the style keeps its own. */
  layout: Layout | null;
  /** The step of an ablation, by its name; null outside of one. */
  change: string | null;
}

/** Trials that differ in their seed only. */
export interface Configuration {
  /** The axes that the experiment varies, joined by slashes, such as `keras` or `torch/channels-last`. */
  name: string;
  axes: Axes;
}

/** One training. */
export interface Trial {
  /** `${configuration}/seed-${seed}`: names it in files and messages. */
  id: string;
  configuration: string;
  axes: Axes;
  seed: number;
}

/** One split of the images, as it is piped: first the pixels, then the labels. */
export interface SplitDescription {
  count: number;
  imagesType: "Uint8Array" | "Uint16Array" | "Float32Array";
  labelsType: "Uint8Array" | "Uint16Array" | "Int32Array";
}

/** The data set as it is piped: the bytes of train, validation and test, in this order. */
export interface DataDescription {
  name: string;
  title: string;
  classNames: string[];
  /** Height, width, channels. */
  imageShape: [number, number, number];
  /** Why another data set stands in for the one asked for; null when it is that one. */
  notice: string | null;
  train: SplitDescription;
  validation: SplitDescription;
  test: SplitDescription;
}

/** The first line on the standard input of a trial's process, as JSON; the bytes of the images follow. */
export interface TrialRequest {
  trial: Trial;
  /** `file`: a user's module, as an absolute path; null for a model of the bench. */
  model: { name: string; file: string | null };
  /** Resolved: the flags' overrides and the ablation's changes are applied. */
  recipe: Recipe;
  device: BenchDevice;
  kerasEngine: KerasEngine;
  /** File of weights to begin with, as an absolute path; null: they are drawn. */
  weights: string | null;
  /** Modules whose weights are drawn all the same. */
  skipWeights: string[];
  /** Training steps in one call into the engine. */
  stepsPerCall: number;
  /** Of ONNX Runtime's operators; null: as many as the machine has cores. */
  threads: number | null;
  /** First steps of each process of the training, an interrupted one has several, that are left out of the step times. */
  warmup: number;
  /** Stop once the validation accuracy is reached; shares of 1. */
  untilAccuracy: number | null;
  /** Whether to measure forward, backward and update apart. */
  profile: boolean;
  /** Whether to measure the exported file in several precisions; no unless given. */
  measuresForms?: boolean;
  /** Whether graphs are refused that the device leaves nodes of to the CPU. */
  strictDevice: boolean;
  /** Floating-point operations a second of this machine's matrix product; null where unknown. */
  peakFlops: number | null;
  /** Where this training keeps its state; null: nowhere. */
  stateFolder: string | null;
  /** All that the training depends on: a state that was kept under another one is not taken. */
  fingerprint: string;
  /** Whether to give images of the worst confusions; they are large. */
  showsMistakes: boolean;
  data: DataDescription;
}

/** A later line on the standard input: finish the step under way and send the result so far. */
export interface TrialCommand {
  type: "stop";
}

/** What a style reports at the end of an epoch. Accuracies are shares of 1. */
export interface EpochMetrics {
  loss: number;
  accuracy: number;
  valLoss: number;
  valAccuracy: number;
}

/** One epoch of a trial's history. */
export interface EpochRecord extends EpochMetrics {
  /** Counted from 1. */
  epoch: number;
  /** From its start to its end, validation included. */
  seconds: number;
}

/** Values to show while an epoch runs, where the style has them at hand. */
export interface StepLogs extends Partial<Pick<EpochMetrics, "loss" | "accuracy">> {
  /** Of the step, as the schedule has it. */
  learningRate?: number;
}

/** A line on the standard output of a trial's process. */
export type TrialEvent =
  | { type: "epochStart"; epoch: number; epochs: number; steps: number }
  | { type: "step"; step: number; logs: StepLogs }
  | { type: "epochEnd"; record: EpochRecord }
  | { type: "note"; text: string }
  | { type: "result"; result: TrialResult };

/** A frequent mistake with images of it. */
export interface ShownConfusion {
  actual: string;
  predicted: string;
  count: number;
  /** Images of class `actual` taken for `predicted`: PNG files in base64. */
  images: string[];
}

/**
 * How a trial ended. `incomplete`: it came to its end without all that was to be measured; `stopped`: by Ctrl-C;
 * `diverged`: a loss was no finite number.
 */
export type TrialState = "done" | "failed" | "diverged" | "stopped" | "incomplete";

/** What one trial measured; null is "not measured". Field by field in README.md. */
export interface TrialResult {
  /** The exported file in several precisions; only where that was asked for: no part of a report's trials. */
  forms?: readonly FormFigures[];
  /** Its name in the plan. */
  trial: string;
  configuration: string;
  axes: Axes;
  seed: number;
  /** What computed, such as `onnxruntime` or `tfjs-node 4.22.0`. */
  engine: string | null;
  /** The device or execution provider that the engine really used. */
  provider: string | null;
  /** Of the data set that was really used. */
  dataset: string;
  /** Trainable values in the model. */
  parameters: number | null;
  /** All epochs with their validation. */
  fitSeconds: number | null;
  /** Part of the fit: building and opening sessions. */
  compileSeconds: number | null;
  /** Part of the fit: calls into the engine. */
  engineSeconds: number | null;
  /** The rest of the fit: the framework and the loop, in JavaScript. */
  javascriptSeconds: number | null;
  /** A training step, from the ready batch to the loss that was read. */
  stepMs: TimeSummary | null;
  /** The part of a step that is not the engine's. */
  frameworkMs: TimeSummary | null;
  /** Preparing a batch, before its step. */
  inputMs: TimeSummary | null;
  /** The first steps, and those after each going on with an interrupted run: left out of the above. */
  warmupMs: number[];
  /** Training images a second of step and input time together. */
  imagesPerSecond: number | null;
  /** Floating-point operations of one training step, counted from its graph. */
  stepFlops: number | null;
  flopsPerSecond: number | null;
  /** Nodes of a training step that the device leaves to the CPU; not there in reports older than it. */
  nodesOnCpu?: number | null;
  /** Copies of arrays between host and device within a training step; not there in reports older than it. */
  deviceCopies?: number | null;
  /** Share of the machine's matrix-product peak. */
  peakShare: number | null;
  /** Where a step's time goes, with `--profile`. */
  split: { forwardMs: number; backwardMs: number; updateMs: number } | null;
  /** Training time until `--until-accuracy` was reached; null: not asked for, or not reached. */
  secondsToAccuracy: number | null;
  history: EpochRecord[];
  testLoss: number | null;
  testAccuracy: number | null;
  inferenceSeconds: number | null;
  onnxInferenceSeconds: number | null;
  /** Share of the test images in which the exported file names the same class. */
  onnxAgreement: number | null;
  /** Of the trial's own process, in 2^20 bytes. */
  peakMemoryMiB: number | null;
  /** Rows: the classes of the test images; columns: the predicted ones. */
  confusion: number[][] | null;
  worst: ShownConfusion[];
  notes: string[];
  state: TrialState;
  /** One line; null when nothing failed. */
  error: string | null;
}
