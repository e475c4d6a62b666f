/**
 * What is known of a tensor without its values; its dimensions as a tensor are `shape`'s.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

/** How many axes a tensor has. Follows https://keras.io/api/ops/core/ (`keras.ops.ndim` of Keras 3) */
export function ndim(x: tf.Tensor): number {
  return x.rank;
}

/** How many elements a tensor has. */
export function size(x: tf.Tensor): number {
  return x.size;
}
