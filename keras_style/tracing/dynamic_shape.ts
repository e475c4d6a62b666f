/**
 * Shapes as values: what `tf.shape` is beside `x.shape` in TensorFlow.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, ops } from "../../onnx/mod.ts";
import { activeBackend, floatType } from "../engine/mod.ts";

/** A dimension: a number, or a scalar tensor that follows from {@linkcode shape}. */
export type Dimension = number | tf.Tensor;

/**
 * The shape of a tensor as a tensor int32[rank]. In a traced function whose `inputSignature` leaves dimensions open,
 * `x.shape` has null for them, and this has what they are at each call.
 *
 * Follows https://www.tensorflow.org/api_docs/python/tf/shape
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { shape, tfFunction, zeros } from "./mod.ts";
 *
 * const pad = tfFunction((x: tf.Tensor2D) => {
 *   const [h, w] = tf.unstack(shape(x));
 *   return tf.concat([x, zeros([h, tf.mul(w, 2)]) as tf.Tensor2D], 1);
 * }, { inputSignature: [{ shape: [null, null] }] });
 * console.log(pad(tf.ones([2, 3])).shape, pad(tf.ones([4, 5])).shape); // [ 2, 9 ] [ 4, 15 ]
 * ```
 */
export function shape(tensor: tf.Tensor): tf.Tensor1D {
  const backend = activeBackend();
  const dimensions = backend?.trace?.dimensionsOf(backend.array(tensor));
  if (backend && dimensions) {
    return tf.engine().makeTensorFromTensorInfo(backend.adopt(dimensions)) as tf.Tensor1D;
  }
  return tf.tensor1d(tensor.shape, "int32");
}

/**
 * A tensor full of zeros; dimensions may be tensors.
 *
 * @throws {TypeError} naming a dimension that is neither a number nor a scalar
 */
export function zeros(
  shape: readonly Dimension[],
  dtype: tf.NumericDataType = "float32",
): tf.Tensor {
  return fill(shape, 0, dtype);
}

/** A tensor full of ones; dimensions may be tensors. Errors as {@linkcode zeros}. */
export function ones(
  shape: readonly Dimension[],
  dtype: tf.NumericDataType = "float32",
): tf.Tensor {
  return fill(shape, 1, dtype);
}

/** A tensor full of one number; dimensions may be tensors. Errors as {@linkcode zeros}. */
export function fill(
  shape: readonly Dimension[],
  value: number,
  dtype: tf.NumericDataType = "float32",
): tf.Tensor {
  const dimensions = dimensionsOf("fill", shape);
  const backend = activeBackend();
  if (!backend || dtype === "complex64") return tf.fill(dimensions, value, dtype);
  const type = dtype === "float32" ? floatType() : dtype;
  const array = ops.expand(constant(value, type), dimensions);
  return tf.engine().makeTensorFromTensorInfo(backend.adopt(array));
}

/** Values of dimensions. @throws {TypeError} naming the one that is none */
export function dimensionsOf(what: string, shape: readonly Dimension[]): number[] {
  return shape.map((dimension, axis) => {
    if (typeof dimension === "number" && Number.isInteger(dimension) && dimension >= 0) {
      return dimension;
    }
    if (dimension instanceof tf.Tensor && dimension.size === 1) return numberIn(dimension);
    const hint = dimension === null
      ? "; it is not known while the function is recorded: use shape(x)"
      : "";
    throw new TypeError(
      `${what}: dimension ${axis} is ${dimension}, expected an integer of at least 0 or a scalar tensor${hint}`,
    );
  });
}

function numberIn(scalar: tf.Tensor): number {
  const backend = activeBackend();
  return backend?.trace ? backend.trace.dimension(backend.array(scalar)) : scalar.dataSync()[0];
}
