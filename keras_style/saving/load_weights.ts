/**
 * Puts values of a file into a model's variables.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { decodeSafetensors, type LazyArray, shortMessage, shortText } from "../../onnx/mod.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import { namedWeights } from "./weight_names.ts";

/** Takes over the weights of a file that `saveWeights` or `save` wrote. */
export async function loadWeights(model: TrainedModel, path: string | URL): Promise<void> {
  const weights = namedWeights(model);
  const { arrays } = decodeSafetensors(await Deno.readFile(path), String(path));
  try {
    assignAll(weights, arrays, "layers/");
  } catch (error) {
    throw new Error(
      `loadWeights: ${shortText(String(path), 100)} does not fit model "${model.name}": ${
        shortMessage(error)
      }`,
    );
  }
}

/**
 * Gives variables the values of their names; all or none.
 *
 * @param prefix arrays whose names begin otherwise are left aside
 * @throws {Error} if a variable has no values of its shape and type, or values have no variable
 */
export function assignAll(
  variables: ReadonlyMap<string, tf.Variable>,
  arrays: ReadonlyMap<string, LazyArray>,
  prefix: string,
): void {
  for (const [name, { shape, dtype }] of variables) {
    const array = arrays.get(name);
    if (!array) throw new Error(`it has no ${shortText(name)}`);
    if (String(array.shape) !== String(shape) || array.dtype !== dtype) {
      throw new Error(`its ${shortText(name)} is ${array}, expected ${dtype}[${shape.join(", ")}]`);
    }
  }
  for (const name of arrays.keys()) {
    if (name.startsWith(prefix) && !variables.has(name)) {
      throw new Error(`its ${shortText(name)} belongs to no layer`);
    }
  }
  for (const [name, variable] of variables) {
    const array = arrays.get(name)!;
    const values = array.hostData() as Float32Array | Int32Array | Uint8Array;
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, variable.dtype)));
  }
}
