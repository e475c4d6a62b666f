/**
 * Where the batches of an epoch come from: arrays on the host, or a data set.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Dataset, Element } from "../data/dataset.ts";
import type { HostRows, RowChoice } from "../data/host_rows.ts";
import { drawPermutation } from "../random_seed.ts";

/** Inputs and labels of one step, in the order of the model's inputs and outputs. */
export interface Batch {
  readonly x: tf.Tensor[];
  readonly y: tf.Tensor[];
}

/** Batches for one epoch after the other. */
export interface BatchSource {
  /** Steps an epoch; undefined where only the epoch tells. */
  readonly steps: number | undefined;
  /** One epoch. A batch is copied when its function is called: that is a part of the step. */
  epoch(): Iterable<() => Batch>;
}

/** Samples on the host, in order or shuffled anew each epoch. The last batch may be smaller. */
export class ArrayBatches implements BatchSource {
  readonly steps: number;

  /**
   * @param from first row that belongs to it
   * @param to the row after the last
   */
  constructor(
    readonly x: readonly HostRows[],
    readonly y: readonly HostRows[],
    readonly batchSize: number,
    readonly shuffle: boolean,
    readonly from = 0,
    readonly to = x[0].count,
  ) {
    this.steps = Math.ceil((to - from) / batchSize);
  }

  *epoch(): Generator<() => Batch> {
    const { batchSize, from, to } = this;
    const order = this.shuffle ? drawPermutation(to - from).map((i) => i + from) : undefined;
    for (let start = from; start < to; start += batchSize) {
      const end = Math.min(start + batchSize, to);
      const rows = order?.subarray(start - from, end - from) ?? { from: start, to: end };
      yield () => this.#copy(rows);
    }
  }

  #copy(rows: RowChoice): Batch {
    return { x: this.x.map((r) => r.batch(rows)), y: this.y.map((r) => r.batch(rows)) };
  }
}

/** A data set of [x, y] batches. */
export class DatasetBatches implements BatchSource {
  readonly steps: number | undefined;
  readonly #dataset: Dataset<Element>;
  readonly #limit: number;
  #running: Iterator<Element> | undefined;

  /** @param stepsPerEpoch where given, an epoch goes on where the last one stopped */
  constructor(dataset: Dataset<Element>, stepsPerEpoch?: number) {
    this.#dataset = dataset;
    this.#limit = stepsPerEpoch ?? Infinity;
    const size = dataset.cardinality();
    this.steps = stepsPerEpoch ?? (size === Infinity ? undefined : size);
  }

  *epoch(): Generator<() => Batch> {
    if (this.#limit === Infinity) {
      for (const element of this.#dataset) yield () => asBatch(element);
      return;
    }
    for (let step = 0; step < this.#limit; step++) {
      this.#running ??= this.#dataset[Symbol.iterator]();
      const { value, done } = this.#running.next();
      if (done) {
        this.#running = undefined;
        return;
      }
      yield () => asBatch(value);
    }
  }
}

/** The last tensor of an element is the label. */
function asBatch(element: Element): Batch {
  const list = [element].flat();
  return list.length === 1 ? { x: list, y: [] } : { x: list.slice(0, -1), y: list.slice(-1) };
}

/** Frees a batch's memory. */
export function disposeBatch({ x, y }: Batch): void {
  tf.dispose(x);
  tf.dispose(y);
}
