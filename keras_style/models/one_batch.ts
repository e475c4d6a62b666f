/**
 * Single steps, for loops of the user's own.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Logs } from "../callbacks/mod.ts";
import { readOptions } from "../options.ts";
import { ArrayBatches, disposeBatch } from "./batches.ts";
import type { LabelSet, SampleSet } from "./check_data.ts";
import { labelledRows } from "./labelled_samples.ts";
import { MetricState } from "./metric_state.ts";
import { inputRows } from "./predict.ts";
import { readLogs } from "./run_steps.ts";
import { type ClassWeight, withClassWeight } from "./sample_weights.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Options of `trainOnBatch` and `testOnBatch`. */
export interface BatchOptions {
  /** How much each sample counts: [n], or one such array an output. */
  readonly sampleWeight?: SampleSet;
  /** How much the samples of each class count. */
  readonly classWeight?: ClassWeight;
  /** Whether to return the values by name. */
  readonly returnDict?: boolean;
}

/** One step; gives the values of this batch alone, as Keras since 3.0. */
export async function runOneBatch(
  model: TrainedModel,
  method: "trainOnBatch" | "testOnBatch",
  x: SampleSet,
  y: LabelSet | undefined,
  options: BatchOptions,
): Promise<Logs> {
  const { sampleWeight, classWeight } = readOptions(method, options, {
    sampleWeight: undefined,
    classWeight: undefined,
    returnDict: false,
  }) as BatchOptions;
  const { train, test } = model.compiled(method);
  const given = await labelledRows(model, method, { x, y, sampleWeight });
  const rows = withClassWeight(method, given, classWeight, sampleWeight);
  const [prepare] = new ArrayBatches(rows, { batchSize: rows.x[0].count }).epoch();
  const batch = prepare();
  using state = new MetricState(() => model.metrics);
  try {
    state.enter();
    model.resetMetrics();
    const step = method === "trainOnBatch" ? train : test;
    return await readLogs(step(batch.x, batch.y, batch.weights));
  } finally {
    disposeBatch(batch);
  }
}

/** The predictions of every output for one batch. */
export async function predictBatch(
  model: TrainedModel,
  step: (x: tf.Tensor[]) => tf.Tensor[],
  x: SampleSet,
): Promise<tf.Tensor[]> {
  const rows = await inputRows(model, "predictOnBatch", x);
  const batch = rows.map((r) => r.batch({ from: 0, to: r.count }));
  try {
    return step(batch);
  } finally {
    tf.dispose(batch);
  }
}
