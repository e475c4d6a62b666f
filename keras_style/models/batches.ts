/**
 * Where the batches of an epoch come from: arrays on the host, or a data set.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Dataset, Element } from "../data/dataset.ts";
import type { HostRows, RowChoice } from "../data/host_rows.ts";
import { drawPermutation } from "../random/seed.ts";

/** Inputs and labels of one step, in the order of the model's inputs and outputs. */
export interface Batch {
  readonly x: tf.Tensor[];
  readonly y: tf.Tensor[];
  /** How much each sample counts, one tensor an output; empty where all count alike. */
  readonly weights: tf.Tensor[];
}

/** Batches for one epoch after the other. */
export interface BatchSource {
  /** Steps an epoch; undefined where only the epoch tells. */
  readonly steps: number | undefined;
  /** One epoch. A batch is copied when its function is called, before its step begins. */
  epoch(): Iterable<() => Batch>;
}

/** Inputs, labels and weights of samples on the host. */
export interface SampleRows {
  readonly x: readonly HostRows[];
  readonly y: readonly HostRows[];
  readonly weights: readonly HostRows[];
}

/** How samples are cut into batches. */
export interface Cutting {
  readonly batchSize: number;
  readonly shuffle?: boolean;
  /** First row that belongs to it; 0 unless given. */
  readonly from?: number;
  /** The row after the last; all rows unless given. */
  readonly to?: number;
}

/** Samples on the host, in order or shuffled anew each epoch. The last batch may be smaller. */
export class ArrayBatches implements BatchSource {
  readonly steps: number;
  readonly #cutting: Required<Cutting>;

  constructor(readonly rows: SampleRows, cutting: Cutting) {
    this.#cutting = { shuffle: false, from: 0, to: rows.x[0].count, ...cutting };
    const { from, to, batchSize } = this.#cutting;
    this.steps = Math.ceil((to - from) / batchSize);
  }

  *epoch(): Generator<() => Batch> {
    const { batchSize, shuffle, from, to } = this.#cutting;
    const order = shuffle ? drawPermutation(to - from).map((i) => i + from) : undefined;
    for (let start = from; start < to; start += batchSize) {
      const end = Math.min(start + batchSize, to);
      const rows = order?.subarray(start - from, end - from) ?? { from: start, to: end };
      yield () => this.#copy(rows);
    }
  }

  #copy(chosen: RowChoice): Batch {
    const copies = (rows: readonly HostRows[]) => rows.map((r) => r.batch(chosen));
    const { x, y, weights } = this.rows;
    return { x: copies(x), y: copies(y), weights: copies(weights) };
  }
}

/** How many tensors of an element are inputs, and how many labels. */
export interface Arity {
  readonly inputs: number;
  readonly outputs: number;
}

/** A data set of batches: inputs, labels, and weights of the samples where it has some. */
export class DatasetBatches implements BatchSource {
  readonly steps: number | undefined;

  /** @param isWeighted whether its elements have weights of the samples */
  constructor(
    readonly dataset: Dataset<Element>,
    readonly arity: Arity,
    readonly isWeighted: boolean,
  ) {
    const size = dataset.cardinality();
    this.steps = size === Infinity ? undefined : size;
  }

  *epoch(): Generator<() => Batch> {
    for (const element of this.dataset) yield () => asBatch(element, this.arity);
  }
}

/** So many steps an epoch. */
export class LimitedBatches implements BatchSource {
  #running: Iterator<() => Batch> | undefined;

  /** @param goesOn whether an epoch goes on where the last one stopped; else each begins at the start */
  constructor(readonly source: BatchSource, readonly steps: number, readonly goesOn: boolean) {}

  *epoch(): Generator<() => Batch> {
    if (!this.goesOn) this.#running = undefined;
    for (let step = 0; step < this.steps; step++) {
      this.#running ??= this.source.epoch()[Symbol.iterator]();
      const { value, done } = this.#running.next();
      if (done) {
        this.#running = undefined;
        return;
      }
      yield value;
    }
  }
}

/** Inputs first, then labels, then weights: one for all outputs, or one each. */
export function asBatch(element: Element, arity: Arity): Batch {
  const [x, y, weights] = splitElement([element].flat(), arity);
  return { x, y, weights };
}

/** A list with one entry a tensor of an element, as inputs, labels and weights. */
export function splitElement<T>(list: readonly T[], { inputs, outputs }: Arity): [T[], T[], T[]] {
  const labelled = inputs + outputs;
  const weights = list.slice(labelled);
  const one = weights.length === 1 && outputs > 1;
  return [
    list.slice(0, inputs),
    list.slice(inputs, labelled),
    one ? new Array<T>(outputs).fill(weights[0]) : weights,
  ];
}

/** Frees a batch's memory. */
export function disposeBatch({ x, y, weights }: Batch): void {
  tf.dispose(x);
  tf.dispose(y);
  tf.dispose(weights);
}
