/**
 * Batches out of a dataset.
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Generator as RandomGenerator } from "../generator.ts";
import { defaultGenerator } from "../random.ts";
import {
  type Dataset,
  datasetKind,
  hasValues,
  itemsOf,
  type IterableDataset,
  type Sample,
} from "./dataset.ts";
import { type Collated, defaultCollate } from "./collate.ts";
import { BatchSampler, RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";
import type { WorkerSource } from "./worker_messages.ts";
import { WorkerPool } from "./worker_pool.ts";

const DATA_LOADER = signature(
  "DataLoader",
  ["dataset", datasetKind],
  ["batchSize", kinds.integer, undefined],
  ["shuffle", kinds.boolean, undefined],
  ["sampler", kinds.iterable<number>("a sampler"), undefined],
  ["batchSampler", kinds.iterable<readonly number[]>("a sampler of batches"), undefined],
  ["numWorkers", kinds.integer, undefined],
  ["collateFn", kinds.callable, undefined],
  "*",
  ["dropLast", kinds.boolean, undefined],
  ["seed", kinds.integer, undefined],
  ["workerSource", kinds.object, undefined],
  ["prefetchFactor", kinds.integer, undefined],
  ["workerInitFn", kinds.string, undefined],
  ["generator", kinds.instance("a torch.Generator", RandomGenerator), undefined],
);

/** Options of {@linkcode DataLoader}, PyTorch's. */
export interface DataLoaderOptions<S = Sample, Batch = Collated<S>> {
  /** Samples in a batch, 1 unless given. */
  readonly batchSize?: number;
  /** A new order at every pass. */
  readonly shuffle?: boolean;
  /** The order of samples, instead of `shuffle`. */
  readonly sampler?: Sampler;
  /** The values of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: Iterable<readonly number[]> & { readonly length: number };
  /** Leave out a last batch that is not full. */
  readonly dropLast?: boolean;
  /** Seed of the order; taken from `manualSeed` unless given. */
  readonly seed?: number;
  /**
   * Makes a batch of samples. Unless given, tensors and numbers are stacked, strings listed, lists and objects taken
   * entry by entry.
   */
  readonly collateFn?: (samples: readonly S[]) => Batch;
  /** Workers that make batches ahead of time, 0 unless given; they need `workerSource`. */
  readonly numWorkers?: number;
  /** Where workers find the dataset. */
  readonly workerSource?: WorkerSource;
  /** Batches in the making in each worker, 2 unless given. */
  readonly prefetchFactor?: number;
  /**
   * Name of a function that the worker source's module exports: each worker calls it with its number before it makes its
   * dataset. (Functions themselves do not cross to workers.)
   */
  readonly workerInitFn?: string;
  /** What the order and the workers' seeds are drawn from, instead of `seed`. */
  readonly generator?: RandomGenerator;
}

/**
 * Goes through a dataset in batches, by `for (const [x, y] of loader)`, or by `for await`, which iterable
 * datasets and workers need.
 * Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 *
 * Workers are Deno workers with the program's own permissions; they read the module of `workerSource`. At each pass their
 * random numbers start from other seeds, drawn from the loader's own: each worker and each pass draws others, and the same
 * seed gives the same.
 *
 * @throws {Error} for options that exclude each other or are out of range
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const dataset = new torch.data.TensorDataset(torch.rand([10, 3]), torch.arange(10));
 * for (const [x, y] of new torch.data.DataLoader(dataset, { batchSize: 4, shuffle: true })) {
 *   console.log(x.shape, await y.tolist());
 * }
 * ```
 */
