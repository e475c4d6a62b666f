/**
 * All ops on lazy arrays, one file a family.
 * @module
 */
export * from "./activation.ts";
export * from "./arithmetic.ts";
export * from "./average_pooling.ts";
export * from "./binary_cross_entropy.ts";
export * from "./bitwise.ts";
export { expand, type ReductionOptions, RESHAPE, reshape, sum, sumTo } from "./broadcast.ts";
export * from "./comparison.ts";
export { conv, convFilterGradient, convInputGradient, type ConvOptions } from "./convolution.ts";
export * from "./coordinates.ts";
export * from "./cumulative.ts";
export * from "./division.ts";
export * from "./embedding.ts";
export * from "./exponential.ts";
export { withinRange } from "./index_range.ts";
export * from "./indexing.ts";
export { einsum, fourier, matmul } from "./linear_algebra.ts";
export {
  concat,
  dilate,
  inversePermutation,
  pad,
  slice,
  tile,
  TRANSPOSE,
  transpose,
} from "./movement.ts";
export {
  batchNormalization,
  standardize,
  type Standardized,
  variance,
  type VarianceOptions,
} from "./normalization.ts";
export {
  MAX_POOL,
  maxPool,
  maxPoolGradient,
  maxPoolIndices,
  type PoolOptions,
  UNPOOL,
} from "./pooling.ts";
export { uniformAt } from "./index_hash.ts";
export * from "./random.ts";
export {
  argMax,
  argMin,
  type ArgOptions,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  prod,
  softmax,
} from "./reduction.ts";
export { cast, ceil, copy, round, trunc } from "./rounding.ts";
export * from "./scattering.ts";
export * from "./sorting.ts";
export * from "./trigonometry.ts";
export { windowCount, windowSpan } from "./window.ts";
