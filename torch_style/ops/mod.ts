/**
 * All functions of tensors, one file a family. Importing this gives tensors their methods.
 * @module
 */
import "../autograd/backward.ts";
import "./in_place.ts";
import "./in_place_variants.ts";

export * from "./aliases.ts";
export * from "./arranging.ts";
export * from "./bitwise.ts";
export * from "./comparison.ts";
export * from "./conversion.ts";
export * from "./cumulative.ts";
export * from "./diagonals.ts";
export * from "./elementwise.ts";
export * from "./extremes.ts";
export * from "./fused_arithmetic.ts";
export * from "./histogram.ts";
export * from "./index_add.ts";
export * from "./in_place_functions.ts";
export * from "./indexing.ts";
export * from "./joining.ts";
export * from "./linear_algebra.ts";
export * from "./movement.ts";
export * from "./norm.ts";
export * from "./order_statistics.ts";
export * from "./powers_and_logarithms.ts";
export * from "./predicates.ts";
export * from "./products.ts";
export * from "./reduction.ts";
export * from "./rounding.ts";
export * from "./sampling.ts";
export * from "./scattering.ts";
export * from "./sorting.ts";
export * from "./special_functions.ts";
export * from "./splitting.ts";
export * from "./stacking.ts";
export * from "./statistics.ts";
export * from "./trigonometry.ts";
export * from "./unique.ts";
export { promoteTypes, resultType } from "./type_promotion.ts";
