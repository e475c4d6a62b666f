/**
 * Penalties on weights and outputs. Source: keras/src/regularizers/regularizers.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { checkChoice, checkNumber, readOptions, show } from "../options.ts";
import { absolute } from "../ops/gradients.ts";

export interface Regularizer {
  /** What is added to the loss for these values: a scalar. */
  (values: tf.Tensor): tf.Tensor;
}

/**
 * Base class of regularizers: a call gives what is added to the loss.
 * Follows https://keras.io/api/layers/regularizers/
 */
export abstract class Regularizer extends Callable {
  /** What is added to the loss: a scalar. */
  abstract call(values: tf.Tensor): tf.Tensor;

  /** The settings to make another such regularizer from. */
  abstract getConfig(): Record<string, unknown>;

  protected override invoke(values: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.call(values));
  }
}

/** Options of {@linkcode L1}. */
export interface L1Options {
  /** 0.01 unless given. */
  readonly l1?: number;
}

/** l1 times the sum of the magnitudes. */
export class L1 extends Regularizer {
  readonly l1: number;

  constructor(options: L1Options = {}) {
    super();
    this.l1 = checkNumber("L1", "l1", readOptions("L1", options, { l1: 0.01 }).l1, { from: 0 });
  }

  override call(values: tf.Tensor): tf.Tensor {
    return tf.mul(this.l1, tf.sum(absolute(values)));
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1 };
  }
}

/** Options of {@linkcode L2}. */
export interface L2Options {
  /** 0.01 unless given. */
  readonly l2?: number;
}

/** l2 times the sum of the squares. */
export class L2 extends Regularizer {
  readonly l2: number;

  constructor(options: L2Options = {}) {
    super();
    this.l2 = checkNumber("L2", "l2", readOptions("L2", options, { l2: 0.01 }).l2, { from: 0 });
  }

  override call(values: tf.Tensor): tf.Tensor {
    return tf.mul(this.l2, tf.sum(tf.square(values)));
  }

  override getConfig(): Record<string, unknown> {
    return { l2: this.l2 };
  }
}

/** Options of {@linkcode L1L2}; each 0 unless given. */
export interface L1L2Options extends L1Options, L2Options {}

/**
 * Both penalties.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const penalty = new keras.regularizers.L1L2({ l1: 0.1, l2: 0.01 });
 * console.log(await penalty(keras.constant([3, -4])).data()); // 0.95
 * ```
 */
export class L1L2 extends Regularizer {
  readonly l1: number;
  readonly l2: number;

  constructor(options: L1L2Options = {}) {
    super();
    const { l1, l2 } = readOptions("L1L2", options, { l1: 0, l2: 0 });
    this.l1 = checkNumber("L1L2", "l1", l1, { from: 0 });
    this.l2 = checkNumber("L1L2", "l2", l2, { from: 0 });
  }

  override call(values: tf.Tensor): tf.Tensor {
    const parts = [
      ...(this.l1 === 0 ? [] : [tf.mul(this.l1, tf.sum(absolute(values)))]),
      ...(this.l2 === 0 ? [] : [tf.mul(this.l2, tf.sum(tf.square(values)))]),
    ];
    return parts.reduce((sum, part) => tf.add(sum, part), tf.scalar(0) as tf.Tensor);
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1, l2: this.l2 };
  }
}

/** Options of {@linkcode OrthogonalRegularizer}. */
export interface OrthogonalRegularizerOptions {
  /** 0.01 unless given. */
  readonly factor?: number;
  /** Which vectors are to be orthogonal: "rows" unless given. */
  readonly mode?: "rows" | "columns";
}

/** Half of `factor` times the mean magnitude of the cosines between the rows (columns) of a matrix. */
export class OrthogonalRegularizer extends Regularizer {
  readonly factor: number;
  readonly mode: "rows" | "columns";

  constructor(options: OrthogonalRegularizerOptions = {}) {
    super();
    const own = readOptions("OrthogonalRegularizer", options, { factor: 0.01, mode: "rows" });
    this.factor = checkNumber("OrthogonalRegularizer", "factor", own.factor, { from: 0 });
    this.mode = checkChoice("OrthogonalRegularizer", "mode", own.mode, ["rows", "columns"]);
  }

  override call(values: tf.Tensor): tf.Tensor {
    if (values.rank !== 2) {
      throw new RangeError(
        `OrthogonalRegularizer: values have shape ${show(values.shape)}, expected two dimensions`,
      );
    }
    const inRows = this.mode === "rows" ? values : tf.transpose(values);
    const norms = tf.sqrt(tf.sum(tf.square(inRows), 1, true));
    const units = tf.div(inRows, tf.maximum(norms, 1e-12)) as tf.Tensor2D;
    const cosines = tf.matMul(units, units, false, true);
    const size = cosines.shape[0];
    const others = tf.mul(cosines, tf.sub(1, tf.eye(size)));
    const pairs = size * (size - 1) / 2;
    return tf.mul(tf.sum(absolute(others)), this.factor * 0.5 / pairs);
  }

  override getConfig(): Record<string, unknown> {
    return { factor: this.factor, mode: this.mode };
  }
}
