/**
 * Models and weights in files.
 *
 * - What users call: `save_model`, `load_model`, `load_weights`, `model_from_json`, `training_state`; `file_format` tells the kinds
 *   of files apart. `api` and `models_api` are `keras.saving` and `keras.models`.
 * - Keras 3's files: `keras_archive` (the zip), `keras_weights`, `saved_tree` and `weight_names` (which weight lies where), `hdf5`,
 *   `legacy_weights` (Keras 2's).
 * - Keras' JSON: `to_keras` and `from_keras` over `keras_json`, `keras_objects`, `keras_operations`, `keras_settings`, `json_text`.
 * - A model as plain data: `architecture`, `compile_config`, `custom_objects`.
 * @module
 */
export { type CustomObjects } from "./custom_objects.ts";
export { modelFromJSON, type ModelFromJSONOptions } from "./model_from_json.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
