/**
 * What weights are kept to after every update. Source: keras/src/constraints/constraints.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { checkNumber, readOptions } from "../options.ts";

/** Keras' `backend.epsilon()`. */
const EPSILON = 1e-7;

export interface Constraint {
  /** The weight as it has to be. */
  (weight: tf.Tensor): tf.Tensor;
}

/**
 * Base class of constraints: a call gives the weight as it has to be.
 * Follows https://keras.io/api/layers/constraints/
 */
export abstract class Constraint extends Callable {
  /** The weight as it has to be; the same shape. */
  abstract call(weight: tf.Tensor): tf.Tensor;

  /** The settings to make another such constraint from. */
  getConfig(): Record<string, unknown> {
    return {};
  }

  protected override invoke(weight: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.call(weight));
  }
}

/** Along which axes a vector lies. */
export type NormAxis = number | readonly number[];

/** Options of {@linkcode UnitNorm}. */
export interface UnitNormOptions {
  /** Along which axes a vector lies: [0] for the columns of a dense kernel (unless given), [0, 1, 2] for the filters of a Conv2D. */
  readonly axis?: NormAxis;
}

function norms(weight: tf.Tensor, axis: NormAxis): tf.Tensor {
  const axes = typeof axis === "number" ? axis : [...axis];
  return tf.sqrt(tf.sum(tf.square(weight), axes, true));
}

/** Options of {@linkcode MaxNorm}. */
export interface MaxNormOptions extends UnitNormOptions {
  /** Greatest norm; 2 unless given. */
  readonly maxValue?: number;
}

/** Vectors longer than `maxValue` are shortened to it. */
export class MaxNorm extends Constraint {
  readonly maxValue: number;
  readonly axis: NormAxis;

  constructor(options: MaxNormOptions = {}) {
    super();
    const { maxValue, axis } = readOptions("MaxNorm", options, { maxValue: 2, axis: 0 });
    this.maxValue = checkNumber("MaxNorm", "maxValue", maxValue, { from: 0 });
    this.axis = axis;
  }

  override call(weight: tf.Tensor): tf.Tensor {
    const lengths = norms(weight, this.axis);
    const wanted = tf.clipByValue(lengths, 0, this.maxValue);
    return tf.mul(weight, tf.div(wanted, tf.add(lengths, EPSILON)));
  }

  override getConfig(): Record<string, unknown> {
    return { maxValue: this.maxValue, axis: this.axis };
  }
}

/** Negative values become 0. */
export class NonNeg extends Constraint {
  constructor(options: Record<never, never> = {}) {
    super();
    readOptions("NonNeg", options, {});
  }

  override call(weight: tf.Tensor): tf.Tensor {
    return tf.maximum(weight, 0);
  }
}

/** Every vector gets length 1. */
export class UnitNorm extends Constraint {
  readonly axis: NormAxis;

  constructor(options: UnitNormOptions = {}) {
    super();
    this.axis = readOptions("UnitNorm", options, { axis: 0 }).axis;
  }

  override call(weight: tf.Tensor): tf.Tensor {
    return tf.div(weight, tf.add(norms(weight, this.axis), EPSILON));
  }

  override getConfig(): Record<string, unknown> {
    return { axis: this.axis };
  }
}

/** Options of {@linkcode MinMaxNorm}. */
export interface MinMaxNormOptions extends UnitNormOptions {
  /** Least norm; 0 unless given. */
  readonly minValue?: number;
  /** Greatest norm; 1 unless given. */
  readonly maxValue?: number;
  /** How much of the way to the allowed norm a vector goes at a step, from 0 to 1; 1 unless given. */
  readonly rate?: number;
}

/** Vectors are kept to lengths from `minValue` to `maxValue`. */
export class MinMaxNorm extends Constraint {
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: NormAxis;

  constructor(options: MinMaxNormOptions = {}) {
    super();
    const own = readOptions("MinMaxNorm", options, { minValue: 0, maxValue: 1, rate: 1, axis: 0 });
    this.minValue = checkNumber("MinMaxNorm", "minValue", own.minValue, { from: 0 });
    this.maxValue = checkNumber("MinMaxNorm", "maxValue", own.maxValue, { from: own.minValue });
    this.rate = checkNumber("MinMaxNorm", "rate", own.rate, { from: 0, to: 1 });
    this.axis = own.axis;
  }

  override call(weight: tf.Tensor): tf.Tensor {
    const lengths = norms(weight, this.axis);
    const allowed = tf.clipByValue(lengths, this.minValue, this.maxValue);
    const wanted = tf.add(tf.mul(allowed, this.rate), tf.mul(lengths, 1 - this.rate));
    return tf.mul(weight, tf.div(wanted, tf.add(lengths, EPSILON)));
  }

  override getConfig(): Record<string, unknown> {
    const { minValue, maxValue, rate, axis } = this;
    return { minValue, maxValue, rate, axis };
  }
}
