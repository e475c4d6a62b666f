/**
 * Weights in Keras 3's `.weights.h5` files.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { shortList, shortText } from "../../onnx/mod.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import { encodeHdf5, type Hdf5Reader, type ReadArray, type StoredData } from "./hdf5.ts";
import { optimizerFolders, type SavedFolder, savedOptimizer, savedTree } from "./saved_tree.ts";

/** A variable and what it is to become. */
export interface Change {
  readonly variable: tf.Variable;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What a file has for some variables. */
export interface Comparison {
  readonly changes: readonly Change[];
  /** Everything that does not fit, in a line each. */
  readonly mismatches: readonly string[];
}

/** Bytes of a file with the weights, and with the optimizer's state where the model is compiled. */
export async function encodeKerasWeights(model: TrainedModel): Promise<Uint8Array> {
  const folders = savedTree(model);
  if (model.isCompiled) folders.push(...optimizerFolders(model.optimizer));
  const groups = await Promise.all(folders.map(async ({ path, name, variables }) => {
    const arrays = await Promise.all(variables.map(stored));
    return {
      path: path === "" ? "vars" : `${path}/vars`,
      attributes: { name },
      arrays: Object.fromEntries(arrays.entries()),
    };
  }));
  return encodeHdf5(groups);
}

/** Integers are int64, as Keras has its counters. */
async function stored(variable: tf.Variable | null) {
  if (variable === null) return { shape: [], data: new Int32Array(1) };
  const data = await variable.data() as Float32Array | Int32Array | Uint8Array;
  const { shape, dtype } = variable;
  const wide = dtype === "int32" ? BigInt64Array.from(data, BigInt) : data;
  return { shape, data: wide as StoredData };
}

/** Folders of other versions of Keras whose state this idiom does not keep. */
const NOT_WEIGHTS = /(^|\/)(optimizer|metrics|compile_metrics|seed_generator|generator|_[^/]+)\//;

/**
 * Compares the layers' variables with a file. Nothing is changed.
 *
 * @param reader the open file
 */
export function compareWeights(model: TrainedModel, reader: Hdf5Reader): Comparison {
  const found = compareFolders(savedTree(model), reader);
  const left = [...reader.arrays.keys()]
    .filter((path) => !found.seen.has(path) && !NOT_WEIGHTS.test(path))
    .map((path) => `${shortText(path, 100)} belongs to no layer`);
  return { changes: found.changes, mismatches: [...found.mismatches, ...left] };
}

/**
 * Compares the optimizer's variables with a file; makes them where the file has them. None are compared, with a warning,
 * where the file has another number of them, as in Keras.
 */
export function compareOptimizer(model: TrainedModel, reader: Hdf5Reader): Comparison {
  const { optimizer } = model;
  const saved = [...reader.arrays.keys()].filter((path) => path.startsWith("optimizer/vars/"));
  if (saved.length === 0) return { changes: [], mismatches: [] };
  if (saved.length > savedOptimizer(optimizer).variables.length) {
    optimizer.build(model.trainableVariables);
  }
  const folder = savedOptimizer(optimizer);
  if (folder.variables.length !== saved.length) {
    console.warn(
      `optimizer "${optimizer.name}" begins anew: the file has ${saved.length} variables for it, ` +
        `expected ${folder.variables.length}`,
    );
    return { changes: [], mismatches: [] };
  }
  return compareFolders([folder], reader);
}

function compareFolders(folders: readonly SavedFolder[], { arrays }: Hdf5Reader) {
  const seen = new Set<string>();
  const changes: Change[] = [];
  const mismatches: string[] = [];
  for (const { path, name, variables } of folders) {
    variables.forEach((variable, i) => {
      const at = `${path === "" ? "" : `${path}/`}vars/${i}`;
      seen.add(at);
      if (variable === null) return;
      const one = compareArray(at, arrays.get(at), variable, name);
      changes.push(...one.changes);
      mismatches.push(...one.mismatches);
    });
  }
  return { seen, changes, mismatches };
}

/** Compares one variable with an array of a file. @param layer the layer's name, for the mismatch */
export function compareArray(
  path: string,
  array: ReadArray | undefined,
  variable: tf.Variable,
  layer: string,
): Comparison {
  const expected = `${variable.dtype}[${variable.shape.join(", ")}] for layer "${layer}"`;
  if (!array) return { changes: [], mismatches: [`"${path}" is missing, expected ${expected}`] };
  if (fits(array, variable)) {
    return { changes: [{ variable, data: valuesFor(path, array, variable) }], mismatches: [] };
  }
  const found = `${array.dtype}[${array.shape.join(", ")}]`;
  return { changes: [], mismatches: [`"${path}" is ${found}, expected ${expected}`] };
}

/** Element types of files, by those that they become. */
const FITTING: Readonly<Record<string, RegExp>> = {
  float32: /^b?float/,
  int32: /^u?int/,
  bool: /^(bool|u?int8)$/,
};

function fits({ shape, dtype }: ReadArray, variable: tf.Variable): boolean {
  return tf.util.arraysEqual([...shape], variable.shape) &&
    (FITTING[variable.dtype]?.test(dtype) ?? false);
}

function valuesFor(
  path: string,
  array: ReadArray,
  { dtype, size }: tf.Variable,
): Change["data"] {
  const values = array.read();
  if (values.length !== size) {
    throw new Error(`"${path}" has ${values.length} values, expected ${size}`);
  }
  if (dtype === "float32") {
    return values instanceof Float32Array
      ? Float32Array.from(values)
      : Float32Array.from(values as ArrayLike<number>);
  }
  const numbers = Array.from(values, Number);
  const stray = numbers.find((value) => value !== (value | 0));
  if (stray !== undefined) throw new Error(`"${path}" holds ${stray}, expected an int32`);
  return dtype === "bool" ? Uint8Array.from(numbers) : Int32Array.from(numbers);
}

/** Gives variables their values. */
export function apply(changes: readonly Change[]): void {
  for (const { variable, data } of changes) {
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape, variable.dtype)));
  }
}

/** Most mismatches that are shown in lines of their own. */
const MOST_SHOWN = 1000;

/** All mismatches as one text. */
export function listed(mismatches: readonly string[]): string {
  return mismatches.length === 1
    ? mismatches[0]
    : `${mismatches.length} mismatches:\n  ${shortList(mismatches, "\n  ", MOST_SHOWN)}`;
}