export class DataLoader<S = Sample, Batch = Collated<S>>
  implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset<S> | IterableDataset<S>;
  readonly options: DataLoaderOptions<S, Batch>;
  readonly batchSize: number;
  readonly #batches: (Iterable<readonly number[]> & { readonly length: number }) | undefined;

  /** Of a loader with a seed of its own. */
  readonly #ownSeeds: RandomStream | undefined;

  constructor(
    ...given: Call<
      typeof DATA_LOADER,
      DataLoaderOptions<S, Batch>,
      [dataset: Dataset<S> | IterableDataset<S>]
    >
  ) {
    const { dataset: read, ...rest } = DATA_LOADER.read(given);
    const dataset = read as Dataset<S> | IterableDataset<S>;
    const options = rest as DataLoaderOptions<S, Batch>;
    this.dataset = dataset;
    this.options = options;
    // Another stream than that of the order.
    if (options.seed !== undefined) this.#ownSeeds = new RandomStream(~options.seed >>> 0);
    this.batchSize = options.batchSize ?? 1;
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1) {
      throw new Error(`batchSize should be a positive integer value, but got ${this.batchSize}`);
    }
    checkWorkers(options);
    if (hasValues(dataset)) this.#batches = batchesOf(dataset, options, this.batchSize);
    else checkIterable(options);
  }

  /** Number of batches. @throws {Error} for an iterable dataset, which does not know it */
  get length(): number {
    if (this.#batches) return this.#batches.length;
    throw new Error("an iterable dataset does not know its number of batches");
  }

  *[Symbol.iterator](): Iterator<Batch> {
    if (this.options.numWorkers) throw new Error("workers answer later: use for await");
    const { dataset } = this;
    if (hasValues(dataset)) {
      for (const indices of this.#batches!) yield this.#batch(dataset, indices);
    } else if (Symbol.iterator in dataset) {
      const gathering = new Gathering<S, Batch>(this.batchSize, this.options);
      for (const sample of dataset) yield* gathering.add(sample);
      yield* gathering.rest();
    } else {
      throw new Error("the dataset's samples come later: use for await");
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Batch> {
    const { dataset, options } = this;
    if (options.numWorkers) {
      using workers = new WorkerPool(options.numWorkers, options.workerSource!, {
        seed: this.#workerSeeds.nextKey()[0],
        initFn: options.workerInitFn,
      });
      const ahead = options.prefetchFactor ?? 2;
      yield* (this.#batches
        ? workers.byNumber(this.#batches, ahead)
        : workers.inTurn(this.batchSize, options.dropLast ?? false, ahead)) as AsyncGenerator<
          Batch
        >;
    } else if (!hasValues(dataset) && Symbol.asyncIterator in dataset) {
      const gathering = new Gathering<S, Batch>(this.batchSize, options);
      for await (const sample of dataset) yield* gathering.add(sample);
      yield* gathering.rest();
    } else {
      // Not `yield* this`, which would ask for the asynchronous batches again.
      yield* { [Symbol.iterator]: () => this[Symbol.iterator]() };
    }
  }

  /** What the workers' seeds of a pass are drawn from. */
  get #workerSeeds(): RandomStream {
    return this.options.generator?.stream ?? this.#ownSeeds ?? defaultGenerator();
  }

  #batch(dataset: Dataset<S>, indices: readonly number[]): Batch {
    const { collateFn } = this.options;
    if (collateFn) return collateFn(indices.map((i) => dataset.getItem(i)));
    // Without a function of the user's own, Batch is Collated<S>.
    return itemsOf(dataset, Int32Array.from(indices)) as Batch;
  }
}

/** Samples on their way to a batch. */
class Gathering<S, Batch> {
  #samples: S[] = [];

  constructor(readonly size: number, readonly options: DataLoaderOptions<S, Batch>) {}

  *add(sample: S): Generator<Batch> {
    this.#samples.push(sample);
    if (this.#samples.length === this.size) yield this.#take();
  }

  *rest(): Generator<Batch> {
    if (this.#samples.length > 0 && !this.options.dropLast) yield this.#take();
  }

  #take(): Batch {
    const samples = this.#samples;
    this.#samples = [];
    return this.options.collateFn?.(samples) ?? defaultCollate(samples) as Batch;
  }
}

function batchesOf<S, Batch>(
  dataset: Dataset<S>,
  options: DataLoaderOptions<S, Batch>,
  batchSize: number,
) {
  const { batchSampler, sampler, shuffle, dropLast, seed, generator } = options;
  if (batchSampler) {
    if (options.batchSize !== undefined || sampler || shuffle || dropLast) {
      throw new Error(
        "batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast",
      );
    }
    return batchSampler;
  }
  if (sampler && shuffle) throw new Error("sampler option is mutually exclusive with shuffle");
  if (dataset.length === 0) {
    throw new Error("DataLoader: the dataset is empty, expected at least one sample");
  }
  const order = sampler ??
    (shuffle
      ? new RandomSampler(dataset.length, { seed, generator })
      : new SequentialSampler(dataset.length));
  return new BatchSampler(order, batchSize, dropLast);
}

function checkIterable(
  { shuffle, sampler, batchSampler }: Pick<
    DataLoaderOptions,
    "shuffle" | "sampler" | "batchSampler"
  >,
): void {
  if (!shuffle && !sampler && !batchSampler) return;
  throw new Error(
    "DataLoader with an iterable dataset: expected no shuffle, sampler or batchSampler, its samples have no numbers",
  );
}

function checkWorkers<S, Batch>(options: DataLoaderOptions<S, Batch>): void {
  const { numWorkers = 0, prefetchFactor, workerSource, collateFn, workerInitFn } = options;
  if (!Number.isInteger(numWorkers) || numWorkers < 0) {
    throw new Error(`numWorkers option should be non-negative, got ${numWorkers}`);
  }
  if (prefetchFactor !== undefined && !(Number.isInteger(prefetchFactor) && prefetchFactor >= 1)) {
    throw new Error(`prefetchFactor is ${prefetchFactor}, expected an integer of at least 1`);
  }
  if (workerInitFn !== undefined && numWorkers === 0) {
    throw new Error("workerInitFn needs workers: set numWorkers > 0");
  }
  if (numWorkers === 0) {
    if (prefetchFactor === undefined) return;
    throw new Error(
      "prefetchFactor option could only be specified in multiprocessing: set numWorkers > 0",
    );
  }
  if (!workerSource) {
    throw new Error(
      "numWorkers needs workerSource: { module, name, args }, where workers find the dataset; functions do not " +
        "cross to workers",
    );
  }
  if (collateFn) {
    throw new Error("collateFn does not cross to workers; stack in the dataset's getItems");
  }
}
