/**
 * Gradients kept small. Source: `_clip_gradients` in keras/src/optimizers/base_optimizer.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** At most one of them is given. */
export interface Clipping {
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
}

/** The gradients, clipped by the settings; 0 and null do not clip. */
export function clipGradients(
  gradients: readonly tf.Tensor[],
  { clipnorm, clipvalue, globalClipnorm }: Clipping,
): readonly tf.Tensor[] {
  if (clipnorm) return gradients.map((gradient) => clipByNorm(gradient, clipnorm));
  if (globalClipnorm) return clipByGlobalNorm(gradients, globalClipnorm);
  if (clipvalue) return gradients.map((each) => tf.clipByValue(each, -clipvalue, clipvalue));
  return gradients;
}

function clipByNorm(gradient: tf.Tensor, limit: number): tf.Tensor {
  const norm = tf.sqrt(tf.sum(tf.square(gradient)));
  return tf.div(tf.mul(gradient, limit), tf.maximum(norm, limit));
}

function clipByGlobalNorm(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  // An infinite norm makes all gradients NaN instead of 0: training goes no further unnoticed.
  const notFinite = tf.sub(norm, norm);
  const scale = tf.add(tf.mul(limit, tf.minimum(tf.div(1, norm), 1 / limit)), notFinite);
  return gradients.map((gradient) => tf.mul(gradient, scale));
}
