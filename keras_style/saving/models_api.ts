/** What Keras keeps in `keras.models`. @module */
export { cloneModel, Model, Sequential } from "../models/mod.ts";
export { saveModel } from "./api.ts";
export { loadModel } from "./load_model.ts";
export { modelFromJSON } from "./model_from_json.ts";
