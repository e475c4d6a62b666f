/**
 * Weights: variables that belong to layers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import * as constraints from "../constraints/mod.ts";
import { setConstraint } from "../constraints/weight_constraints.ts";
import { asTensorType, type ElementType, isFloatType } from "../dtype_policies/dtype_policy.ts";
import { castFloat, withFloatType } from "../engine/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { freeVariableName } from "../naming.ts";
import type { Regularizer } from "../regularizers/mod.ts";
import * as regularizers from "../regularizers/mod.ts";

/** A variable with what Keras hangs on it. */
export interface Weight extends tf.Variable {
  /** What it adds to the loss. */
  regularizer?: Regularizer | null;
}

/** Options of {@linkcode Layer.addWeight}. */
export interface WeightOptions {
  /** A name within the layer, such as "kernel". */
  readonly name?: string;
  /** Dimensions; a scalar unless given. */
  readonly shape?: readonly number[];
  /** float32 unless given. */
  readonly dtype?: ElementType;
  /** "glorotUniform" unless given; "zeros" where the weight holds no float32 values. */
  readonly initializer?: initializers.InitializerIdentifier;
  /** Whether training changes it; true unless given. */
  readonly trainable?: boolean;
  readonly regularizer?: regularizers.RegularizerIdentifier;
  readonly constraint?: constraints.ConstraintIdentifier;
}

/** What replaces initializers where weights are to be filled from a file. */
export type WeightGuard = (shape: readonly number[]) => void;

let guard: WeightGuard | undefined;

/** Runs something in which all weights begin as zeros, and each is announced before it is made. */
export function withZeroWeights<T>(announce: WeightGuard, run: () => T): T {
  const before = guard;
  guard = announce;
  try {
    return run();
  } finally {
    guard = before;
  }
}

/** Most values of a weight: what an array of JavaScript can have. */
const MOST_VALUES = 2 ** 32;

/** Makes a weight. @param layerName becomes a part of its name, which is unique in TensorFlow.js */
export function makeWeight(layerName: string, options: WeightOptions): Weight {
  const { name = "variable", shape = [], trainable = true } = options;
  const type = options.dtype ?? "float32";
  const dtype = asTensorType(type);
  const where = `${layerName}: the weight "${name}"`;
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new RangeError(
      `${where} has shape [${shape.map(String).join(", ")}], expected integers of at least 0`,
    );
  }
  if (tf.util.sizeFromShape([...shape]) > MOST_VALUES) {
    throw new RangeError(`${where} has shape [${shape.join(", ")}], which no memory holds`);
  }
  guard?.(shape);
  const initializer = options.initializer ?? (dtype === "float32" ? "glorotUniform" : "zeros");
  const made = withFloatType("float32", () =>
    tf.tidy(() => {
      const values = guard
        ? tf.zeros([...shape], dtype)
        : initializers.get(initializer, `${where}: initializer`)(shape, dtype);
      const own = isFloatType(type) ? castFloat(values, type) : values;
      return tf.variable(own, trainable, freeVariableName(`${layerName}/${name}`));
    })) as Weight;
  made.regularizer = regularizers.get(options.regularizer, `${where}: regularizer`);
  const constraint = constraints.get(options.constraint, `${where}: constraint`);
  if (constraint) setConstraint(made, constraint);
  return made;
}
