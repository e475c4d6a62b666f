/**
 * A model from plain data.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ConfigurableLayer, layerFromSaved, sharingLayers } from "../layers/layer_registry.ts";
import { withZeroWeights } from "../layers/weight.ts";
import { Model } from "../models/mod.ts";
import { customObjectScope, type SavedObject } from "../registry.ts";
import type { CustomObjects } from "./custom_objects.ts";

/**
 * Makes a model from {@linkcode Model.getConfig} and the name of its class. Its weights are zeros.
 *
 * @param values how many values there are for all weights together: a model of more is refused before they are made
 * @throws {Error} for a class that is neither Keras' nor one of `custom`, or a configuration that fits none
 */
export function modelFromConfig(saved: SavedObject, custom: CustomObjects, values: number): Model {
  let left = values;
  const announce = (shape: readonly number[]) => {
    left -= tf.util.sizeFromShape([...shape]);
    if (!(left >= 0)) {
      throw new Error(`its layers have more weights than the ${values} values in it`);
    }
  };
  return customObjectScope(custom, () => withZeroWeights(announce, () => madeModel(saved)));
}

/** Makes a layer, or a model, with weights of its own. */
export function madeLayer(saved: SavedObject): ConfigurableLayer {
  return sharingLayers(() => layerFromSaved(saved));
}

/** Makes a model with weights of its own. */
export function madeModel(saved: SavedObject): Model {
  const model = madeLayer(saved);
  if (!(model instanceof Model)) throw new TypeError(`"${saved.className}" is no model`);
  if (!model.isSpecified && saved.buildShape !== undefined) model.specify(saved.buildShape);
  return model;
}

/** Frees the variables that were made where something fails on the way. */
export function allOrNothing<T>(make: () => T): T {
  const { registeredVariables } = tf.engine();
  const before = new Set(Object.values(registeredVariables));
  try {
    return make();
  } catch (error) {
    for (const variable of Object.values(registeredVariables)) {
      if (!before.has(variable)) variable.dispose();
    }
    throw error;
  }
}
