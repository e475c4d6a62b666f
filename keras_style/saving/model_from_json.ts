/**
 * Models from their architecture alone.
 * @module
 */
import { shortMessage } from "../../onnx/mod.ts";
import type { Model } from "../models/mod.ts";
import { customObjectScope } from "../registry.ts";
import { allOrNothing, madeModel } from "./architecture.ts";
import type { CustomObjects } from "./custom_objects.ts";
import { parseJson } from "./json_text.ts";
import { fromKeras } from "./from_keras.ts";

/** Options of {@linkcode modelFromJSON}. */
export interface ModelFromJSONOptions {
  /** Classes and functions that are not Keras' own, by name. */
  readonly customObjects?: CustomObjects;
}

/**
 * A model of an architecture, with new weights: of {@linkcode Model.toJSON}, or of `to_json` of Python's Keras 3.
 * Follows https://keras.io/api/models/model_saving_apis/model_config_serialization/
 *
 * @throws {Error} for text that is no architecture, or a class that is not known
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = new keras.Sequential([keras.Input({ shape: [4] }), new keras.layers.Dense({ units: 1 })]);
 * console.log(keras.modelFromJSON(model.toJSON()).countParams()); // 5
 * ```
 */
export function modelFromJSON(json: string, options: ModelFromJSONOptions = {}): Model {
  const value = parsed(json);
  return allOrNothing(() =>
    customObjectScope({ ...options.customObjects }, () => madeModel(fromKeras(value)))
  );
}

function parsed(json: string): unknown {
  try {
    return parseJson(json);
  } catch (error) {
    throw new Error(`modelFromJSON: json cannot be read: ${shortMessage(error)}`);
  }
}
