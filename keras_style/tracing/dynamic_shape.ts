/**
 * Shapes as values: what `tf.shape` is beside `x.shape` in TensorFlow.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, ops } from "../../onnx/mod.ts";
import { activeBackend } from "../engine/mod.ts";

/** An extent: a number, or a scalar tensor that follows from {@linkcode shape}. */
export type Extent = number | tf.Tensor;

/**
 * The shape of a tensor as a tensor int32[rank]. In a traced function whose `inputSignature` leaves extents open,
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
  const extents = backend?.trace?.extentsOf(backend.array(tensor));
  if (backend && extents) {
    return tf.engine().makeTensorFromTensorInfo(backend.adopt(extents)) as tf.Tensor1D;
  }
  return tf.tensor1d(tensor.shape, "int32");
}

/**
 * A tensor full of zeros; extents may be tensors.
 *
 * @throws {TypeError} naming an extent that is neither a number nor a scalar
 */
export function zeros(shape: readonly Extent[], dtype: tf.NumericDataType = "float32"): tf.Tensor {
  return fill(shape, 0, dtype);
}

/** A tensor full of ones; extents may be tensors. Errors as {@linkcode zeros}. */
export function ones(shape: readonly Extent[], dtype: tf.NumericDataType = "float32"): tf.Tensor {
  return fill(shape, 1, dtype);
}

/** A tensor full of one number; extents may be tensors. Errors as {@linkcode zeros}. */
export function fill(
  shape: readonly Extent[],
  value: number,
  dtype: tf.NumericDataType = "float32",
): tf.Tensor {
  const extents = extentsOf("fill", shape);
  const backend = activeBackend();
  if (!backend || dtype === "complex64") return tf.fill(extents, value, dtype);
  const array = ops.expand(constant(value, dtype), extents);
  return tf.engine().makeTensorFromTensorInfo(backend.adopt(array));
}

/** Numbers of extents. @throws {TypeError} naming the one that is none */
export function extentsOf(what: string, shape: readonly Extent[]): number[] {
  return shape.map((extent, axis) => {
    if (typeof extent === "number" && Number.isInteger(extent) && extent >= 0) return extent;
    if (extent instanceof tf.Tensor && extent.size === 1) return numberIn(extent);
    const hint = extent === null
      ? "; it is not known while the function is recorded: use shape(x)"
      : "";
    throw new TypeError(
      `${what}: extent ${axis} is ${extent}, expected a whole number of at least 0 or a scalar tensor${hint}`,
    );
  });
}

function numberIn(scalar: tf.Tensor): number {
  const backend = activeBackend();
  return backend?.trace ? backend.trace.extent(backend.array(scalar)) : scalar.dataSync()[0];
}
