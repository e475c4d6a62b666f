/**
 * All ops on lazy arrays, one file a family.
 * @module
 */
export * from "./activation.ts";
export * from "./average_pooling.ts";
export * from "./binary_cross_entropy.ts";
export {
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  type WindowOptions,
} from "./convolution.ts";
export { conv, convFilterGradient, convInputGradient, type ConvOptions } from "./convolution_nd.ts";
export * from "./elementwise.ts";
export * from "./embedding.ts";
export * from "./indexing.ts";
export { matmul } from "./linear_algebra.ts";
export * from "./movement.ts";
export * from "./normalization.ts";
export {
  MAX_POOL,
  maxPool,
  maxPool2d,
  maxPool2dGradient,
  maxPoolGradient,
  type PoolOptions,
  UNPOOL,
} from "./pooling.ts";
export * from "./random.ts";
export * from "./reduction.ts";
