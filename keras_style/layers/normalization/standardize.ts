/**
 * Values made to have mean 0 and variance 1 along some axes, with a gradient of its own: that of the single operations
 * takes several times as many.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** What {@linkcode standardize} computes. */
export interface Standardized {
  /** (x - mean) / sqrt(variance + epsilon). */
  readonly output: tf.Tensor;
  /** Folded axes stay, of size 1. No gradient goes through it. */
  readonly mean: tf.Tensor;
  /** The mean square of x - mean. No gradient goes through it. */
  readonly variance: tf.Tensor;
}

/**
 * With y = (x - m) r, r = (v + epsilon)^-1/2 the gradient for x is r (dy - mean(dy) - y mean(dy y)).
 *
 * @param epsilon what is added to the variance
 */
export function standardize(x: tf.Tensor, axes: readonly number[], epsilon: number): Standardized {
  const average = (values: tf.Tensor) => tf.mean(values, [...axes], true);
  const statistics: tf.Tensor[] = [];
  const run = tf.customGrad((input, save) => {
    const given = input as tf.Tensor;
    const mean = average(given);
    const away = tf.sub(given, mean);
    const variance = average(tf.square(away));
    const factor = tf.div(1, tf.sqrt(tf.add(variance, epsilon)));
    const value = tf.mul(away, factor);
    for (const kept of [mean, variance]) statistics.push(tf.keep(kept));
    (save as tf.GradSaveFunc)([value, factor]);
    const gradFunc = (dy: tf.Tensor, [y, r]: tf.Tensor[]) => {
      const through = tf.mul(y, average(tf.mul(dy, y)));
      return tf.mul(r, tf.sub(tf.sub(dy, average(dy)), through));
    };
    return { value, gradFunc };
  });
  const output = run(x);
  // Copies belong to the scope that is open now.
  const [mean, variance] = statistics.map((kept) => tf.clone(kept));
  tf.dispose(statistics);
  return { output, mean, variance };
}

/** x / sqrt(mean(x²) + epsilon) along some axes: root mean square normalization. */
export function divideByRootMeanSquare(
  x: tf.Tensor,
  axes: readonly number[],
  epsilon: number,
): tf.Tensor {
  const square = tf.mean(tf.square(x), [...axes], true);
  return tf.mul(x, tf.div(1, tf.sqrt(tf.add(square, epsilon))));
}

/** A vector as it meets an array with it along one axis (several). */
export function alongAxes(
  values: tf.Tensor,
  shape: readonly number[],
  axes: readonly number[],
): tf.Tensor {
  // Along the last axes it fits as it is.
  const isLast = axes.every((axis, i) => axis === shape.length - axes.length + i);
  if (isLast) return values;
  return tf.reshape(values, shape.map((size, axis) => axes.includes(axis) ? size : 1));
}
