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
export * from "./cumulative.ts";
export * from "./diagonals.ts";
export * from "./elementwise.ts";
export * from "./fused_arithmetic.ts";
export * from "./indexing.ts";
export * from "./joining.ts";
export * from "./linear_algebra.ts";
export * from "./movement.ts";
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
export * from "./statistics.ts";
export * from "./trigonometry.ts";
export { promoteTypes, resultType } from "./type_promotion.ts";
