/**
 * Layers that add noise while training, drawn afresh at every step.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import { readRate, TrainingLayer } from "./dropout.ts";
import type { LayerOptions } from "../layer.ts";
import { castFloat, floatType } from "../../engine/mod.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";

/** Options of {@linkcode GaussianNoise}. */
export interface GaussianNoiseOptions extends LayerOptions, SeededOptions {
  /** Standard deviation of the noise. */
  readonly stddev: number;
}

/**
 * Adds normal noise of mean 0. Follows https://keras.io/api/layers/regularization_layers/gaussian_noise/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GaussianNoise({ stddev: 0.1 });
 * console.log(layer(keras.Input({ shape: [128] })).shape); // [ null, 128 ]
 * ```
 */
export class GaussianNoise extends TrainingLayer {
  readonly stddev: number;
  readonly #draws: SeededDraws;

  /** @throws {RangeError} for a deviation below 0 */
  constructor(options: GaussianNoiseOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { stddev: undefined, seed: null });
    super(rest);
    const stddev = requireOption(owner, "stddev", own.stddev, "a number");
    this.stddev = checkNumber(owner, "stddev", stddev, { from: 0 });
    this.#draws = new SeededDraws(owner, own.seed);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    return tf.add(x, castFloat(this.#draws.normal(x.shape, 0, this.stddev), floatType()));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), stddev: this.stddev, ...this.#draws.config };
  }
}

/** Options of {@linkcode GaussianDropout}. */
export interface GaussianDropoutOptions extends LayerOptions, SeededOptions {
  /** As strong as dropping this share of the inputs; from 0 to below 1. */
  readonly rate: number;
}

/**
 * Multiplies with normal noise of mean 1.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GaussianDropout({ rate: 0.2 });
 * console.log(layer(keras.Input({ shape: [128] })).shape); // [ null, 128 ]
 * ```
 */
export class GaussianDropout extends TrainingLayer {
  readonly rate: number;
  readonly #draws: SeededDraws;

  /** @throws {RangeError} for a rate out of range */
  constructor(options: GaussianDropoutOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { rate: undefined, seed: null });
    super(rest);
    this.rate = readRate(owner, own.rate, { below: 1 });
    this.#draws = new SeededDraws(owner, own.seed);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    const deviation = Math.sqrt(this.rate / (1 - this.rate));
    return tf.mul(x, castFloat(this.#draws.normal(x.shape, 1, deviation), floatType()));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, ...this.#draws.config };
  }
}

/** What selu tends to for large negative inputs: -alpha scale. */
const SELU_FLOOR = -1.6732632423543772 * 1.0507009873554805;

/** Options of {@linkcode AlphaDropout}. */
export interface AlphaDropoutOptions extends GaussianDropoutOptions {
  /** Shape of the random mask; where it is 1 the mask is shared along the axis, where it is null it has the input's size. */
  readonly noiseShape?: readonly (number | null)[] | null;
}

/**
 * Dropout that keeps the mean and variance of selu units (Klambauer et al., 2017).
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.AlphaDropout({ rate: 0.1 });
 * console.log(layer(keras.Input({ shape: [128] })).shape); // [ null, 128 ]
 * ```
 */
export class AlphaDropout extends TrainingLayer {
  readonly rate: number;
  readonly noiseShape: readonly (number | null)[] | null;
  readonly #draws: SeededDraws;

  /** @throws {RangeError} for a rate out of range */
  constructor(options: AlphaDropoutOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      rate: undefined,
      noiseShape: null,
      seed: null,
    });
    super(rest);
    this.rate = readRate(owner, own.rate, { below: 1 });
    this.noiseShape = own.noiseShape as AlphaDropoutOptions["noiseShape"] ?? null;
    this.#draws = new SeededDraws(owner, own.seed);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    const shape = x.shape.map((size, axis) => this.noiseShape?.[axis] ?? size);
    const kept = tf.cast(tf.greaterEqual(this.#draws.uniform(shape), this.rate), "float32");
    const a = ((1 - this.rate) * (1 + this.rate * SELU_FLOOR ** 2)) ** -0.5;
    const b = -a * SELU_FLOOR * this.rate;
    const dropped = tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), SELU_FLOOR));
    return tf.add(tf.mul(dropped, a), b);
  }

  override getConfig(): Record<string, unknown> {
    const { rate, noiseShape } = this;
    return { ...super.getConfig(), rate, ...this.#draws.config, noiseShape };
  }
}
