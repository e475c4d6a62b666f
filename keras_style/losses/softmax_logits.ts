/**
 * What a model's softmax was computed from. Keras' cross entropies use the scores themselves where the predictions
 * are a softmax (`_keras_logits` in keras/src/backend/tensorflow/nn.py): no probability is rounded to 0 then.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

const scores = new WeakMap<tf.Tensor, tf.Tensor>();
let kept: tf.Tensor[] | undefined;

/** Runs a model and its loss; softmax' inputs live until then. */
export function keepingLogits<T>(run: () => T): T {
  const outer = kept;
  const mine: tf.Tensor[] = kept = [];
  try {
    return run();
  } finally {
    kept = outer;
    for (const tensor of mine) tensor.dispose();
  }
}

/** The scores whose softmax a tensor is, where they are known. */
export function logitsOf(probabilities: tf.Tensor): tf.Tensor | undefined {
  const logits = scores.get(probabilities);
  return logits?.isDisposed ? undefined : logits;
}

/** Remembers what a softmax over the last axis was computed from, while a model and its loss run. */
export function rememberLogits(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (!kept) return y;
  // The layer's own tidy would throw the logits away.
  x.kept = true;
  kept.push(x);
  scores.set(y, x);
  return y;
}
