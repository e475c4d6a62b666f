/**
 * Names of weights in files. They follow from the model's structure (`layers/dense_1/kernel` is a weight of its
 * second dense layer), not from the names that layers happen to have, so that a model made anew by the same code
 * takes the weights. Keras' weight files do the same.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { toSnakeCase } from "../naming.ts";
import type { Model } from "../models/model.ts";

/** All weights of a model by their names in files. */
export function namedWeights(model: Model): Map<string, tf.Variable> {
  const weights = new Map<string, tf.Variable>();
  gather("layers", model.layers, weights);
  return weights;
}

function gather(
  folder: string,
  layers: readonly tf.layers.Layer[],
  weights: Map<string, tf.Variable>,
): void {
  const used = new Set<string>();
  for (const layer of layers) {
    const path = `${folder}/${free(toSnakeCase(layer.getClassName()), used)}`;
    if (layer instanceof tf.LayersModel) {
      gather(path, layer.layers, weights);
      continue;
    }
    const names = new Set<string>();
    for (const weight of layer.weights) {
      const name = weight.originalName.split("/").at(-1)!;
      weights.set(`${path}/${free(name, names)}`, weight.read() as tf.Variable);
    }
  }
}

/** The name, or the name with a number behind it where it is taken. */
function free(name: string, used: Set<string>): string {
  let candidate = name;
  for (let i = 1; used.has(candidate); i++) candidate = `${name}_${i}`;
  used.add(candidate);
  return candidate;
}

/** The optimizer's variables by their names in files. */
export function namedOptimizerState(model: Model): Map<string, tf.Variable> {
  const { optimizer } = model;
  const names = new Map([...namedWeights(model)].map(([name, variable]) => [variable, name]));
  const state = new Map(
    optimizer.ownVariables.map(({ name, variable }) => [`optimizer/${name}`, variable]),
  );
  for (const { variable, name, slot } of optimizer.slots) {
    state.set(`optimizer/${names.get(variable) ?? variable.name}/${name}`, slot);
  }
  return state;
}
