/**
 * In which element type a layer is called. Source: Layer.__call__ in keras/src/layers/layer.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ElementType, isFloatType } from "../dtype_policies/dtype_policy.ts";
import { castFloat, type FloatType, withFloatType } from "../engine/mod.ts";
import { maskOf, setMask } from "./masks.ts";
import { mapNested } from "./nested.ts";

/** What is asked of a layer about its precision. */
export interface Precision {
  readonly computeDtype: ElementType;
  /** Whether inputs and weights are cast to what the layer computes in. */
  readonly autocasts: boolean;
  /** Whether it computes in float32 and casts its result. */
  readonly isFloat32Inside: boolean;
}

/** Runs a layer's call on arguments of its compute dtype. What holds integers stays as it is. */
export function inPrecision<Options extends object>(
  { computeDtype, autocasts, isFloat32Inside }: Precision,
  args: readonly unknown[],
  options: Options,
  call: (args: readonly unknown[], options: Options) => unknown,
): unknown {
  if (!isFloatType(computeDtype)) return withFloatType("float32", () => call(args, options));
  const given = autocasts ? castAll([args, options], computeDtype) : [args, options];
  const [own, named] = isFloat32Inside ? castAll(given, "float32") : given;
  const type = autocasts && !isFloat32Inside ? computeDtype : "float32";
  const result = withFloatType(type, () => call(own as unknown[], named as Options));
  return isFloat32Inside ? castAll(result, computeDtype) : result;
}

function castAll<T>(nested: T, type: FloatType): T {
  return mapNested(nested, (leaf) => leaf instanceof tf.Tensor ? cast(leaf, type) : leaf) as T;
}

/** The mask of what is cast goes with it. */
function cast(x: tf.Tensor, type: FloatType): tf.Tensor {
  const result = castFloat(x, type);
  const mask = maskOf(x);
  if (result !== x && mask) setMask(result, mask);
  return result;
}
