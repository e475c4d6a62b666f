/**
 * What TensorFlow.js' data identifiers stand for on the `onnxruntime` engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type DType,
  fromHost,
  type LazyArray,
  storageFrom,
  type TypedArray,
} from "../../onnx/mod.ts";

/** TensorFlow.js' name of a piece of tensor memory. It does not export the type. */
export type DataId = tf.TensorInfo["dataId"];

/** Real and imaginary part of complex numbers: tensors of their own. */
export interface ComplexParts {
  readonly real: tf.TensorInfo;
  readonly imag: tf.TensorInfo;
}

/** One piece of tensor memory: a lazy array, two of them, or values that no lazy array can hold (strings). */
export interface DataEntry {
  array: LazyArray | undefined;
  /** Strings, as TensorFlow.js gave them. */
  readonly values: tf.BackendValues | undefined;
  readonly parts?: ComplexParts;
  refCount: number;
}

const NUMERIC: readonly tf.DataType[] = ["float32", "int32", "bool"];

/** Whether lazy arrays can hold a TensorFlow.js element type. */
export function isNumeric(dtype: tf.DataType): dtype is "float32" | "int32" | "bool" {
  return NUMERIC.includes(dtype);
}

/** An array over values that TensorFlow.js hands in; copied only where their storage differs. */
export function arrayFrom(
  values: tf.BackendValues,
  shape: readonly number[],
  dtype: "float32" | "int32" | "bool",
): LazyArray {
  const fits = dtype === "float32"
    ? values instanceof Float32Array
    : dtype === "int32"
    ? values instanceof Int32Array
    : values instanceof Uint8Array && !(values instanceof Uint8ClampedArray);
  const data = fits
    ? values as TypedArray
    : storageFrom(values as ArrayLike<number>, dtype as DType);
  return fromHost(data, shape, dtype);
}

/** Tensors are immutable: whoever asks for the values may write into what is given. */
export function copyOf(array: LazyArray): tf.BackendValues {
  return array.buffer.data.slice() as tf.BackendValues;
}

/** Real and imaginary parts by turns, as TensorFlow.js reads complex numbers. */
export function merged(real: tf.BackendValues, imag: tf.BackendValues): Float32Array {
  return tf.backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
}
