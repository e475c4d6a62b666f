/**
 * One call of a TensorFlow.js kernel, written down without an engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** A tensor to be made on whichever engine is being tried. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: readonly number[];
}

export type InputSpecs =
  | Readonly<Record<string, TensorSpec | undefined>>
  | readonly TensorSpec[];

export interface KernelCase {
  readonly inputs: InputSpecs;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** What is right where TensorFlow.js' cpu engine is not, or has no such kernel; computed on that engine. */
  readonly expected?: (inputs: Record<string, tf.Tensor>) => tf.Tensor;
}

export type KernelCases = Readonly<Record<string, readonly KernelCase[]>>;

let seed = 0;

/** The same values at every run: each call of these makers goes on where the last one ended. */
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

/** Fractions in [low, high). */
export function float(shape: readonly number[], low = -2, high = 2): TensorSpec {
  const size = tf.util.sizeFromShape([...shape]);
  const values = Array.from({ length: size }, () => low + (high - low) * random());
  return { shape, dtype: "float32", values };
}

/** Integers from low to high. */
export function int(shape: readonly number[], low = -5, high = 5): TensorSpec {
  const { values } = float(shape, low, high + 1);
  return { shape, dtype: "int32", values: values.map(Math.floor) };
}

/** Truths. */
export function bool(shape: readonly number[]): TensorSpec {
  return { shape, dtype: "bool", values: float(shape, 0, 2).values.map(Math.floor) };
}

/** Fractions of which many are equal: halves. */
export function coarse(shape: readonly number[]): TensorSpec {
  const { values } = int(shape, -2, 2);
  return { shape, dtype: "float32", values: values.map((v) => v / 2) };
}

/** Given values. */
export function given(
  values: readonly number[],
  shape: readonly number[] = [values.length],
  dtype: TensorSpec["dtype"] = "float32",
): TensorSpec {
  return { shape, dtype, values };
}

/** The tensor itself, on the engine that is active. */
export function makeTensor({ shape, dtype, values }: TensorSpec): tf.Tensor {
  return tf.tensor([...values], [...shape], dtype);
}
