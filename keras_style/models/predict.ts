/**
 * How a model is asked for predictions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { CallbackList } from "../callbacks/callback_list.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { type HostRows, hostRows } from "../data/host_rows.ts";
import { inOneCall } from "../engine/mod.ts";
import { ArrayBatches, type BatchSource, DatasetBatches, disposeBatch } from "./batches.ts";
import {
  checkCount,
  checkCounts,
  checkFinite,
  checkInputs,
  isDataset,
  readSamples,
  type SampleSet,
} from "./check_data.ts";
import { readOptions } from "../options.ts";
import { buildFor, keysFor } from "./build_for.ts";
import { limited } from "./labelled_samples.ts";
import { groupsOf, RUN_OPTIONS, type RunOptions, verbosity } from "./run_steps.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Options of `predict`. */
export interface PredictOptions extends RunOptions {
  /** Steps to predict; all there are unless given. */
  readonly steps?: number;
}

/** Predictions of every output, one row a sample. */
export async function predictModel(
  model: TrainedModel,
  step: (x: tf.Tensor[]) => tf.Tensor[],
  x: SampleSet | Dataset<Element>,
  given: PredictOptions,
): Promise<tf.Tensor[]> {
  const options = readOptions("predict", given, {
    ...RUN_OPTIONS,
    steps: undefined,
  }) as PredictOptions;
  const { batchSize = 32 } = options;
  checkCount("predict", "batchSize", batchSize);
  const verbose = verbosity("predict", options.verbose);
  const all = isDataset(x)
    ? await datasetBatches(model, x, options.steps)
    : await arrayBatches(model, x, batchSize);
  const batches = limited("predict", "steps", all, options.steps);
  const callbacks = new CallbackList(options.callbacks ?? [], {
    addProgbar: verbose > 0,
    model,
    verbose,
    steps: batches.steps,
  });
  const results = model.outputSpecs.map(({ name }) => new Results(name));
  let count = 0;
  await callbacks.onPredictBegin();
  const stepsPerExecution = model.isCompiled ? model.compiled("predict").stepsPerExecution : 1;
  for (const group of groupsOf(batches.epoch(), stepsPerExecution)) {
    options.signal?.throwIfAborted();
    await callbacks.onPredictBatchBegin(count);
    const prepared = group.map((prepare) => prepare());
    const outputs = inOneCall(() => prepared.map(({ x }) => step(x)));
    prepared.forEach(disposeBatch);
    for (const one of outputs) await Promise.all(one.map((output, i) => results[i].take(output)));
    count += group.length;
    await callbacks.onPredictBatchEnd(count - 1);
  }
  await callbacks.onPredictEnd();
  return results.map((result) => result.join());
}

async function arrayBatches(
  model: TrainedModel,
  x: SampleSet,
  batchSize: number,
): Promise<BatchSource> {
  const rows = await inputRows(model, "predict", x);
  return new ArrayBatches({ x: rows, y: [], weights: [] }, { batchSize });
}

/** Inputs without labels, checked; builds what was not built. */
export async function inputRows(
  model: TrainedModel,
  method: string,
  x: SampleSet,
): Promise<HostRows[]> {
  const rows = await readSamples(method, "x", x, keysFor(model, x, "x"));
  checkCounts(method, rows);
  buildFor(model, x, rows.map(({ rowShape }) => rowShape));
  checkInputs(rows, model.inputSpecs);
  return rows;
}

/** Batches of inputs, whatever follows them in an element. */
async function datasetBatches(
  model: TrainedModel,
  dataset: Dataset<Element>,
  steps: number | undefined,
): Promise<BatchSource> {
  const inputs = model.isSpecified ? model.inputSpecs.length : 1;
  const element = dataset.peek();
  if (!element) throw new RangeError("predict: x is a data set without batches");
  try {
    const given = [element].flat().slice(0, inputs);
    if (given.length < inputs) {
      throw new TypeError(
        `predict: x is a data set whose elements have ${given.length} tensors, expected ${inputs}`,
      );
    }
    const rows = await Promise.all(
      given.map((tensor) => hostRows("predict: x", tensor, "float32")),
    );
    buildFor(model, given[0], rows.map(({ rowShape }) => rowShape));
    checkInputs(rows, model.inputSpecs);
  } finally {
    tf.dispose(element);
  }
  const known = dataset.rows?.slice(0, inputs) ?? [];
  checkFinite(known.map((rows) => rows.named("predict: x")));
  if (dataset.cardinality() === Infinity && steps === undefined) {
    throw new RangeError("predict: x repeats for ever, expected a data set with an end");
  }
  return new DatasetBatches(dataset, { inputs, outputs: 1 }, false);
}

/** One output's predictions, gathered on the host. */
class Results {
  readonly #name: string;
  readonly #parts: tf.TypedArray[] = [];
  #dtype: tf.NumericDataType = "float32";
  #rowShape: readonly number[] | undefined;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  async take(output: tf.Tensor): Promise<void> {
    const { dtype, shape: [count, ...rowShape] } = output;
    const values = await output.data() as tf.TypedArray;
    output.dispose();
    const before = this.#rowShape ??= rowShape;
    if (!tf.util.arraysEqual(rowShape, [...before])) {
      throw new RangeError(
        `predict: rows of output "${this.#name}" have shape [${before}] in one batch and [${rowShape}] in another, ` +
          `expected one shape`,
      );
    }
    this.#parts.push(values);
    this.#dtype = dtype as tf.NumericDataType;
    this.#count += count!;
  }

  join(): tf.Tensor {
    const shape = [this.#count, ...this.#rowShape ?? []];
    const values = tf.util.getTypedArrayFromDType(this.#dtype, tf.util.sizeFromShape(shape));
    let at = 0;
    for (const part of this.#parts) {
      values.set(part, at);
      at += part.length;
    }
    return tf.tensor(values, shape, this.#dtype);
  }
}
