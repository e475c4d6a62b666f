/**
 * Pairs that the user's file names.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import { holdsWeights, type NamedModule } from "./layer_parameters.ts";
import type { LayerNames } from "../models/model_pair.ts";
import { ParityError } from "../parity_error.ts";

/** @throws {ParityError} naming what there is, if the models have no such layer or module */
export function findNamed(
  [name, paths]: LayerNames,
  layers: readonly Layer[],
  modules: readonly NamedModule[],
): [Layer, NamedModule[]] {
  const layer = layers.find((layer) => layer.name === name);
  if (!layer) {
    const known = layers.map((layer) => layer.name).join(", ");
    throw new ParityError(
      `pairs: the Keras model has no layer "${name}" with weights, it has ${known}`,
    );
  }
  const chosen = [paths].flat().map((path) => {
    const found = modules.find((item) => item.path === path && holdsWeights(item.module));
    if (found) return found;
    const known = modules.filter((item) => holdsWeights(item.module)).map((item) => item.path);
    throw new ParityError(
      `pairs: the PyTorch model has no module "${path}" with weights, those with weights are ${
        known.join(", ")
      }`,
    );
  });
  return [layer, chosen];
}
