/**
 * Initializers that draw. One that is given a seed, or none, draws the same values at every call, as in Keras 3; without one its
 * seed comes from the stream that `setRandomSeed` starts. A `SeedGenerator` gives other values at every call.
 * Source: keras/src/initializers/random_initializers.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { isPlainObject } from "../layers/nested.ts";
import { checkNumber, readOptions, show, takeOptions } from "../options.ts";
import { orthonormalColumns } from "./orthonormal_columns.ts";
import { checkSeed, drawSeed, type Seed, SeedGenerator } from "../random/seed.ts";
import { type GainOptions, Initializer, type WeightShape } from "./initializer.ts";

/** Options that all drawing initializers take. */
export interface SeedOptions {
  /** An integer from 0 to 2^32 - 1, or a generator of them; from the idiom's own stream unless given. */
  readonly seed?: Seed | null;
}

/** Base class of initializers that draw. */
export abstract class RandomInitializer extends Initializer {
  readonly #given: Seed | null;
  readonly #seed: Seed;

  constructor(options: SeedOptions) {
    super();
    const owner = new.target.name;
    const { seed } = readOptions(owner, options, { seed: null });
    this.#given = isPlainObject(seed) ? savedGenerator(seed) : seed;
    this.#seed = this.#given === null ? drawSeed() : checkSeed(owner, this.#given);
  }

  /** One with a generator draws other values at every call by itself. */
  override clone(): Initializer {
    return this.#given instanceof SeedGenerator ? this : super.clone();
  }

  /** The seed of the next call. */
  protected nextSeed(): number {
    return this.#seed instanceof SeedGenerator ? this.#seed.next() : this.#seed;
  }

  override getConfig(): Record<string, unknown> {
    const given = this.#given;
    if (!(given instanceof SeedGenerator)) return { seed: given };
    return { seed: { className: "SeedGenerator", config: given.getConfig() } };
  }
}

/** A generator as it was saved: class and configuration, or as older files have it the configuration alone. */
function savedGenerator(saved: Record<string, unknown>): SeedGenerator {
  return new SeedGenerator(saved.className === "SeedGenerator" ? saved.config as object : saved);
}

/** Options of {@linkcode RandomNormal} and {@linkcode TruncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** Standard deviation; 0.05 unless given. */
  readonly stddev?: number;
}

/** Normally distributed values. */
export class RandomNormal extends RandomInitializer {
  readonly mean: number;
  readonly stddev: number;

  constructor(options: NormalOptions = {}) {
    const [{ mean, stddev }, rest] = takeOptions("RandomNormal", options, {
      mean: 0,
      stddev: 0.05,
    });
    super(rest);
    this.mean = checkNumber(new.target.name, "mean", mean);
    this.stddev = checkNumber(new.target.name, "stddev", stddev, { from: 0 });
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    const values = tf.randomNormal(
      [...shape],
      this.mean,
      this.stddev,
      "float32",
      this.nextSeed(),
    );
    return tf.cast(values, dtype);
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/** Normally distributed values; those further than two standard deviations from the mean are drawn anew. */
export class TruncatedNormal extends RandomNormal {
  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    return tf.cast(truncatedNormal(shape, this.mean, this.stddev, this.nextSeed()), dtype);
  }
}

/** Options of {@linkcode RandomUniform}. */
export interface UniformOptions extends SeedOptions {
  /** Least value; -0.05 unless given. */
  readonly minval?: number;
  /** What all values stay below; 0.05 unless given. */
  readonly maxval?: number;
}

/** Uniformly distributed values. */
export class RandomUniform extends RandomInitializer {
  readonly minval: number;
  readonly maxval: number;

  constructor(options: UniformOptions = {}) {
    const [{ minval, maxval }, rest] = takeOptions("RandomUniform", options, {
      minval: -0.05,
      maxval: 0.05,
    });
    super(rest);
    this.minval = checkNumber("RandomUniform", "minval", minval);
    this.maxval = checkNumber("RandomUniform", "maxval", maxval, { from: minval });
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    const values = tf.randomUniform(
      [...shape],
      this.minval,
      this.maxval,
      "float32",
      this.nextSeed(),
    );
    return tf.cast(values, dtype);
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

/** Options of {@linkcode Orthogonal}. */
export interface OrthogonalOptions extends GainOptions, SeedOptions {}

/** A matrix [product of the leading dimensions, last dimension] whose rows or columns are orthonormal, times `gain`. */
export class Orthogonal extends RandomInitializer {
  readonly gain: number;

  constructor(options: OrthogonalOptions = {}) {
    const [{ gain }, rest] = takeOptions("Orthogonal", options, { gain: 1 });
    super(rest);
    this.gain = checkNumber("Orthogonal", "gain", gain);
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    if (shape.length < 2) {
      throw new RangeError(`Orthogonal: shape is ${show(shape)}, expected at least two dimensions`);
    }
    const columns = shape.at(-1)!;
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const values = orthonormalColumns(long, short, this.nextSeed());
    const matrix = tf.tensor2d(Float32Array.from(values, (v) => v * this.gain), [long, short]);
    const inOrder = rows < columns ? tf.transpose(matrix) : matrix;
    return tf.cast(tf.reshape(inOrder, [...shape]), dtype);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, ...super.getConfig() };
  }
}

/** Values from TensorFlow.js' own generator, at most two standard deviations from the mean. */
export function truncatedNormal(
  shape: WeightShape,
  mean: number,
  stddev: number,
  seed: number,
): tf.Tensor {
  return tf.truncatedNormal([...shape], mean, stddev, "float32", seed);
}
