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

type Softmax = (x: tf.Tensor, axis?: number) => tf.Tensor;

/** Where TensorFlow.js' layers hold their softmax. */
interface SoftmaxHolder {
  activation?: { getClassName(): string; apply: Softmax } | null;
  softmax?: Softmax;
  axis?: number | number[];
}

const watched = new WeakSet<object>();

/** Makes a layer remember what it computes its softmax from, if it ends in one over the last axis. */
export function watchSoftmax(layer: tf.layers.Layer): void {
  const holder = layer as unknown as SoftmaxHolder;
  if (watched.has(layer)) return;
  watched.add(layer);
  if (holder.activation?.getClassName?.() === "softmax") {
    const { activation } = holder;
    const softmax = activation.apply.bind(activation);
    activation.apply = (x, axis) => remembering(x, softmax(x, axis), axis ?? -1);
  } else if (holder.softmax && holder.axis === -1) {
    const { softmax } = holder;
    holder.softmax = (x, axis) => remembering(x, softmax(x, axis), -1);
  }
}

function remembering(x: tf.Tensor, y: tf.Tensor, axis: number): tf.Tensor {
  if (!kept || (axis !== -1 && axis !== x.rank - 1)) return y;
  // The layer's own tidy would throw the scores away.
  x.kept = true;
  kept.push(x);
  scores.set(y, x);
  return y;
}
