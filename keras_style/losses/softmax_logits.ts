/**
 * What a softmax or sigmoid was computed from. Keras' cross entropies use the logits themselves where the predictions
 * are one (`_keras_logits` in keras/src/backend/tensorflow/nn.py): no probability is rounded to 0 then.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const logitsBehind = new WeakMap<tf.Tensor, tf.Tensor>();

/** Remembers what a softmax or sigmoid was computed from, for as long as it lives. */
export function rememberLogits(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  // Of its own: neither a tidy nor the owner of x may free it before y.
  const logits = tf.keep(tf.clone(x));
  logitsBehind.set(y, logits);
  y.dispose = () => {
    logits.dispose();
    tf.Tensor.prototype.dispose.call(y);
  };
  return y;
}

/** What predictions were computed from; undefined where they are no softmax or sigmoid. */
export function logitsOf(yPred: tf.Tensor): tf.Tensor | undefined {
  return logitsBehind.get(yPred);
}

/** Remembers for a copy of predictions what they were computed from. */
export function withLogitsOf(yPred: tf.Tensor, copy: tf.Tensor): tf.Tensor {
  const logits = logitsOf(yPred);
  return logits ? rememberLogits(logits, copy) : copy;
}

const warned = new Set<string>();

/**
 * Predictions as logits: those that a softmax or sigmoid was computed from, else the predictions themselves where they are said to be
 * logits; undefined for probabilities. As Keras, it warns where both hold.
 *
 * @param loss whose predictions they are, for the warning
 */
export function asLogits(
  loss: string,
  yPred: tf.Tensor,
  fromLogits: boolean,
): tf.Tensor | undefined {
  const behind = logitsOf(yPred);
  if (behind && fromLogits && !warned.has(loss)) {
    warned.add(loss);
    console.warn(
      `${loss}: fromLogits is true, but the predictions come from a softmax or sigmoid; the logits it was given are taken`,
    );
  }
  return behind ?? (fromLogits ? yPred : undefined);
}
