/**
 * How a model is asked for predictions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { CallbackList } from "../callbacks/callback_list.ts";
import { ArrayBatches, disposeBatch } from "./batches.ts";
import { checkCount, checkCounts, checkInputs, readSamples, type SampleSet } from "./check_data.ts";
import type { Model } from "./model.ts";
import { type RunOptions, verbosity, withProgress } from "./run_steps.ts";

/** Options of `predict`. */
export type PredictOptions = RunOptions;

/** Predictions of every output, one row a sample. */
export async function predictModel(
  model: Model,
  step: (x: tf.Tensor[]) => tf.Tensor[],
  x: SampleSet,
  options: PredictOptions,
): Promise<tf.Tensor[]> {
  const { batchSize = 32 } = options;
  checkCount("predict", "batchSize", batchSize);
  const verbose = verbosity("predict", options.verbose);
  const rows = await readSamples("predict", "x", x, model.built ? model.network.inputNames : ["x"]);
  checkCounts("predict", rows);
  if (!model.built) model.build([null, ...rows[0].rowShape]);
  checkInputs(rows, model.network.inputs);
  const batches = new ArrayBatches({ x: rows, y: [], weights: [] }, { batchSize });
  const params = { verbose, epochs: 1, steps: batches.steps };
  const callbacks = new CallbackList(withProgress(options.callbacks ?? [], params), model, params);
  const results: Results[] = model.network.outputs.map(() => new Results(rows[0].count));
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

/** One output's predictions, gathered on the host. */
class Results {
  #values: Float32Array | undefined;
  #rowShape: number[] = [];
  #filled = 0;

  constructor(readonly count: number) {}

  async take(output: tf.Tensor): Promise<void> {
    const values = await output.data() as Float32Array;
    this.#rowShape = output.shape.slice(1);
    this.#values ??= new Float32Array(this.count * tf.util.sizeFromShape(this.#rowShape));
    this.#values.set(values, this.#filled);
    this.#filled += values.length;
    output.dispose();
  }

  join(): tf.Tensor {
    return tf.tensor(this.#values!, [this.count, ...this.#rowShape], "float32");
  }
}
