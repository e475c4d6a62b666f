/**
 * Masks that go with tensors: which steps of a sequence count. Keras hangs them on the tensors (`_keras_mask`).
 * Follows https://keras.io/guides/understanding_masking_and_padding/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

const masks = new WeakMap<tf.Tensor, tf.Tensor>();

/** The mask of a tensor: bool, true where a step counts; undefined where all do. */
export function maskOf(tensor: tf.Tensor): tf.Tensor | undefined {
  const mask = masks.get(tensor);
  return mask?.isDisposed ? undefined : mask;
}

/** Hangs a mask on a tensor. */
export function setMask(tensor: tf.Tensor, mask: tf.Tensor): void {
  masks.set(tensor, mask);
}
