/**
 * Moving means, as several optimizers keep them.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** old + (target - old) share. */
export function approach(old: tf.Tensor, target: tf.Tensor, share: number): tf.Tensor {
  return tf.add(old, tf.mul(tf.sub(target, old), share));
}

/** share old + (1 - share) fresh. */
export function mix(old: tf.Tensor, fresh: tf.Tensor, share: number): tf.Tensor {
  return tf.add(tf.mul(old, share), tf.mul(fresh, 1 - share));
}

/** The number of the step that goes on, from 1, plus `ahead`. */
export function stepNumber(iterations: tf.Tensor, ahead = 0): tf.Tensor {
  return tf.add(tf.cast(iterations, "float32"), 1 + ahead);
}

/** Bases to the power of the number of the step that goes on. */
export function powersOf(iterations: tf.Tensor, ...bases: number[]): tf.Tensor[] {
  const step = stepNumber(iterations);
  return bases.map((base) => tf.pow(base, step));
}
