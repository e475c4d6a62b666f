/**
 * The base class of metrics and the mean of a stream of numbers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { alongFirstAxes } from "../losses/loss.ts";
import { autoName } from "../naming.ts";

/** Options all metrics take. */
export interface MetricOptions {
  readonly name?: string;
  /** Whether large numbers are better ("up") or small ones ("down"); the metrics of this folder know it. */
  readonly direction?: "up" | "down";
}

export interface Metric {
  /** Takes numbers in and gives the result so far. */
  (...inputs: tf.Tensor[]): tf.Tensor;
}

/**
 * A number that is gathered over batches. Its state lies in variables, so that a traced training step counts along.
 * Follows https://keras.io/api/metrics/base_metric/
 */
export abstract class Metric extends Callable {
  readonly name: string;
  /** Whether large numbers are better or small ones, for callbacks that watch it; undefined where nobody knows. */
  readonly direction: "up" | "down" | undefined;

  constructor(options: MetricOptions = {}) {
    super();
    this.name = options.name ?? autoName(this.constructor.name);
    this.direction = options.direction;
  }

  /** The state. */
  abstract readonly variables: readonly tf.Variable[];

  /** Takes a batch in. */
  abstract updateState(...inputs: tf.Tensor[]): void;

  /** The number, over everything taken in so far; a scalar. */
  abstract result(): tf.Tensor;

  /** Forgets everything taken in. */
  resetState(): void {
    for (const variable of this.variables) {
      tf.tidy(() => variable.assign(tf.zeros(variable.shape, variable.dtype)));
    }
  }

  /** The settings to make another such metric from. */
  getConfig(): Record<string, unknown> {
    return { name: this.name };
  }

  /** Frees the state's memory. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  protected override invoke(...inputs: tf.Tensor[]): tf.Tensor {
    this.updateState(...inputs);
    return this.result();
  }
}

/**
 * The mean of all numbers taken in.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const mean = new keras.metrics.Mean({ name: "train_loss" });
 * mean.resetState();
 * ```
 */
export class Mean extends Metric {
  readonly total: tf.Variable;
  readonly count: tf.Variable;

  constructor(options: MetricOptions = {}) {
    super(options);
    this.total = tf.tidy(() => tf.variable(tf.scalar(0), false));
    this.count = tf.tidy(() => tf.variable(tf.scalar(0), false));
  }

  override get variables(): tf.Variable[] {
    return [this.total, this.count];
  }

  /** @param weight how much each number (or all of them alike) counts */
  override updateState(values: tf.Tensor, weight?: tf.Tensor): void {
    tf.tidy(() => {
      const numbers = tf.cast(values, "float32");
      const sum = tf.sum(weight ? tf.mul(numbers, weight) : numbers);
      const count = weight ? weightOf(weight, numbers) : tf.scalar(numbers.size);
      this.total.assign(tf.add(this.total, sum) as tf.Scalar);
      this.count.assign(tf.add(this.count, count) as tf.Scalar);
    });
  }

  override result(): tf.Tensor {
    return tf.tidy(() => tf.divNoNan(this.total, this.count));
  }
}

function weightOf(weight: tf.Tensor, numbers: tf.Tensor): tf.Tensor {
  return tf.sum(weight.size === numbers.size ? weight : tf.broadcastTo(weight, numbers.shape));
}

/** A number a sample of what was predicted, averaged. */
export abstract class MeanOverSamples extends Mean {
  /** The number of every sample. */
  abstract measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor;

  override updateState(yTrue: tf.Tensor, yPred: tf.Tensor, sampleWeight?: tf.Tensor): void {
    tf.tidy(() => {
      const numbers = this.measure(yTrue, yPred);
      super.updateState(numbers, sampleWeight && alongFirstAxes(sampleWeight, numbers));
    });
  }
}
