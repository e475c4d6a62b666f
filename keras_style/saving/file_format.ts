/**
 * Which kind of file is meant, by its name when it is written and by its first bytes when it is read.
 * @module
 */
import { isHdf5 } from "./hdf5.ts";
import { isZip } from "./keras_archive.ts";

/** Kinds of files. */
export type FileFormat = "keras" | "hdf5" | "safetensors";

/**
 * What a model is written as: `.keras` is Keras' archive, everything else but Keras 2's `.h5` is safetensors.
 *
 * @param what the path is called in errors
 * @throws {Error} for names that would promise another kind of file
 */
export function modelFormat(path: string | URL, what = "save: path"): "keras" | "safetensors" {
  const name = String(path);
  if (name.endsWith(".keras")) return "keras";
  if (!/\.(h5|hdf5)$/.test(name)) return "safetensors";
  throw new Error(
    `${what} is "${path}", expected one that ends in .keras or .safetensors: whole models in HDF5 ` +
      `are of Keras 2 (saveWeights writes .weights.h5)`,
  );
}

/**
 * What weights are written as: `.weights.h5` is Keras' own, everything else is safetensors.
 *
 * @param what the path is called in errors
 * @throws {Error} for names that would promise another kind of file
 */
export function weightsFormat(
  path: string | URL,
  what = "saveWeights: path",
): "hdf5" | "safetensors" {
  const name = String(path);
  if (name.endsWith(".weights.h5")) return "hdf5";
  if (!/\.(h5|hdf5|keras)$/.test(name)) return "safetensors";
  throw new Error(
    `${what} is "${path}", expected one that ends in .weights.h5 or .safetensors`,
  );
}

/**
 * What a file is, by its first bytes.
 *
 * @throws {Error} if they are of neither format that the name promises
 */
export function formatOf(bytes: Uint8Array, path: string | URL): FileFormat {
  if (isZip(bytes)) return "keras";
  if (isHdf5(bytes)) return "hdf5";
  if (!/\.(h5|hdf5|keras)$/i.test(String(path))) return "safetensors";
  throw new Error(`its ${bytes.length} bytes are neither Keras' archive nor HDF5`);
}
