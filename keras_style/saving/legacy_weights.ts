/**
 * Weights in HDF5 files of Keras 2, such as those of `keras.applications` that Keras publishes: layer after layer, in the
 * model's order. Follows keras/src/legacy/saving/legacy_h5_format.py of Keras 3.
 * @module
 */
import type { Layer } from "../layers/layer.ts";
import type { Weight } from "../layers/weight.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import type { Hdf5Reader } from "./hdf5.ts";
import { compareArray, type Comparison } from "./keras_weights.ts";

/** Whether an open file is one of Keras 2: with a list of its layers. */
export function isLegacy(reader: Hdf5Reader): boolean {
  return rootOf(reader) !== undefined;
}

/** Whether it holds a whole model. */
export function isLegacyModel(reader: Hdf5Reader): boolean {
  return reader.attribute("", "model_config") !== undefined;
}

/** Where the layers lie: in a file of weights at the top. */
function rootOf(reader: Hdf5Reader): string | undefined {
  return ["", "model_weights"].find((root) => names(reader, root, "layer_names") !== undefined);
}

/** A list of names; long ones are saved in parts. */
function names(reader: Hdf5Reader, group: string, attribute: string): string[] | undefined {
  const whole = reader.attribute(group, attribute);
  if (whole !== undefined) return [whole].flat();
  const parts: string[] = [];
  for (let i = 0;; i++) {
    const part = reader.attribute(group, `${attribute}${i}`);
    if (part === undefined) return i === 0 ? undefined : parts;
    parts.push(...[part].flat());
  }
}

/** Compares the layers' variables with a file, both in order. Nothing is changed. */
export function compareLegacyWeights(model: TrainedModel, reader: Hdf5Reader): Comparison {
  const root = rootOf(reader)!;
  const saved = names(reader, root, "layer_names")!
    .map((name) => {
      const group = root === "" ? name : `${root}/${name}`;
      return { group, weights: names(reader, group, "weight_names") ?? [] };
    })
    .filter(({ weights }) => weights.length > 0);
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  if (saved.length !== layers.length) {
    const mismatch = `it has ${saved.length} layers with weights, expected ${layers.length}`;
    return { changes: [], mismatches: [mismatch] };
  }
  const all: Comparison[] = layers.flatMap((layer, i) => {
    const { group, weights } = saved[i];
    const own = legacyWeights(layer, weights);
    if (own.length === weights.length) {
      return own.map((variable, k) => {
        const path = `${group}/${weights[k]}`;
        return compareArray(path, reader.arrays.get(path), variable, layer.name);
      });
    }
    const mismatch = `"${group}" has ${weights.length} weights, expected ${own.length} for layer ` +
      `"${layer.name}"`;
    return [{ changes: [], mismatches: [mismatch] }];
  });
  return {
    changes: all.flatMap(({ changes }) => changes),
    mismatches: all.flatMap(({ mismatches }) => mismatches),
  };
}

/**
 * The weights of a layer, or of a model within, in the file's order: what could be trained first. What of a model was frozen when it was
 * saved, the file's names tell by where running statistics stand; the model here may be frozen otherwise.
 */
function legacyWeights(layer: Layer, saved: readonly string[]): Weight[] {
  const { weights, trainableWeights, nonTrainableWeights } = layer;
  const isFixed = ({ name }: Weight) => isStatistic(name);
  const orders = [
    [...trainableWeights, ...nonTrainableWeights],
    [...weights.filter((weight) => !isFixed(weight)), ...weights.filter(isFixed)],
    weights,
  ];
  const fits = (order: readonly Weight[]) =>
    order.length === saved.length &&
    order.every((weight, i) => isFixed(weight) === isStatistic(saved[i]));
  return orders.find(fits) ?? orders[0];
}

function isStatistic(name: string): boolean {
  return /\/(moving_mean|moving_variance|mean|variance|count)(_\d+)?(:0)?$/.test(name);
}
