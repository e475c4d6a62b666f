/**
 * Which weight is kept to which constraint: optimizers ask after every update.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Constraint } from "./constraint.ts";

const constraints = new WeakMap<tf.Variable, Constraint>();

/** The constraint of a weight; undefined where it has none. */
export function constraintOf(weight: tf.Variable): Constraint | undefined {
  return constraints.get(weight);
}

/** From now on optimizers keep a weight to a constraint. */
export function setConstraint(weight: tf.Variable, constraint: Constraint): void {
  constraints.set(weight, constraint);
}
