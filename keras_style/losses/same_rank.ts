/**
 * Labels and predictions in shapes that go together. Source: keras/src/losses/loss.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { castFloat } from "../engine/mod.ts";

/** Values, as a tensor or nested arrays. */
export type Values = tf.Tensor | tf.TensorLike;

/** Keras' `backend.epsilon()`: what keeps divisors and logarithms away from 0. */
export const EPSILON = 1e-7;

/** A tensor of float32. */
export function floats(values: Values): tf.Tensor {
  const tensor = values instanceof tf.Tensor ? values : tf.tensor(values as tf.TensorLike);
  return castFloat(tensor.dtype === "float32" ? tensor : tf.cast(tensor, "float32"), "float32");
}

/**
 * Two tensors of float32 whose ranks differ by a last axis of size 1 at most, in one rank: [n] and [n, 1] become [n, 1],
 * [n, t, 1] and [n, t] become [n, t].
 */
export function sameRank(a: Values, b: Values): [a: tf.Tensor, b: tf.Tensor] {
  const [x, y] = [floats(a), floats(b)];
  if (x.rank === y.rank + 1) return fit(x, y);
  if (y.rank === x.rank + 1) {
    const [longer, shorter] = fit(y, x);
    return [shorter, longer];
  }
  return [x, y];
}

function fit(longer: tf.Tensor, shorter: tf.Tensor): [longer: tf.Tensor, shorter: tf.Tensor] {
  if (longer.shape.at(-1) !== 1) return [longer, shorter];
  if (shorter.rank === 1) return [longer, tf.expandDims(shorter, 1)];
  return [tf.squeeze(longer, [longer.rank - 1]), shorter];
}
