/**
 * Which weight is kept to which constraint: optimizers ask after every update.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Constraint } from "./constraint.ts";

const constraints = new WeakMap<tf.Variable, Constraint>();

/** From now on optimizers keep a weight to a constraint. */
export function setConstraint(weight: tf.Variable, constraint: Constraint): void {
  constraints.set(weight, constraint);
}

/** Makes a weight what its constraint asks for, if it has one. */
export function constrain(weight: tf.Variable): void {
  const constraint = constraints.get(weight);
  if (constraint) weight.assign(constraint(weight));
}
