/** Models and weights in files. @module */
export { type CustomObjects } from "./custom_objects.ts";
export { modelFromJSON, type ModelFromJSONOptions } from "./model_from_json.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
