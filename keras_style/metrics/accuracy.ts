/**
 * Shares of right answers. Follows https://keras.io/api/metrics/accuracy_metrics/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { MeanOverSamples, type MetricOptions } from "./metric.ts";

/** How often the largest score is the class that is told by its number. */
export class SparseCategoricalAccuracy extends MeanOverSamples {
  constructor(options: MetricOptions = {}) {
    super({ name: options.name ?? "sparse_categorical_accuracy", direction: "up" });
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const labels = tf.reshape(tf.cast(yTrue, "int32"), yPred.shape.slice(0, -1));
    return tf.cast(tf.equal(tf.argMax(yPred, -1), labels), "float32");
  }
}

/** How often the largest score is where the one-hot answer is. */
export class CategoricalAccuracy extends MeanOverSamples {
  constructor(options: MetricOptions = {}) {
    super({ name: options.name ?? "categorical_accuracy", direction: "up" });
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.cast(tf.equal(tf.argMax(yPred, -1), tf.argMax(yTrue, -1)), "float32");
  }
}

/** Options of {@linkcode BinaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Above it an answer is a yes; 0.5 unless given. */
  readonly threshold?: number;
}

/** How often yes-or-no answers are right. */
export class BinaryAccuracy extends MeanOverSamples {
  readonly threshold: number;

  constructor(options: BinaryAccuracyOptions = {}) {
    super({ name: options.name ?? "binary_accuracy", direction: "up" });
    this.threshold = options.threshold ?? 0.5;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), threshold: this.threshold };
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const answers = tf.cast(tf.greater(yPred, this.threshold), "float32");
    const right = tf.equal(answers, tf.cast(tf.reshape(yTrue, yPred.shape), "float32"));
    return tf.mean(tf.cast(right, "float32"), -1);
  }
}

/** How often predictions and answers are the same number. */
export class Accuracy extends MeanOverSamples {
  constructor(options: MetricOptions = {}) {
    super({ name: options.name ?? "accuracy", direction: "up" });
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const answers = tf.reshape(tf.cast(yTrue, yPred.dtype), yPred.shape);
    return tf.cast(tf.equal(yPred, answers), "float32");
  }
}
