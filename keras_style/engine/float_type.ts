/**
 * Which of float32, float16 and bfloat16 values are of, and how they become another. Within a scope of a short type variables are
 * cast where they are read, as in Keras' AutocastScope (keras/src/backend/common/variables.py).
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  fromHost,
  HOST_LIMIT,
  isFloating,
  isShortFloat,
  type LazyArray,
  ops,
} from "../../onnx/mod.ts";
import { type FloatType, floatType } from "./float_scope.ts";
import { activeBackend } from "./onnxruntime_backend.ts";

/** The element type that a tensor's values are in; for integers and booleans its dtype. */
export function elementType(tensor: tf.Tensor): string {
  return tensor.dtype === "float32" ? activeBackend()?.dtypeOf(tensor) ?? "float32" : tensor.dtype;
}

/**
 * Computes something in a type, so that a device that lacks it says so before hours of work.
 *
 * @throws {OnnxRuntimeError} if the device has no such type
 */
export async function proveFloatType(type: FloatType): Promise<void> {
  const backend = activeBackend();
  // The CPU has all of them; so little that it is no matter of a device is computed in JavaScript.
  if (!backend || type === "float32" || backend.runtime.provider === "cpu") return;
  const long = HOST_LIMIT + 1;
  const x = ops.cast(fromHost(new Float32Array(long).fill(1), [long]), type);
  await backend.runtime.evaluate([ops.add(x, x)]);
}

/** A number that no logit comes near, and that its type holds. */
export function large(logits: tf.Tensor): number {
  return elementType(logits) === "float16" ? 3e4 : 1e9;
}

const CAST = "CastFloat";

interface CastAttributes {
  readonly from: FloatType;
  readonly to: FloatType;
}

/**
 * The same values in another floating point type; gradients go back in the one from before. What holds none stays as it is.
 *
 * @throws {Error} if another engine computes, which has float32 alone
 */
export function castFloat<T extends tf.Tensor>(x: T, to: FloatType): T {
  if (x.dtype !== "float32") return x;
  const from = elementType(x) as FloatType;
  if (from === to) return x;
  if (!activeBackend()) {
    throw new Error(
      `the engine "${tf.getBackend()}" has no ${to}, expected float32, or the engine "onnxruntime" ` +
        `for mixed precision`,
    );
  }
  const attributes: CastAttributes = { from, to };
  return tf.engine().runKernel(CAST, { x }, attributes as unknown as tf.NamedAttrMap) as T;
}

/** A value in the element type of the variable that is to have it, where that is another one. */
export function fitting(variable: tf.Variable, value: tf.Tensor): tf.Tensor | undefined {
  const backend = value.dtype === "float32" ? activeBackend() : undefined;
  const own = backend?.dtypeOf(variable);
  if (!backend || !own || backend.dtypeOf(value) === own) return undefined;
  const array = ops.cast(backend.array(value), own);
  return tf.engine().makeTensorFromTensorInfo(backend.adopt(array), backend);
}

/** Registers the cast, and has variables cast where kernels read them within a scope. */
export function registerFloatTypes(
  define: (name: string, rule: (x: LazyArray, to: FloatType) => LazyArray) => void,
): void {
  define(CAST, (x, to) => ops.cast(x, to));
  tf.registerGradient({
    kernelName: CAST,
    gradFunc: (dy, _saved, attributes) => {
      const { from } = attributes as unknown as CastAttributes;
      return { x: () => castFloat(dy as tf.Tensor, from) };
    },
  });
  const engine = tf.engine();
  const { runKernel } = engine;
  engine.runKernel = function <T extends tf.Tensor | tf.Tensor[]>(
    name: string,
    inputs: tf.NamedTensorMap,
    attributes?: tf.NamedAttrMap,
  ): T {
    const read = floatType() === "float32" || name === CAST ? inputs : autocast(inputs);
    return runKernel.call(engine, name, read, attributes) as T;
  };
}

/** Kernels of any number of inputs are given a list. */
function autocast(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
  const read = (x: tf.Tensor) =>
    x instanceof tf.Variable ? castFloat(x as tf.Tensor, floatType()) : x;
  if (Array.isArray(inputs)) return inputs.map(read) as unknown as tf.NamedTensorMap;
  return Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, read(x)]));
}

/** A kernel's input: scalars of the host and what was made of integers take the type of the others, as Keras' promotion has it. */
function isWeak(array: LazyArray): boolean {
  if (array.shape.length === 0 && array.isOnHost && !array.isResult) return true;
  return array.node?.op.name === "Cast" && !isFloating(array.node.inputs[0].dtype);
}

/**
 * A kernel's inputs in one floating point type: the widest of those that say which they are of; of float16 and bfloat16, neither of
 * which holds the other's values, float32.
 */
export function inOneFloatType(arrays: readonly LazyArray[], isVariable: boolean[]): LazyArray[] {
  const floats = arrays.filter(({ dtype }) => isFloating(dtype));
  if (!floats.some(({ dtype }) => isShortFloat(dtype))) return [...arrays];
  const strong = arrays.filter((array, i) =>
    isFloating(array.dtype) && (isVariable[i] || !isWeak(array))
  );
  const types = new Set((strong.length > 0 ? strong : floats).map(({ dtype }) => dtype));
  const [only] = types;
  const to = types.size === 1 ? only : types.has("float64") ? "float64" : "float32";
  return arrays.map((array) => isFloating(array.dtype) ? ops.cast(array, to) : array);
}
