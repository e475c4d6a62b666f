/**
 * Models from their architecture alone.
 * @module
 */
import { parseUntrustedJson, shortMessage } from "../../onnx/mod.ts";
import type { Model } from "../models/mod.ts";
import { customObjectScope } from "../registry.ts";
import { allOrNothing, madeModel, type SavedModel } from "./architecture.ts";
import type { CustomObjects } from "./custom_objects.ts";

/** Options of {@linkcode modelFromJSON}. */
export interface ModelFromJSONOptions {
  /** Classes and functions that are not Keras' own, by name. */
  readonly customObjects?: CustomObjects;
}

/**
 * A model of the architecture that {@linkcode Model.toJSON} gave, with new weights.
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
  const saved = parsed(json);
  if (typeof saved?.className !== "string" || typeof saved.config?.name !== "string") {
    throw new TypeError(
      "modelFromJSON: json has no className or no config, expected what toJSON gave",
    );
  }
  return allOrNothing(() =>
    customObjectScope({ ...options.customObjects }, () => madeModel(saved as SavedModel))
  );
}

function parsed(json: string): Partial<SavedModel> {
  try {
    return parseUntrustedJson(json) as Partial<SavedModel>;
  } catch (error) {
    throw new Error(`modelFromJSON: json cannot be read: ${shortMessage(error)}`);
  }
}
