/**
 * Tensors and variables out of values.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** A number, a yes or no, a text, or nested arrays of them. */
export type NestedValues = number | boolean | string | readonly NestedValues[];

/** Typed arrays that tensors are made of; values of 64 bits become float32. */
export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What a tensor can be made of. */
export type TensorValue = NestedValues | NumericArray | tf.Tensor;

/** Options of {@linkcode constant}. */
export interface ConstantOptions {
  /**
   * Element type. Unless given: float32 for values, bool and string for nested ones of these, int32 for `Int32Array`
   * and `Uint8Array`.
   */
  readonly dtype?: tf.DataType;
  /** Dimensions; those of the value unless given. A single value fills them. */
  readonly shape?: readonly number[];
}

/**
 * An immutable tensor. The value is copied: writing into an array afterwards changes nothing.
 * Follows https://www.tensorflow.org/api_docs/python/tf/constant (there, integers become int32; JavaScript does
 * not tell 1 from 1.0).
 *
 * @throws {TypeError} if the value is none of the kinds above, or rows are uneven
 * @throws {RangeError} if the value does not fill the shape
 *
 * @example
 * ```ts
 * import { constant } from "./constant.ts";
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * console.log(x.dtype, x.rank, x.shape, x.size); // float32 2 [ 2, 3 ] 6
 * console.log(constant(0.5, { shape: [2, 2] }).shape); // [ 2, 2 ]
 * ```
 */
export function constant(value: TensorValue, options: ConstantOptions = {}): tf.Tensor {
  const { dtype, shape } = options;
  if (shape !== undefined && !isShape(shape)) {
    throw new RangeError(
      `constant: shape is ${JSON.stringify(shape)}, expected integers of at least 0`,
    );
  }
  return tf.tidy(() => {
    const tensor = fromValue(value, dtype);
    return shape === undefined ? tensor : inShape(tensor, [...shape]);
  });
}

/** Options of {@linkcode variable}. */
export interface VariableOptions extends ConstantOptions {
  /** Whether gradient tapes watch it by themselves; true unless given. */
  readonly trainable?: boolean;
  readonly name?: string;
}

/**
 * A tensor that can be given another value of the same shape and type: `v.assign(tensor)`.
 * Follows https://www.tensorflow.org/api_docs/python/tf/Variable
 *
 * @throws {TypeError} as {@linkcode constant}
 *
 * @example
 * ```ts
 * import { constant, variable } from "./constant.ts";
 * const weight = variable([1, 2]);
 * weight.assign(constant([3, 4]));
 * console.log(await weight.array()); // [ 3, 4 ]
 * ```
 */
export function variable(value: TensorValue, options: VariableOptions = {}): tf.Variable {
  const { trainable = true, name, ...others } = options;
  return tf.tidy(() => tf.variable(constant(value, others), trainable, name));
}

function fromValue(value: TensorValue, dtype: tf.DataType | undefined): tf.Tensor {
  if (value instanceof tf.Tensor) return dtype ? tf.cast(value, dtype) : tf.clone(value);
  const known = ArrayBuffer.isView(value) ? copyOf(value) : value;
  try {
    const tensor = tf.tensor(known as tf.TensorLike, undefined, dtype);
    return tensor;
  } catch (error) {
    throw new TypeError(
      `constant: value is not of even rows of values, booleans or strings: ${
        (error as Error).message.split("\n")[0]
      }`,
    );
  }
}

function copyOf(value: ArrayBufferView): Float32Array | Int32Array {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return Float32Array.from(value);
  }
  if (value instanceof Int32Array || value instanceof Uint8Array) return Int32Array.from(value);
  throw new TypeError(
    `constant: value is a ${value.constructor.name}, expected Float32Array, Float64Array, ` +
      `Int32Array or Uint8Array`,
  );
}

function inShape(tensor: tf.Tensor, shape: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  if (tensor.size === size) return tf.reshape(tensor, shape);
  if (tensor.size === 1) return tf.tile(tf.reshape(tensor, [1]), [size]).reshape(shape);
  throw new RangeError(
    `constant: value has ${tensor.size} elements, expected ${size} for shape [${shape}] (or 1)`,
  );
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) &&
    shape.every((dimension) => Number.isInteger(dimension) && dimension >= 0);
}
