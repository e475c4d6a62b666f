/**
 * One-hot vectors, and entries chosen by them.
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

/**
 * The entry of every row at an index: rows [..., size] and indices [...] to [...]; 0 for an index that is out of range. Other entries
 * of a row may be infinite or NaN.
 */
export function entriesAt(rows: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const chosen = tf.cast(oneHotVectors(indices, rows.shape.at(-1)!), "bool");
  return tf.sum(tf.where(chosen, rows, tf.zerosLike(rows)), -1);
}

/**
 * Whether fewer than k entries of a row [..., size] are larger than the one at its index [...]. As in TensorFlow's in_top_k, false for an
 * index out of range and for a row with an entry that is not finite.
 */
export function isInTopK(rows: tf.Tensor, indices: tf.Tensor, k: number): tf.Tensor {
  const own = tf.expandDims(entriesAt(rows, indices), -1);
  const larger = tf.sum(tf.cast(tf.greater(rows, own), "int32"), -1);
  const isInRange = tf.logicalAnd(
    tf.greaterEqual(indices, tf.scalar(0, "int32")),
    tf.less(indices, tf.scalar(rows.shape.at(-1)!, "int32")),
  );
  const isKnown = tf.logicalAnd(isInRange, tf.all(tf.isFinite(rows), -1));
  return tf.logicalAnd(isKnown, tf.less(larger, tf.scalar(k, "int32")));
}
