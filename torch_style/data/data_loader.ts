/**
 * Batches out of a dataset.
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";
import { stack } from "../ops/joining.ts";
import { defaultGenerator } from "../random.ts";
import type { Dataset, Sample } from "./dataset.ts";

/** Options of {@linkcode DataLoader}, PyTorch's. */
export interface DataLoaderOptions {
  /** Samples in a batch, 1 unless given. */
  readonly batchSize?: number;
  /** A new order at every pass. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is not full. */
  readonly dropLast?: boolean;
  /** Seed of the order; taken from `manualSeed` unless given. */
  readonly seed?: number;
}

/**
 * Goes through a dataset in batches, by `for (const [x, y] of loader)`.
 * Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 */
export class DataLoader implements Iterable<Sample> {
  readonly batchSize: number;
  readonly #generator: RandomStream | undefined;

  constructor(readonly dataset: Dataset, readonly options: DataLoaderOptions = {}) {
    this.batchSize = options.batchSize ?? 1;
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1) {
      throw new Error(`batchSize should be a positive integer value, but got ${this.batchSize}`);
    }
    if (dataset.length === 0) {
      throw new Error("DataLoader: the dataset is empty, expected at least one sample");
    }
    this.#generator = options.seed === undefined ? undefined : new RandomStream(options.seed);
  }

  /** Number of batches. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Iterator<Sample> {
    const order = this.#order();
    for (let batch = 0; batch < this.length; batch++) {
      const indices = order.slice(batch * this.batchSize, (batch + 1) * this.batchSize);
      yield this.dataset.getItems?.(indices) ??
        collate([...indices].map((i) => this.dataset.getItem(i)));
    }
  }

  #order(): Int32Array {
    const count = this.dataset.length;
    if (!this.options.shuffle) return Int32Array.from({ length: count }, (_, i) => i);
    return Int32Array.from((this.#generator ?? defaultGenerator()).permutation(count));
  }
}

/** Stacks the first tensors of all samples, the second ones, and so on. */
function collate(samples: readonly Sample[]): Sample {
  return samples[0].map((_, i) => stack(samples.map((sample) => sample[i])));
}
