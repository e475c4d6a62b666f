/** Models and weights in files. @module */
export { type CustomObjects } from "./custom_objects.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
