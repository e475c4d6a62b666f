/**
 * How a model is evaluated.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { CallbackList } from "../callbacks/callback_list.ts";
import type { Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import {
  ArrayBatches,
  asBatch,
  type BatchSource,
  DatasetBatches,
  type SampleRows,
} from "./batches.ts";
import {
  checkCount,
  checkCounts,
  checkInputs,
  checkLabels,
  isDataset,
  readSamples,
  type SampleSet,
} from "./check_data.ts";
import { arityOf, checkDatasetRows, firstElement, single } from "./check_dataset.ts";
import type { Model } from "./model.ts";
import { checkWeights, readWeights } from "./sample_weights.ts";
import { type RunOptions, runSteps, verbosity, withProgress } from "./run_steps.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** How much each sample counts in the loss and the weighted metrics: [n], or one such array an output. */
  readonly sampleWeight?: SampleSet;
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
  const { sampleWeight, batchSize } = options;
  const verbose = verbosity("evaluate", options.verbose);
  const given = withDataset("evaluate", x, { y, sampleWeight });
  const batches = await labelledBatches(model, "evaluate", given, batchSize);
  const params = { verbose, epochs: 1, steps: batches.steps };
  const callbacks = new CallbackList(
    withProgress(options.callbacks ?? [], params),
    model,
    params,
  );
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

/** What samples are called in errors. */
export interface SampleNames {
  readonly x: string;
  readonly y: string;
  readonly weights: string;
}

const NAMES: SampleNames = { x: "x", y: "y", weights: "sampleWeight" };

/** Samples as the user gives them. */
export interface GivenSamples {
  readonly x: SampleSet;
  readonly y: SampleSet | undefined;
  readonly sampleWeight?: SampleSet;
}

/** Checks samples and labels, builds what was not built, and cuts them into batches in order. */
export async function labelledBatches(
  model: Model,
  method: string,
  given: GivenSamples | Dataset<Element>,
  batchSize = 32,
  names = NAMES,
): Promise<BatchSource> {
  if (isDataset(given)) return await datasetBatches(model, method, given);
  checkCount(method, "batchSize", batchSize);
  return new ArrayBatches(await labelledRows(model, method, given, names), { batchSize });
}

/** Checks samples, labels and weights against the model; metrics are made by their shapes. */
export async function labelledRows(
  model: Model,
  method: string,
  { x, y, sampleWeight }: GivenSamples,
  names = NAMES,
): Promise<SampleRows> {
  const { objective, optimizer } = model.compiled(method);
  const inputNames = model.built ? model.network.inputNames : [names.x];
  const inputs = await readSamples(method, names.x, x, inputNames);
  checkCounts(method, inputs);
  if (!model.built) model.build([null, ...inputs[0].rowShape]);
  const { network } = model;
  objective.bindOutputs(network.outputNames);
  const labels = await readSamples(method, names.y, y, network.outputNames);
  const weights = sampleWeight === undefined
    ? []
    : await readWeights(method, names.weights, sampleWeight, network.outputNames);
  checkCounts(method, [...inputs, ...labels, ...weights]);
  checkInputs(inputs, network.inputs);
  checkLabels(labels, network.outputs, objective.losses);
  checkWeights(weights);
  objective.build(network.outputs.map((output, i) => ({
    labels: labels[i].shape,
    output: output.shape,
  })));
  optimizer.build(model.trainableVariables);
  return { x: inputs, y: labels, weights };
}

/** A data set's first batch tells the shapes; where its arrays are known, all of their numbers are looked at. */
export async function datasetBatches(
  model: Model,
  method: string,
  dataset: Dataset<Element>,
  stepsPerEpoch?: number,
): Promise<BatchSource> {
  const arity = model.built ? arityOf(model.network) : { inputs: 1, outputs: 1 };
  const element = firstElement(method, "x", dataset, arity);
  try {
    const { x, y, weights } = asBatch(element, arity);
    if (!model.built) model.build([null, ...x[0].shape.slice(1)]);
    const { objective } = model.compiled(method);
    objective.bindOutputs(model.network.outputNames);
    // First of all, so that a wrong number is named by its place in the array, not in a batch.
    const { rows } = dataset;
    if (rows) checkDatasetRows(method, "x", rows, model.network, objective.losses);
    await labelledRows(model, method, {
      x: single(x),
      y: single(y),
      ...(weights.length > 0 ? { sampleWeight: single(weights) } : {}),
    });
  } finally {
    tf.dispose(element);
  }
  return new DatasetBatches(dataset, arity, stepsPerEpoch);
}
