/** Regularizers: what weights and outputs add to the loss. @module */
import * as regularizer from "./regularizer.ts";
import { kerasClass } from "../keras_class.ts";
import { REGULARIZERS } from "../positional_names.ts";

export * from "./get.ts";
export * from "./regularizer.ts";

export const L1 = kerasClass(regularizer.L1, REGULARIZERS.L1);
export type L1 = regularizer.L1;
export const L2 = kerasClass(regularizer.L2, REGULARIZERS.L2);
export type L2 = regularizer.L2;
export const L1L2 = kerasClass(regularizer.L1L2, REGULARIZERS.L1L2);
export type L1L2 = regularizer.L1L2;
export const OrthogonalRegularizer = kerasClass(
  regularizer.OrthogonalRegularizer,
  REGULARIZERS.OrthogonalRegularizer,
);
export type OrthogonalRegularizer = regularizer.OrthogonalRegularizer;

// Keras' other names of the same classes.
export { L1 as l1, L1L2 as l1L2, L2 as l2, OrthogonalRegularizer as orthogonalRegularizer };
