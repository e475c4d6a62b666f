/**
 * How a model is asked for predictions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { CallbackList } from "../callbacks/callback_list.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { hostRows } from "../data/host_rows.ts";
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
import type { Model } from "./model.ts";
import { type RunOptions, verbosity, withProgress } from "./run_steps.ts";

/** Options of `predict`. */
export type PredictOptions = RunOptions;

/** Predictions of every output, one row a sample. */
export async function predictModel(
  model: Model,
  step: (x: tf.Tensor[]) => tf.Tensor[],
  x: SampleSet | Dataset<Element>,
  options: PredictOptions,
): Promise<tf.Tensor[]> {
  const { batchSize = 32 } = options;
  checkCount("predict", "batchSize", batchSize);
  const verbose = verbosity("predict", options.verbose);
  const batches = isDataset(x)
    ? await datasetBatches(model, x)
    : await arrayBatches(model, x, batchSize);
  const params = { verbose, epochs: 1, steps: batches.steps };
  const callbacks = new CallbackList(withProgress(options.callbacks ?? [], params), model, params);
  const results = model.network.outputs.map(() => new Results());
  let count = 0;
  await callbacks.phase("onPredictBegin");
  for (const prepare of batches.epoch()) {
    options.signal?.throwIfAborted();
    await callbacks.step("onPredictBatchBegin", count);
    const batch = prepare();
    const outputs = step(batch.x);
    disposeBatch(batch);
    await Promise.all(outputs.map((output, i) => results[i].take(output)));
    await callbacks.step("onPredictBatchEnd", count++);
  }
  await callbacks.phase("onPredictEnd");
  return results.map((result) => result.join());
}

async function arrayBatches(
  model: Model,
  x: SampleSet,
  batchSize: number,
): Promise<BatchSource> {
  const rows = await readSamples("predict", "x", x, model.built ? model.network.inputNames : ["x"]);
  checkCounts("predict", rows);
  if (!model.built) model.build([null, ...rows[0].rowShape]);
  checkInputs(rows, model.network.inputs);
  return new ArrayBatches({ x: rows, y: [], weights: [] }, { batchSize });
}

/** Batches of inputs, whatever follows them in an element. */
async function datasetBatches(model: Model, dataset: Dataset<Element>): Promise<BatchSource> {
  const inputs = model.built ? model.network.inputs.length : 1;
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
    if (!model.built) model.build([null, ...rows[0].rowShape]);
    checkInputs(rows, model.network.inputs);
  } finally {
    tf.dispose(element);
  }
  const known = dataset.rows?.slice(0, inputs) ?? [];
  checkFinite(known.map((rows) => rows.named("predict: x")));
  if (dataset.cardinality() === Infinity) {
    throw new RangeError("predict: x repeats for ever, expected a data set with an end");
  }
  return new DatasetBatches(dataset, { inputs, outputs: 1 });
}

/** One output's predictions, gathered on the host. */
class Results {
  readonly #parts: Float32Array[] = [];
  #shape: number[] = [0];

  async take(output: tf.Tensor): Promise<void> {
    this.#parts.push(await output.data() as Float32Array);
    this.#shape = [this.#shape[0] + output.shape[0]!, ...output.shape.slice(1)];
    output.dispose();
  }

  join(): tf.Tensor {
    const values = new Float32Array(tf.util.sizeFromShape(this.#shape));
    let at = 0;
    for (const part of this.#parts) {
      values.set(part, at);
      at += part.length;
    }
    return tf.tensor(values, this.#shape, "float32");
  }
}
