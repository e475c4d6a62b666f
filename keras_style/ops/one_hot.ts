/**
 * One-hot vectors.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * One-hot vectors of indices on a new last axis, int32: zeros for an index that is out of range. Unlike TensorFlow.js' own
 * function it takes a size of 1.
 */
export function oneHotVectors(indices: tf.Tensor, size: number): tf.Tensor {
  const integers = tf.cast(indices, "int32");
  if (size === 1) return tf.cast(tf.expandDims(tf.equal(integers, 0), -1), "int32");
  return tf.oneHot(integers as tf.Tensor1D, size);
}
