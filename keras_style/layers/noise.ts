/**
 * Layers that add noise while training, drawn afresh at every step.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawUniform } from "../tracing/mod.ts";
import type { LayerArgs } from "./dropout.ts";

/** Normal numbers (Box and Muller). */
export function drawNormal(shape: readonly number[], mean: number, deviation: number): tf.Tensor {
  return tf.tidy(() => {
    // 1 - u lies above 0, so that the logarithm is finite.
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, drawUniform([...shape]))), -2));
    const angle = tf.mul(drawUniform([...shape]), 2 * Math.PI);
    return tf.add(tf.mul(tf.mul(radius, tf.cos(angle)), deviation), mean);
  });
}

/** What dropout inside recurrent cells calls. */
export function dropUnits(x: tf.Tensor, rate: number): tf.Tensor {
  return tf.tidy(() => {
    const kept = tf.cast(tf.greaterEqual(drawUniform(x.shape), rate), "float32");
    return tf.mul(tf.mul(x, kept), 1 / (1 - rate));
  });
}

abstract class NoiseLayer extends tf.layers.Layer {
  constructor(args: LayerArgs) {
    super(args);
    this.supportsMasking = true;
  }

  override computeOutputShape<T>(inputShape: T): T {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return kwargs?.training ? tf.tidy(() => this.disturb(x)) : x;
  }

  protected abstract disturb(x: tf.Tensor): tf.Tensor;
}

/** Options of {@linkcode GaussianNoiseLayer}. */
export interface GaussianNoiseArgs extends LayerArgs {
  /** Standard deviation of the noise. */
  readonly stddev: number;
}

/** Adds normal noise of mean 0. */
export class GaussianNoiseLayer extends NoiseLayer {
  static className = "GaussianNoise";
  readonly stddev: number;

  constructor(args: GaussianNoiseArgs) {
    super(args);
    this.stddev = checked("GaussianNoise", "stddev", args?.stddev, Infinity);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    return tf.add(x, drawNormal(x.shape, 0, this.stddev));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/** Options of the two layers below. */
export interface NoiseRateArgs extends LayerArgs {
  /** As strong as dropping this share of the inputs; from 0 to below 1. */
  readonly rate: number;
}

/** Multiplies with normal noise of mean 1. */
export class GaussianDropoutLayer extends NoiseLayer {
  static className = "GaussianDropout";
  readonly rate: number;

  constructor(args: NoiseRateArgs) {
    super(args);
    this.rate = checked("GaussianDropout", "rate", args?.rate, 1);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, drawNormal(x.shape, 1, Math.sqrt(this.rate / (1 - this.rate))));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** What selu tends to for large negative inputs: -alpha scale. */
const SELU_FLOOR = -1.6732632423543772 * 1.0507009873554805;

/** Dropout that keeps the mean and variance of selu units (Klambauer et al., 2017). */
export class AlphaDropoutLayer extends NoiseLayer {
  static className = "AlphaDropout";
  readonly rate: number;

  constructor(args: NoiseRateArgs) {
    super(args);
    this.rate = checked("AlphaDropout", "rate", args?.rate, 1);
  }

  protected override disturb(x: tf.Tensor): tf.Tensor {
    const kept = tf.cast(tf.greaterEqual(drawUniform(x.shape), this.rate), "float32");
    const a = ((1 - this.rate) * (1 + this.rate * SELU_FLOOR ** 2)) ** -0.5;
    const b = -a * SELU_FLOOR * this.rate;
    const dropped = tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), SELU_FLOOR));
    return tf.add(tf.mul(dropped, a), b);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

function checked(layer: string, name: string, value: number, below: number): number {
  if (value >= 0 && value < below) return value;
  const expected = below === Infinity ? "at least 0" : `from 0 to below ${below}`;
  throw new RangeError(`${layer}: ${name} is ${value}, expected a number ${expected}`);
}

tf.serialization.registerClass(GaussianNoiseLayer);
tf.serialization.registerClass(GaussianDropoutLayer);
tf.serialization.registerClass(AlphaDropoutLayer);
