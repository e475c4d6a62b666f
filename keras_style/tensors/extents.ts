/**
 * Shapes as tensors: what a function computes with where extents are not known while it is recorded.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * The extents of a tensor as a tensor of its own, int32[rank]. Outside of traced functions it says the same as `x.shape`.
 * Follows https://www.tensorflow.org/api_docs/python/tf/shape
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { shape } from "./extents.ts";
 * console.log(await shape(tf.zeros([2, 3])).array()); // [ 2, 3 ]
 * ```
 */
export function shape(x: tf.Tensor): tf.Tensor1D {
  return tf.tensor1d(x.shape, "int32");
}

/** How many axes a tensor has. Follows https://keras.io/api/ops/core/ (`keras.ops.ndim` of Keras 3) */
export function ndim(x: tf.Tensor): number {
  return x.rank;
}

/** How many elements a tensor has. */
export function size(x: tf.Tensor): number {
  return x.size;
}
