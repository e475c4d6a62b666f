/**
 * How much samples count.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { HostRows } from "../data/host_rows.ts";
import type { Batch, BatchSource, DatasetBatches, SampleRows } from "./batches.ts";
import { checkFinite, readSamples, type SampleSet } from "./check_data.ts";

/** How much the samples of each class count, by class number; classes that are left out count 1. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** The weights of samples, one array an output: a single array is for all outputs. */
export async function readWeights(
  method: string,
  name: string,
  weights: SampleSet,
  outputs: readonly string[],
): Promise<HostRows[]> {
  const isOne = outputs.length > 1 && !Array.isArray(weights) && !isByName(weights, outputs);
  if (!isOne) return await readSamples(method, name, weights, outputs);
  const [rows] = await readSamples(method, name, weights, outputs.slice(0, 1));
  return outputs.map(() => rows);
}

function isByName(weights: SampleSet, outputs: readonly string[]): boolean {
  return Object.getPrototypeOf(weights) === Object.prototype &&
    outputs.some((output) => Object.hasOwn(weights, output));
}

/** Throws unless there is one finite number a sample. */
export function checkWeights(rows: readonly HostRows[]): void {
  for (const { name, shape, rowShape } of rows) {
    if (rowShape.every((dimension) => dimension === 1)) continue;
    throw new RangeError(`${name} has shape [${shape}], expected one number a sample: [null]`);
  }
  checkFinite(rows);
}

/** Samples that count by their classes; as they are without `classWeight`. */
export function withClassWeight(
  method: string,
  rows: SampleRows,
  classWeight: ClassWeight | undefined,
  sampleWeight: SampleSet | undefined,
): SampleRows {
  if (classWeight === undefined) return rows;
  if (sampleWeight !== undefined) {
    throw new TypeError(
      `${method}: classWeight is given beside sampleWeight, expected one of them`,
    );
  }
  refuseManyOutputs(method, rows.y.length);
  return { ...rows, weights: [weightsOfClasses(method, rows.y[0], classWeight)] };
}

/** Batches that count by their classes. */
export class ClassWeightedBatches implements BatchSource {
  readonly steps: number | undefined;
  readonly #table: Float32Array;

  /** @throws {TypeError} for several outputs, or a data set with weights of its own */
  constructor(readonly source: DatasetBatches, classWeight: ClassWeight) {
    refuseManyOutputs("fit", source.arity.outputs);
    if (source.isWeighted) {
      throw new TypeError(
        "fit: classWeight is given beside weights in the data set, expected one of them",
      );
    }
    this.steps = source.steps;
    const weightOf = weightTable("fit", classWeight);
    const largest = Math.max(0, ...entriesOf(classWeight).map(([label]) => label));
    this.#table = Float32Array.from({ length: largest + 1 }, (_, label) => weightOf(label));
  }

  *epoch(): Generator<() => Batch> {
    for (const prepare of this.source.epoch()) yield () => this.#weighted(prepare());
  }

  #weighted(batch: Batch): Batch {
    return { ...batch, weights: [tf.tidy(() => this.#weightsFor(batch.y[0]))] };
  }

  #weightsFor(y: tf.Tensor): tf.Tensor {
    const isOneHot = y.rank > 1 && y.shape.at(-1)! > 1;
    const labels = isOneHot ? tf.argMax(y, -1) : tf.cast(tf.reshape(y, [-1]), "int32");
    const { length } = this.#table;
    const known = tf.logicalAnd(tf.greaterEqual(labels, 0), tf.less(labels, length));
    const positions = tf.cast(tf.clipByValue(labels, 0, length - 1), "int32") as tf.Tensor1D;
    const found = tf.gather(tf.tensor1d(this.#table), positions);
    return tf.where(known, found, tf.onesLike(found));
  }
}

function refuseManyOutputs(method: string, count: number): void {
  if (count === 1) return;
  throw new TypeError(
    `${method}: classWeight is given for ${count} outputs, expected a model with one; ` +
      `sampleWeight can be given for each output`,
  );
}

/**
 * Weights of samples by their classes. Follows `class_weight_to_sample_weights` in
 * keras/src/trainers/data_adapters/data_adapter_utils.py of Keras 3.
 *
 * @param labels class indices [n] or [n, 1], or one-hot rows
 * @throws {RangeError} for a class that is no integer of at least 0, or a weight that is no number of at least 0
 */
function weightsOfClasses(
  method: string,
  labels: HostRows,
  classWeight: ClassWeight,
): HostRows {
  const weightOf = weightTable(method, classWeight);
  const width = labels.rowShape.at(-1) ?? 1;
  const data = Float32Array.from(
    { length: labels.count },
    (_, row) => weightOf(classAt(labels.data, row, width)),
  );
  return new HostRows(`${method}: classWeight`, { data, shape: [labels.count] }, "float32");
}

function entriesOf(classWeight: ClassWeight): (readonly [label: number, weight: number])[] {
  return classWeight instanceof Map
    ? [...classWeight]
    : Object.entries(classWeight).map(([key, weight]) => [Number(key), weight] as const);
}

function weightTable(method: string, classWeight: ClassWeight): (label: number) => number {
  const entries = entriesOf(classWeight);
  for (const [key, weight] of entries) {
    if (!Number.isInteger(key) || key < 0 || !(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `${method}: classWeight has ${weight} for class ${key}, expected values of at least 0 by class indices`,
      );
    }
  }
  const byClass = new Map(entries);
  return (label) => byClass.get(label) ?? 1;
}

function classAt(data: HostRows["data"], row: number, width: number): number {
  if (width === 1) return Math.round(data[row]);
  const answer = data.subarray(row * width, (row + 1) * width);
  return answer.indexOf(Math.max(...answer));
}
