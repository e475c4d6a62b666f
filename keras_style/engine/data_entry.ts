/**
 * What TensorFlow.js' data identifiers stand for on the `onnxruntime` engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  fromHost,
  isShortFloat,
  type LazyArray,
  storageFrom,
  type TypedArray,
} from "../../onnx/mod.ts";
import { floatType } from "./float_scope.ts";

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

/** An array's element type as TensorFlow.js calls it; undefined for those that it has not. */
export function tensorTypeOf({ dtype }: LazyArray): tf.DataType | undefined {
  if (isShortFloat(dtype)) return "float32";
  return isNumeric(dtype as tf.DataType) ? dtype as tf.DataType : undefined;
}

/** An array over values that TensorFlow.js hands in; copied only where their storage differs. */
export function arrayFrom(
  values: tf.BackendValues,
  shape: readonly number[],
  dtype: "float32" | "int32" | "bool",
): LazyArray {
  const type = dtype === "float32" ? floatType() : dtype;
  const isStored = type === "float32"
    ? values instanceof Float32Array
    : type === "int32"
    ? values instanceof Int32Array
    : type === "bool" && values instanceof Uint8Array && !(values instanceof Uint8ClampedArray);
  const data = isStored ? values as TypedArray : storageFrom(values as ArrayLike<number>, type);
  return fromHost(data, shape, type);
}

/** Tensors are immutable: whoever asks for the values may write into what is given. */
export function copyOf(array: LazyArray): tf.BackendValues {
  const { data } = array.buffer;
  return data instanceof Float16Array ? asKnown(data) : data.slice() as tf.BackendValues;
}

/** Values in an array that TensorFlow.js knows. */
export function asKnown(data: TypedArray): tf.BackendValues {
  return data instanceof Float16Array ? Float32Array.from(data) : data as tf.BackendValues;
}

/** Real and imaginary parts by turns, as TensorFlow.js reads complex numbers. */
export function merged(real: tf.BackendValues, imag: tf.BackendValues): Float32Array {
  return tf.backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
}

/** @throws {Error} for what a trace left behind */
export function refuseLeftover(array: LazyArray): void {
  if (!array.placeholder) return;
  throw new Error(
    `tensor ${array} was made inside a tfFunction and has no value outside; return it from the function`,
  );
}
