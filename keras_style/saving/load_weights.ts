/**
 * Puts values of a file into a model's variables.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { decodeSafetensors, type LazyArray, shortMessage, shortText } from "../../onnx/mod.ts";
import type { LoadWeightsOptions, TrainedModel } from "../models/trained_model.ts";
import { readOptions } from "../options.ts";
import { formatOf } from "./file_format.ts";
import { readHdf5 } from "./hdf5.ts";
import { decodeArchive } from "./keras_archive.ts";
import {
  apply,
  type Change,
  compareOptimizer,
  compareWeights,
  type Comparison,
  listed,
} from "./keras_weights.ts";
import { compareLegacyWeights, isLegacy } from "./legacy_weights.ts";
import { namedWeights } from "./weight_names.ts";

/** Takes over the weights of a file: all, or with `skipMismatch` those that fit. */
export async function loadWeights(
  model: TrainedModel,
  path: string | URL,
  options: LoadWeightsOptions = {},
): Promise<void> {
  const { skipMismatch } = readOptions("loadWeights", options, { skipMismatch: false });
  const bytes = await Deno.readFile(path);
  try {
    const { changes, mismatches } = await compared(model, bytes, String(path));
    if (mismatches.length > 0) {
      if (!skipMismatch) throw new MismatchError(mismatches);
      console.warn(`loadWeights: "${path}": left as they are: ${listed(mismatches)}`);
    }
    apply(changes);
  } catch (error) {
    const file = shortText(String(path), 100);
    throw explained(`loadWeights: ${file} does not fit model "${model.name}"`, error);
  }
}

async function compared(
  model: TrainedModel,
  bytes: Uint8Array,
  path: string,
): Promise<Comparison> {
  const format = formatOf(bytes, path);
  if (format === "safetensors") {
    const { arrays } = decodeSafetensors(bytes, path);
    return compareArrays(namedWeights(model), arrays, "layers/");
  }
  const weights = format === "keras" ? (await decodeArchive(bytes)).weights : bytes;
  return readHdf5(weights, "it", (reader) => {
    if (isLegacy(reader)) return compareLegacyWeights(model, reader);
    const own = compareWeights(model, reader);
    if (!model.isCompiled || own.mismatches.length > 0) return own;
    const state = compareOptimizer(model, reader);
    return {
      changes: [...own.changes, ...state.changes],
      mismatches: [...own.mismatches, ...state.mismatches],
    };
  });
}

/**
 * Compares variables with the arrays of their names.
 *
 * @param prefix arrays whose names begin otherwise are left aside
 */
export function compareArrays(
  variables: ReadonlyMap<string, tf.Variable>,
  arrays: ReadonlyMap<string, LazyArray>,
  prefix: string,
): Comparison {
  const changes: Change[] = [];
  const mismatches: string[] = [];
  for (const [name, variable] of variables) {
    const { shape, dtype } = variable;
    const array = arrays.get(name);
    if (!array) mismatches.push(`it has no ${shortText(name)}`);
    else if (!tf.util.arraysEqual([...array.shape], shape) || array.dtype !== dtype) {
      mismatches.push(`its ${shortText(name)} is ${array}, expected ${dtype}[${shape.join(", ")}]`);
    } else changes.push({ variable, data: array.hostData() as Change["data"] });
  }
  for (const name of arrays.keys()) {
    if (name.startsWith(prefix) && !variables.has(name)) {
      mismatches.push(`its ${shortText(name)} belongs to no layer`);
    }
  }
  return { changes, mismatches };
}

/** Gives variables their values where all fit. @throws {Error} listing what does not */
export function applyAll({ changes, mismatches }: Comparison): void {
  if (mismatches.length > 0) throw new MismatchError(mismatches);
  apply(changes);
}

/** Weights of a file that do not fit. */
class MismatchError extends Error {
  constructor(mismatches: readonly string[]) {
    super(listed(mismatches));
  }
}

/** What an error says, behind where it happened: a line, but for mismatches, which are all listed. */
export function explained(where: string, error: unknown): Error {
  const text = error instanceof MismatchError ? error.message : shortMessage(error);
  return new Error(`${where}: ${text}`, { cause: error });
}
