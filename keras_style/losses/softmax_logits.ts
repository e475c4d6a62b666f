/**
 * What a model's softmax was computed from. Keras' cross entropies use the logits themselves where the predictions
 * are a softmax or sigmoid (`_keras_logits` in keras/src/backend/tensorflow/nn.py): no probability is rounded to 0 then.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

const logitsBehind = new WeakMap<tf.Tensor, tf.Tensor>();
let kept: tf.Tensor[] | undefined;

/** Runs a model, its loss and its metrics; softmax' inputs live until then. */
export function keepingLogits<T>(run: () => T): T {
  const outer = kept;
  kept = [];
  try {
    return run();
  } finally {
    for (const tensor of kept) tensor.dispose();
    kept = outer;
  }
}

/** Frees the inputs of all softmaxes but those that predictions are of: attention's need not live until the metrics. */
export function releaseLogits(predictions: readonly tf.Tensor[]): void {
  const needed = new Set(predictions.map((prediction) => logitsBehind.get(prediction)));
  for (const tensor of kept ?? []) if (!needed.has(tensor)) tensor.dispose();
  kept = kept?.filter((tensor) => needed.has(tensor));
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
  const known = logitsBehind.get(yPred);
  const behind = known?.isDisposed ? undefined : known;
  if (behind && fromLogits && !warned.has(loss)) {
    warned.add(loss);
    console.warn(
      `${loss}: fromLogits is true, but the predictions come from a softmax or sigmoid; the logits it was given are taken`,
    );
  }
  return behind ?? (fromLogits ? yPred : undefined);
}

/** Remembers what a softmax over the last axis was computed from, while a step runs. */
export function rememberLogits(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (!kept) return y;
  // The layer's own tidy would throw the logits away.
  x.kept = true;
  kept.push(x);
  logitsBehind.set(y, x);
  return y;
}
