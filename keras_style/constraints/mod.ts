/** Constraints: what weights are kept to. @module */
import * as constraint from "./constraint.ts";
import { kerasClass } from "../keras_class.ts";
import { CONSTRAINTS } from "../positional_names.ts";

export * from "./constraint.ts";
export * from "./get.ts";

export const MaxNorm = kerasClass(constraint.MaxNorm, CONSTRAINTS.MaxNorm);
export type MaxNorm = constraint.MaxNorm;
export const NonNeg = kerasClass(constraint.NonNeg);
export type NonNeg = constraint.NonNeg;
export const UnitNorm = kerasClass(constraint.UnitNorm, CONSTRAINTS.UnitNorm);
export type UnitNorm = constraint.UnitNorm;
export const MinMaxNorm = kerasClass(constraint.MinMaxNorm, CONSTRAINTS.MinMaxNorm);
export type MinMaxNorm = constraint.MinMaxNorm;

// Keras' other names of the same classes.
export { MaxNorm as maxNorm, MinMaxNorm as minMaxNorm, NonNeg as nonNeg, UnitNorm as unitNorm };
