/**
 * Cross entropy with label smoothing between class indices and logits (or probabilities), for the Keras idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { losses } from "../../../keras_style/mod.ts";

/**
 * As `SparseCategoricalCrossentropy`, with labels that are mixed with the uniform distribution: share `labelSmoothing` of it.
 * Follows `label_smoothing` of https://keras.io/api/losses/probabilistic_losses/#categoricalcrossentropy-class
 */
export class SmoothedCrossentropy extends losses.SparseCategoricalCrossentropy {
  readonly #dense: losses.CategoricalCrossentropy;

  constructor(labelSmoothing: number, options: { readonly fromLogits: boolean }) {
    super(options);
    this.#dense = new losses.CategoricalCrossentropy({ ...options, labelSmoothing });
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const classes = yPred.shape.at(-1)!;
    const labels = tf.cast(tf.reshape(yTrue, yPred.shape.slice(0, -1)), "int32");
    const chosen = tf.cast(tf.oneHot(labels as tf.Tensor1D, classes), "float32");
    return this.#dense.call(chosen, yPred);
  }
}
