/**
 * Samples with their labels, checked against a model and cut into batches.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Dataset, Element } from "../data/dataset.ts";
import { HostRows } from "../data/host_rows.ts";
import {
  ArrayBatches,
  asBatch,
  type BatchSource,
  DatasetBatches,
  LimitedBatches,
  type SampleRows,
} from "./batches.ts";
import { buildFor, keysFor } from "./build_for.ts";
import {
  checkCount,
  checkCounts,
  checkInputs,
  checkLabels,
  isByName,
  isDataset,
  type LabelSet,
  readSamples,
  type SampleSet,
} from "./check_data.ts";
import { arityOf, checkDatasetRows, firstElement, single } from "./check_dataset.ts";
import { checkWeights, readWeights } from "./sample_weights.ts";
import type { Network, TrainedModel } from "./trained_model.ts";

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
  readonly y: LabelSet | undefined;
  readonly sampleWeight?: SampleSet;
}

/** Checks samples and labels, builds what was not built, and cuts them into batches in order. */
export async function labelledBatches(
  model: TrainedModel,
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
  model: TrainedModel,
  method: string,
  { x, y, sampleWeight }: GivenSamples,
  names = NAMES,
): Promise<SampleRows> {
  const { objective, optimizer } = model.compiled(method);
  const inputs = await readSamples(method, names.x, x, keysFor(model, x, names.x));
  checkCounts(method, inputs);
  buildFor(model, x, inputs.map(({ rowShape }) => rowShape));
  const network = networkOf(model, method);
  const outputNames = model.outputSpecs.map(({ name }) => name);
  const labels = y === undefined && !needsLabels(model)
    ? []
    : await readLabels(model, method, names.y, y, inputs[0].count);
  const weights = sampleWeight === undefined
    ? []
    : await readWeights(method, names.weights, sampleWeight, outputNames);
  checkCounts(method, [...inputs, ...labels, ...weights]);
  checkInputs(inputs, network.inputs);
  if (labels.length > 0) checkLabels(labels, network.outputs, network.losses);
  checkWeights(weights);
  objective.build(
    labels.map((label, i) => ({ labels: label.shape, output: network.outputs[i]?.shape ?? [] })),
  );
  optimizer.build(model.trainableVariables);
  return { x: inputs, y: labels, weights };
}

/** What a built model takes, gives and is trained towards. */
export function networkOf(model: TrainedModel, method: string): Network {
  const { objective } = model.compiled(method);
  const { inputSpecs: inputs, outputSpecs: outputs } = model;
  objective.bindOutputs(outputs.map(({ name }) => name));
  return { inputs, outputs, losses: objective.losses };
}

/** Labels may be left out where no loss of `compile` looks at them. */
function needsLabels(model: TrainedModel): boolean {
  const { objective } = model.compiled("fit");
  return !model.hasOwnStep && objective.losses.some((loss) => loss !== null);
}

/** The labels of every output; where neither a loss nor a metric looks at them they may be left out, and zeros stand for them. */
async function readLabels(
  model: TrainedModel,
  method: string,
  name: string,
  y: LabelSet | undefined,
  count: number,
): Promise<HostRows[]> {
  const all = model.outputSpecs.map((output) => output.name);
  if (model.hasOwnStep) return await readSamples(method, name, y, labelKeys(model, y, all));
  const { objective } = model.compiled(method);
  const needed = all.filter((_, i) => objective.needsLabels(i));
  const given = all.filter((_, i) => hasLabels(y, all, needed, i));
  const keys = all.filter((output) => needed.includes(output) || given.includes(output));
  const found = await readSamples(method, name, withoutNulls(y), keys);
  const zeros = { data: new Int32Array(count), shape: [count] };
  return all.map((output) =>
    found[keys.indexOf(output)] ?? new HostRows(`${method}: ${name}.${output}`, zeros, "int32")
  );
}

/** Whether labels of an output are given: by its name, in a list with an entry an output, or among those that are needed. */
function hasLabels(
  y: LabelSet | undefined,
  all: readonly string[],
  needed: readonly string[],
  output: number,
): boolean {
  if (y !== undefined && isByName(y)) return (y[all[output]] ?? null) !== null;
  if (Array.isArray(y) && y.length === all.length) return (y[output] ?? null) !== null;
  return needed.length === 0 || needed.includes(all[output]);
}

/** A list without the entries that say that there are no labels. */
function withoutNulls(y: LabelSet | undefined): LabelSet | undefined {
  return Array.isArray(y) ? y.filter((entry) => entry !== null && entry !== undefined) : y;
}

/** What labels are called: as the outputs, unless a step of the user's own takes others. */
function labelKeys(
  model: TrainedModel,
  y: LabelSet | undefined,
  outputNames: readonly string[],
): readonly string[] {
  const { objective } = model.compiled("fit");
  const isFree = model.hasOwnStep && objective.losses.every((loss) => loss === null);
  return isFree && y !== undefined ? keysFor(undefined, y, "y") : outputNames;
}

/** A data set's first batch tells the shapes; where its arrays are known, all of their values are looked at. */
export async function datasetBatches(
  model: TrainedModel,
  method: string,
  dataset: Dataset<Element>,
): Promise<DatasetBatches> {
  const counts = model.isSpecified
    ? { inputs: model.inputSpecs.length, outputs: model.outputSpecs.length }
    : { inputs: 1, outputs: 1 };
  if (model.isSpecified) void networkOf(model, method);
  const element = firstElement(
    method,
    "x",
    dataset,
    counts,
    !model.isSpecified || !needsLabels(model),
  );
  try {
    const arity = arityOf(element, counts);
    const { x, y, weights } = asBatch(element, arity);
    buildFor(model, single(x), x.map(({ shape }) => shape.slice(1)));
    const network = networkOf(model, method);
    // First of all, so that a wrong number is named by its index in the array, not in a batch.
    const { rows } = dataset;
    if (rows) checkDatasetRows(method, "x", rows, arity, network);
    await labelledRows(model, method, {
      x: single(x),
      y: y.length === 0 ? undefined : single(y),
      ...(weights.length > 0 ? { sampleWeight: single(weights) } : {}),
    });
    return new DatasetBatches(dataset, arity, weights.length > 0);
  } finally {
    tf.dispose(element);
  }
}

/** A source cut to so many steps; as it is where none are given. */
export function limited(
  method: string,
  option: string,
  source: BatchSource,
  steps: number | undefined,
  goesOn = false,
): BatchSource {
  if (steps === undefined) return source;
  checkCount(method, option, steps);
  return new LimitedBatches(source, steps, goesOn);
}
