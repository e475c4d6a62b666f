/**
 * Class indices as rows of numbers. Source: keras/src/utils/numerical_utils.py (encode_categorical_inputs) of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { oneHotVectors } from "../../ops/one_hot.ts";

/**
 * Class indices [..., n] as one-hot rows [..., n, count] (n of 1 falls away), as one row [..., count] of all classes of a
 * sample, or of how often each is among them. Indices that are out of range are left out.
 *
 * @param weights of the classes of a sample, with "count"
 */
export function encodeClasses(
  indices: tf.Tensor,
  count: number,
  mode: "oneHot" | "multiHot" | "count",
  weights?: tf.Tensor,
): tf.Tensor {
  const ids = tf.cast(indices, "int32");
  const isSingle = mode === "oneHot" && ids.rank > 1 && ids.shape.at(-1) === 1;
  const rows = oneHotVectors(isSingle ? tf.squeeze(ids, [ids.rank - 1]) : ids, count);
  const hot = tf.cast(rows, "float32");
  if (mode === "oneHot" || hot.rank === 1) return hot;
  if (mode === "multiHot") return tf.max(hot, -2);
  return tf.sum(weights ? tf.mul(hot, tf.expandDims(weights, -1)) : hot, -2);
}
