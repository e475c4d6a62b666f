/**
 * Constraints by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type BothSpellings, Registry, type SavedObject } from "../registry.ts";
import { Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from "./constraint.ts";

/** Names of constraints. */
export type ConstraintName = BothSpellings<"maxNorm" | "minMaxNorm" | "nonNeg" | "unitNorm">;

/** A function that does what a constraint does. */
export type ConstraintFunction = (weight: tf.Tensor) => tf.Tensor;

/** A constraint, its name, a function, or what {@linkcode serialize} gave; null for none. */
export type ConstraintIdentifier =
  | Constraint
  | ConstraintName
  | ConstraintFunction
  | SavedObject
  | null;

const registry = new Registry<Constraint>("constraint", Constraint, {
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  UnitNorm,
}, { nonNegative: "NonNeg" });

/** A function of the user's as a constraint. */
class FunctionConstraint extends Constraint {
  constructor(readonly run: ConstraintFunction) {
    super();
  }

  override call(weight: tf.Tensor): tf.Tensor {
    return this.run(weight);
  }

  override getConfig(): Record<string, unknown> {
    return {};
  }
}

/**
 * The constraint that is meant; null for none.
 *
 * @param option where it stands, for errors: "Dense: kernelConstraint"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function get(
  identifier: ConstraintIdentifier | undefined,
  option: string = "constraint",
): Constraint | null {
  if (identifier === undefined || identifier === null) return null;
  const found = registry.resolve(identifier, option);
  if (found) return found;
  if (typeof identifier === "function") {
    return new FunctionConstraint(identifier as ConstraintFunction);
  }
  throw registry.unknown(option, identifier);
}

/** Class and configuration of a constraint. */
export function serialize(constraint: Constraint): SavedObject {
  return registry.serialize(constraint);
}

/** A constraint as it was saved. */
export function deserialize(saved: SavedObject): Constraint {
  return registry.deserialize(saved);
}
