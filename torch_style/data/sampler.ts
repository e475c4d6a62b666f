/**
 * Orders in which samples are taken. Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { RandomStream } from "../../onnx/mod.ts";
import {
  type DrawOptions,
  generatorParameter,
  type RandomSource,
  streamOf,
} from "../random_source.ts";

/** Indices of samples, anew at every pass. */
export interface Sampler extends Iterable<number> {
  /** How many indices a pass gives. */
  readonly length: number;
}

/** Options of samplers that draw. */
export interface RandomOptions extends DrawOptions {
  /** Of the order; taken from the generator unless given. */
  readonly seed?: number;
}

/** Every pass goes on in the same stream. */
class Drawing {
  readonly #own: RandomSource | undefined;
  constructor({ seed, generator }: RandomOptions) {
    if (generator && seed !== undefined) {
      throw new Error("seed and generator exclude each other: give one of them");
    }
    this.#own = generator ?? (seed === undefined ? undefined : { stream: new RandomStream(seed) });
  }
  get stream(): RandomStream {
    return streamOf({ generator: this.#own });
  }
}

const SEQUENTIAL_SAMPLER = signature("SequentialSampler", ["length", kinds.integer]);

/** 0, 1, 2, ... */
export class SequentialSampler implements Sampler {
  readonly length: number;

  constructor(...given: Call<typeof SEQUENTIAL_SAMPLER, Record<never, never>, [length: number]>) {
    const { length } = SEQUENTIAL_SAMPLER.read(given);
    this.length = length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** Options of {@linkcode RandomSampler}. */
export interface RandomSamplerOptions extends RandomOptions {
  /** Draw each number from all of them, so that some come twice. */
  readonly replacement?: boolean;
  /** How many indices a pass gives; all unless given. */
  readonly numSamples?: number;
}

const RANDOM_SAMPLER = signature(
  "RandomSampler",
  ["count", kinds.integer],
  ["replacement", kinds.boolean, undefined],
  ["numSamples", kinds.number, undefined],
  "*",
  ["seed", kinds.integer, undefined],
  generatorParameter,
);

/** All indices in random order, or indices drawn with replacement. */
export class RandomSampler implements Sampler {
  readonly length: number;
  readonly #drawing: Drawing;

  readonly count: number;
  readonly options: RandomSamplerOptions;

  constructor(...given: Call<typeof RANDOM_SAMPLER, RandomSamplerOptions, [count: number]>) {
    const { count, ...options } = RANDOM_SAMPLER.read(given);
    this.count = count;
    this.options = options;
    this.length = options.numSamples ?? count;
    if (!Number.isInteger(this.length) || this.length < 1) {
      throw new Error(
        `num_samples should be a positive integer value, but got num_samples=${this.length}`,
      );
    }
    this.#drawing = new Drawing(options);
  }

  *[Symbol.iterator](): Iterator<number> {
    const { stream } = this.#drawing;
    if (this.options.replacement) {
      for (const u of stream.uniform(this.length)) yield Math.floor(u * this.count);
      return;
    }
    for (let left = this.length; left > 0; left -= this.count) {
      yield* stream.permutation(this.count).subarray(0, left);
    }
  }
}

const SUBSET_RANDOM_SAMPLER = signature("SubsetRandomSampler", ["indices", kinds.numbers], "*", [
  "seed",
  kinds.integer,
  undefined,
], generatorParameter);

/** Given indices in random order. */
export class SubsetRandomSampler implements Sampler {
  readonly length: number;
  readonly #drawing: Drawing;

  readonly indices: readonly number[];

  constructor(
    ...given: Call<typeof SUBSET_RANDOM_SAMPLER, RandomOptions, [indices: readonly number[]]>
  ) {
    const { indices, ...options } = SUBSET_RANDOM_SAMPLER.read(given);
    this.indices = indices;
    this.length = indices.length;
    this.#drawing = new Drawing(options);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const i of this.#drawing.stream.permutation(this.length)) yield this.indices[i];
  }
}

/** Options of {@linkcode WeightedRandomSampler}. */
export interface WeightedOptions extends RandomOptions {
  /** Whether a number may come twice; true unless given. */
  readonly replacement?: boolean;
}

const WEIGHTED_RANDOM_SAMPLER = signature(
  "WeightedRandomSampler",
  ["weights", kinds.numbers],
  ["numSamples", kinds.integer],
  ["replacement", kinds.boolean, undefined],
  "*",
  ["seed", kinds.integer, undefined],
  generatorParameter,
);

/** Indices drawn as often as their weights say. */
export class WeightedRandomSampler implements Sampler {
  readonly #drawing: Drawing;

  readonly weights: readonly number[];
  readonly length: number;
  readonly options: WeightedOptions;

  /** @throws {Error} for a negative weight, or more indices than can be drawn without replacement */
  constructor(
    ...given: Call<
      typeof WEIGHTED_RANDOM_SAMPLER,
      WeightedOptions,
      [weights: readonly number[], numSamples: number]
    >
  ) {
    const { weights, numSamples, ...options } = WEIGHTED_RANDOM_SAMPLER.read(given);
    this.weights = weights;
    this.length = numSamples;
    this.options = options;
    const wrong = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
    if (wrong >= 0) throw new Error(`weight ${wrong} is ${weights[wrong]}, expected at least 0`);
    const possible = weights.filter((weight) => weight > 0).length;
    if (possible === 0 || (options.replacement === false && numSamples > possible)) {
      throw new Error(`cannot draw ${numSamples} of ${possible} indices whose weight is not 0`);
    }
    this.#drawing = new Drawing(options);
  }

  *[Symbol.iterator](): Iterator<number> {
    const weights = [...this.weights];
    let total = weights.reduce((a, b) => a + b, 0);
    for (const u of this.#drawing.stream.uniform(this.length)) {
      let rest = u * total;
      let chosen = weights.findIndex((weight) => (rest -= weight) < 0);
      // What rounding left over goes to the last index that can be drawn.
      if (chosen < 0) chosen = weights.findLastIndex((weight) => weight > 0);
      yield chosen;
      if (this.options.replacement !== false) continue;
      total -= weights[chosen];
      weights[chosen] = 0;
    }
  }
}

const BATCH_SAMPLER = signature("BatchSampler", [
  "sampler",
  kinds.iterable<number>("a sampler") as Kind<Sampler>,
], [
  "batchSize",
  kinds.number,
], ["dropLast", kinds.boolean, false]);

/** Indices in batches. */
export class BatchSampler implements Iterable<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(
    ...given: Call<
      typeof BATCH_SAMPLER,
      { readonly dropLast?: boolean },
      [sampler: Sampler, batchSize: number]
    >
  ) {
    const { sampler, batchSize, dropLast } = BATCH_SAMPLER.read(given);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new Error(`batchSize should be a positive integer value, but got ${batchSize}`);
    }
  }

  /** Number of batches. */
  get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
