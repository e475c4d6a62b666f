/**
 * Names of weights in files. They follow from the model's structure (`layers/dense_1/kernel` is a weight of its
 * second dense layer), not from the names that layers happen to have, so that a model made anew by the same code
 * takes the weights. Keras' weight files do the same.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Layer, OwnWeight } from "../layers/layer.ts";
import { toSnakeCase } from "../naming.ts";
import type { TrainedModel } from "../models/trained_model.ts";

/** All weights of a model by their names in files. */
export function namedWeights(model: TrainedModel): Map<string, tf.Variable> {
  void model.inputSpecs;
  const weights = new Map<string, tf.Variable>();
  addOwn("layers", model.ownWeights(), weights);
  gather("layers", model.layers, weights, new Set());
  return weights;
}

function addOwn(
  folder: string,
  own: readonly OwnWeight[],
  weights: Map<string, tf.Variable>,
): void {
  const names = new Set<string>();
  for (const { name, variable } of own) weights.set(`${folder}/${free(name, names)}`, variable);
}

/** The weights of layers and of the layers in them, each once. */
function gather(
  folder: string,
  layers: readonly Layer[],
  weights: Map<string, tf.Variable>,
  seen: Set<Layer>,
): void {
  const used = new Set<string>();
  for (const layer of layers) {
    if (seen.has(layer)) continue;
    seen.add(layer);
    const path = `${folder}/${free(toSnakeCase(layer.getClassName()), used)}`;
    addOwn(path, layer.ownWeights(), weights);
    gather(path, layer.sublayers(), weights, seen);
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
export function namedOptimizerState(model: TrainedModel): Map<string, tf.Variable> {
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
