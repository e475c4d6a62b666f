/**
 * Distances between predicted and true numbers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { MeanOverSamples, type MetricOptions } from "./metric.ts";

/** Mean of the squares of the differences. */
export class MeanSquaredError extends MeanOverSamples {
  constructor(options: MetricOptions = {}) {
    super({ name: options.name ?? "mean_squared_error", direction: "down" });
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.square(tf.sub(yPred, tf.reshape(tf.cast(yTrue, yPred.dtype), yPred.shape)));
  }
}

/** Mean of the differences without their sign. */
export class MeanAbsoluteError extends MeanOverSamples {
  constructor(options: MetricOptions = {}) {
    super({ name: options.name ?? "mean_absolute_error", direction: "down" });
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.abs(tf.sub(yPred, tf.reshape(tf.cast(yTrue, yPred.dtype), yPred.shape)));
  }
}
