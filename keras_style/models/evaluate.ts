/**
 * How a model is evaluated.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { CallbackList } from "../callbacks/callback_list.ts";
import type { Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { ArrayBatches, type BatchSource, DatasetBatches, disposeBatch } from "./batches.ts";
import {
  checkCount,
  checkCounts,
  checkInputs,
  checkLabels,
  isDataset,
  readSamples,
  type SampleSet,
} from "./check_data.ts";
import type { Model } from "./model.ts";
import { type RunOptions, runSteps, verbosity, withProgress } from "./run_steps.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** Whether to return the numbers by name. */
  readonly returnDict?: boolean;
}

const EVENTS = { begin: "onTestBatchBegin", end: "onTestBatchEnd" } as const;

/** Loss and metrics over samples, by name. */
export async function evaluateModel(
  model: Model,
  x: SampleSet | Dataset<Element>,
  y: SampleSet | undefined,
  options: EvaluateOptions,
): Promise<Logs> {
  model.compiled("evaluate");
  const verbose = verbosity("evaluate", options.verbose);
  const batches = await labelledBatches(model, "evaluate", x, y, options.batchSize);
  const params = { verbose, epochs: 1, steps: batches.steps };
  const callbacks = new CallbackList(
    withProgress(options.callbacks ?? [], params),
    model,
    params,
  );
  return await evaluateBatches(model, batches, callbacks, options.signal);
}

/** Loss and metrics over batches that were checked before. */
export async function evaluateBatches(
  model: Model,
  batches: BatchSource,
  callbacks: CallbackList,
  signal?: AbortSignal,
): Promise<Logs> {
  const { objective, test } = model.compiled("evaluate");
  objective.reset();
  await callbacks.phase("onTestBegin");
  const logs = await runSteps({ step: test, batches, callbacks, events: EVENTS, signal });
  await callbacks.phase("onTestEnd", logs);
  return logs;
}

/** Checks samples and labels, builds what was not built, and cuts them into batches in order. */
export async function labelledBatches(
  model: Model,
  method: string,
  x: SampleSet | Dataset<Element>,
  y: SampleSet | undefined,
  batchSize = 32,
  names = ["x", "y"],
): Promise<BatchSource> {
  if (isDataset(x)) return await datasetBatches(model, method, x, y);
  checkCount(method, "batchSize", batchSize);
  const rows = await labelledRows(model, method, x as SampleSet, y, names);
  return new ArrayBatches(rows.x, rows.y, batchSize, false);
}

/** Checks samples and labels against the model; metrics are made by their shapes. */
export async function labelledRows(
  model: Model,
  method: string,
  x: SampleSet,
  y: SampleSet | undefined,
  names = ["x", "y"],
) {
  const { objective, optimizer } = model.compiled(method);
  const inputNames = model.built ? model.network.inputNames : [names[0]];
  const inputs = await readSamples(method, names[0], x, inputNames);
  checkCounts(method, inputs);
  if (!model.built) model.build([null, ...inputs[0].rowShape]);
  const { network } = model;
  objective.bindOutputs(network.outputNames);
  const labels = await readSamples(method, names[1], y, network.outputNames);
  checkCounts(method, [...inputs, ...labels]);
  checkInputs(inputs, network.inputs);
  checkLabels(labels, network.outputs, objective.losses);
  objective.build(network.outputs.map((output, i) => ({
    labels: labels[i].shape,
    output: output.shape,
  })));
  optimizer.build(model.trainableVariables);
  return { x: inputs, y: labels };
}

/** A data set's first batch tells the shapes. */
export async function datasetBatches(
  model: Model,
  method: string,
  dataset: Dataset<Element>,
  y: SampleSet | undefined,
  stepsPerEpoch?: number,
): Promise<BatchSource> {
  if (y !== undefined) {
    throw new TypeError(`${method}: y is given beside a data set, expected the labels in it`);
  }
  const batches = new DatasetBatches(dataset, stepsPerEpoch);
  const [prepare] = new DatasetBatches(dataset.take(1)).epoch();
  if (!prepare) throw new RangeError(`${method}: x is a data set without batches`);
  const first = prepare();
  try {
    if (first.y.length === 0) {
      throw new TypeError(`${method}: x is a data set of single tensors, expected [x, y] batches`);
    }
    const single = (list: tf.Tensor[]) => list.length === 1 ? list[0] : list;
    await labelledRows(model, method, single(first.x), single(first.y));
  } finally {
    disposeBatch(first);
  }
  return batches;
}
