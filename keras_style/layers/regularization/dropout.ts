/**
 * Layers that drop values while training. What is dropped is drawn afresh at every step, inside the graph.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import { randomUniform } from "../../tracing/mod.ts";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";

/** A layer whose results look like its inputs, and that does something only while training. */
export abstract class TrainingLayer extends Layer {
  constructor(options: LayerOptions) {
    super(options);
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(x: tf.Tensor, { training }: CallOptions = {}): tf.Tensor {
    return training ? this.disturb(x) : x;
  }

  /** What becomes of an input while training. */
  protected abstract disturb(x: tf.Tensor): tf.Tensor;
}

/** Options of {@linkcode Dropout}. */
export interface DropoutOptions extends LayerOptions, SeededOptions {
  /** Share of the inputs that is set to 0, from 0 to 1; at 1 everything is. */
  readonly rate: number;
  /** Shape of the random mask; where it is 1 the mask is shared along the axis, where it is null it has the input's size. */
  readonly noiseShape?: readonly (number | null)[] | null;
}

/**
 * Sets a share of its inputs to 0 while training and scales the others by 1 / (1 - rate).
 * Follows https://keras.io/api/layers/regularization_layers/dropout/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Dropout({ rate: 0.5 });
 * console.log(layer(keras.Input({ shape: [128] })).shape); // [ null, 128 ]
 * ```
 */
export class Dropout extends TrainingLayer {
  readonly rate: number;
  readonly noiseShape: readonly (number | null)[] | null;
  readonly #draws: SeededDraws;

  /** @throws {RangeError} for a rate out of range */
  constructor(options: DropoutOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      rate: undefined,
      noiseShape: null,
      seed: null,
    });
    super(rest);
    this.rate = readRate(owner, own.rate, { to: 1 });
    this.noiseShape = own.noiseShape as DropoutOptions["noiseShape"] ?? null;
    this.#draws = new SeededDraws(owner, own.seed);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    if (this.rate === 0) return x;
    if (this.rate === 1) return tf.zerosLike(x);
    return dropUnits(x, this.rate, this.#draws.uniform(this.maskShape(x)));
  }

  /** Shape of the mask for an input. */
  protected maskShape(x: tf.Tensor): number[] {
    return x.shape.map((dimension, axis) => this.noiseShape?.[axis] ?? dimension);
  }

  override getConfig(): Record<string, unknown> {
    const { rate, noiseShape } = this;
    return { ...super.getConfig(), rate, ...this.#draws.config, noiseShape };
  }
}

/** A share of some values set to 0, the others scaled. @param draws uniform numbers in [0, 1), as large or to be spread */
export function dropUnits(
  x: tf.Tensor,
  rate: number,
  draws: tf.Tensor = randomUniform(x.shape),
): tf.Tensor {
  const kept = tf.greaterEqual(draws, rate);
  return tf.mul(tf.mul(x, tf.cast(kept, "float32")), 1 / (1 - rate));
}

/** @throws {RangeError} naming the rate and what was expected */
export function readRate(
  owner: string,
  value: unknown,
  range: { readonly to?: number; readonly below?: number },
): number {
  const rate = requireOption(owner, "rate", value, "a number");
  return checkNumber(owner, "rate", rate, { from: 0, ...range });
}

/** Options of the layers that drop whole channels. */
export interface SpatialDropoutOptions extends LayerOptions, SeededOptions {
  /** Share of the channels that is set to 0, from 0 to 1. */
  readonly rate: number;
}

/** Options of {@linkcode SpatialDropout2D} and {@linkcode SpatialDropout3D}. */
export interface SpatialDropoutNDOptions extends SpatialDropoutOptions {
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** Base class of layers that drop whole channels. */
abstract class SpatialDropout extends Dropout {
  readonly dataFormat: PlainDataFormat;

  constructor(rank: number, options: SpatialDropoutNDOptions, dataFormat?: DataFormat) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { dataFormat: null });
    super(rest);
    this.dataFormat = readDataFormat(owner, dataFormat ?? own.dataFormat as DataFormat | null);
    this.inputSpec = { ndim: rank + 2 };
  }

  protected override maskShape({ shape, rank }: tf.Tensor): number[] {
    const channels = this.dataFormat === "channels_last" ? rank - 1 : 1;
    return shape.map((size, axis) => axis === 0 || axis === channels ? size : 1);
  }

  override getConfig(): Record<string, unknown> {
    const { noiseShape: _, ...config } = super.getConfig();
    return { ...config, dataFormat: this.dataFormat };
  }
}

/**
 * Drops whole channels of [n, steps, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SpatialDropout1D({ rate: 0.2 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 10, 4 ]
 * ```
 */
export class SpatialDropout1D extends SpatialDropout {
  constructor(options: SpatialDropoutOptions) {
    super(1, options, "channels_last");
  }

  override getConfig(): Record<string, unknown> {
    const { dataFormat: _, ...config } = super.getConfig();
    return config;
  }
}

/**
 * Drops whole channels of [n, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SpatialDropout2D({ rate: 0.2 });
 * console.log(layer(keras.Input({ shape: [8, 8, 16] })).shape); // [ null, 8, 8, 16 ]
 * ```
 */
export class SpatialDropout2D extends SpatialDropout {
  constructor(options: SpatialDropoutNDOptions) {
    super(2, options);
  }
}

/**
 * Drops whole channels of [n, depth, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SpatialDropout3D({ rate: 0.2 });
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 2] })).shape); // [ null, 4, 4, 4, 2 ]
 * ```
 */
export class SpatialDropout3D extends SpatialDropout {
  constructor(options: SpatialDropoutNDOptions) {
    super(3, options);
  }
}
