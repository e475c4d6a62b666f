/**
 * All functions of tensors, one file a family. Importing this gives tensors their methods.
 * @module
 */
import "./in_place.ts";

export * from "./comparison.ts";
export * from "./elementwise.ts";
export * from "./indexing.ts";
export * from "./joining.ts";
export * from "./linear_algebra.ts";
export * from "./movement.ts";
export * from "./reduction.ts";
export { promoteTypes, resultType } from "./type_promotion.ts";
