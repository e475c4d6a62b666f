/**
 * All ops on lazy arrays, one file a family.
 * @module
 */
export * from "./convolution.ts";
export * from "./elementwise.ts";
export * from "./indexing.ts";
export * from "./linear_algebra.ts";
export * from "./movement.ts";
export * from "./pooling.ts";
export * from "./random.ts";
export * from "./reduction.ts";
