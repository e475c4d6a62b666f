/**
 * How a model is evaluated.
 * @module
 */
import { CallbackList } from "../callbacks/callback_list.ts";
import type { Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { readOptions } from "../options.ts";
import type { BatchSource } from "./batches.ts";
import { isDataset, type LabelSet, type SampleSet } from "./check_data.ts";
import { type GivenSamples, labelledBatches, limited } from "./labelled_samples.ts";
import { MetricState } from "./metric_state.ts";
import { RUN_OPTIONS, type RunOptions, runSteps, verbosity } from "./run_steps.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** How much each sample counts in the loss and the weighted metrics: [n], or one such array an output. */
  readonly sampleWeight?: SampleSet;
  /** Steps to evaluate; all there are unless given. */
  readonly steps?: number;
  /** Whether to return the values by name. */
  readonly returnDict?: boolean;
}

const EVENTS = { begin: "onTestBatchBegin", end: "onTestBatchEnd" } as const;

/** Loss and metrics over samples, by name. */
export async function evaluateModel(
  model: TrainedModel,
  x: SampleSet | Dataset<Element>,
  y: LabelSet | undefined,
  given: EvaluateOptions,
): Promise<Logs> {
  model.compiled("evaluate");
  const options = readOptions("evaluate", given, {
    ...RUN_OPTIONS,
    sampleWeight: undefined,
    steps: undefined,
    returnDict: false,
  }) as EvaluateOptions;
  const { sampleWeight, batchSize, steps } = options;
  const verbose = verbosity("evaluate", options.verbose);
  const samples = withDataset("evaluate", x, { y, sampleWeight });
  const all = await labelledBatches(model, "evaluate", samples, batchSize);
  const batches = limited("evaluate", "steps", all, steps);
  const callbacks = new CallbackList(options.callbacks ?? [], {
    addProgbar: verbose > 0,
    model,
    verbose,
    steps: batches.steps,
  });
  return await evaluateBatches(model, batches, callbacks, options.signal);
}

/** Samples with their labels, or a data set, which has its labels in it. */
export function withDataset(
  method: string,
  x: SampleSet | Dataset<Element>,
  beside: Omit<GivenSamples, "x"> & Readonly<Record<string, unknown>>,
): GivenSamples | Dataset<Element> {
  if (!isDataset(x)) return { x, y: beside.y, sampleWeight: beside.sampleWeight };
  const extra = Object.keys(beside).find((name) => beside[name] !== undefined);
  if (extra === undefined) return x;
  const place = extra === "y" ? "the labels" : "the weights of the samples";
  throw new TypeError(`${method}: ${extra} is given beside a data set, expected ${place} in it`);
}

/** Loss and metrics over batches that were checked before. */
export async function evaluateBatches(
  model: TrainedModel,
  batches: BatchSource,
  callbacks: CallbackList,
  signal?: AbortSignal,
): Promise<Logs> {
  const { test, stepsPerExecution } = model.compiled("evaluate");
  using state = new MetricState(() => model.metrics);
  state.enter();
  model.resetMetrics();
  await callbacks.onTestBegin();
  const run = { step: test, batches, callbacks, events: EVENTS, state, signal };
  const logs = await runSteps({ ...run, stepsPerExecution });
  await callbacks.onTestEnd(logs);
  return logs;
}
