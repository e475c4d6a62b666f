/** What Keras keeps in `keras.saving`. @module */
import type { Model } from "../models/mod.ts";
import type { LoadWeightsOptions } from "../models/trained_model.ts";

export {
  customObjectScope,
  getCustomObjects,
  getRegisteredName,
  getRegisteredObject,
  registerKerasSerializable,
  type RegisterOptions,
} from "../registry.ts";
export {
  deserializeKerasObject,
  type DeserializeOptions,
  serializeKerasObject,
} from "./keras_objects.ts";
export type { KerasObject } from "./keras_json.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";

/** Writes a model: {@linkcode Model.save}. */
export function saveModel(model: Model, path: string | URL): Promise<void> {
  return model.save(path);
}

/** Writes a model's weights: {@linkcode Model.saveWeights}. */
export function saveWeights(model: Model, path: string | URL): Promise<void> {
  return model.saveWeights(path);
}

/** Takes over weights of a file: {@linkcode Model.loadWeights}. */
export function loadWeights(
  model: Model,
  path: string | URL,
  options: LoadWeightsOptions = {},
): Promise<void> {
  return model.loadWeights(path, options);
}
