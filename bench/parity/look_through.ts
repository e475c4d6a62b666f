/**
 * How the tensors of a Keras model are laid out, found by a pass that computes nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { Model } from "../../keras_style/mod.ts";
import { KerasCallWatch } from "./keras_calls.ts";
import type { Flattening } from "./model_pair.ts";

/**
 * Runs the Keras model without computing anything, to see how its tensors are laid out.
 *
 * @param training whether as in training, which changes running statistics
 */
export function lookThrough(
  keras: Model,
  inputShape: readonly number[],
  first: Layer | undefined,
  flattening: Flattening,
  training: boolean,
) {
  const dtype = first?.getClassName() === "Embedding" ? "int32" : "float32";
  const x = tf.zeros([2, ...inputShape], dtype);
  using watch = new KerasCallWatch(keras, { flattening });
  const y = keras(x, { training });
  const layouts = new Map(watch.calls.map(({ layer, inputLayout }) => [layer, inputLayout]));
  const last = watch.calls.at(-1);
  const softmax = last?.activation === "softmax" || isSoftmax(last?.layer);
  tf.dispose([x, y]);
  return { layouts, drawLayouts: watch.drawLayouts, endsInSoftmax: softmax };
}

function isSoftmax(layer: Layer | undefined): boolean {
  return layer?.getClassName() === "Softmax" ||
    (layer?.getClassName() === "Activation" && layer.getConfig().activation === "softmax");
}
