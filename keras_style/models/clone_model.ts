/**
 * Models made like others.
 * @module
 */
import { sharingLayers } from "../layers/layer_registry.ts";
import type { Model } from "./model.ts";

/**
 * A model of the same layers, with weights of its own. Follows https://keras.io/api/models/model_saving_apis/
 * (`clone_model`)
 *
 * @throws {Error} for a class with `call`: it is made by its constructor
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = new keras.Sequential([keras.Input({ shape: [2] }), new keras.layers.Dense({ units: 1 })]);
 * console.log(keras.cloneModel(model).countParams()); // 3
 * ```
 */
export function cloneModel<M extends Model>(model: M): M {
  if (!model.graph) {
    throw new Error(
      `cloneModel: model "${model.name}" is a class with call or not built, expected a Sequential or a model of ` +
        `inputs and outputs`,
    );
  }
  const { fromConfig } = model.constructor as typeof Model;
  const config = sharingLayers(() => model.getConfig());
  return sharingLayers(() => fromConfig.call(model.constructor, config)) as M;
}
