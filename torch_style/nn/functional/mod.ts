/**
 * The functions behind the modules. Follows https://docs.pytorch.org/docs/stable/nn.functional.html
 * @module
 */
import "../../ops/mod.ts";

export * from "./activation.ts";
export * from "./attention.ts";
export * from "./adaptive_pooling.ts";
export { type AffineOptions } from "./affine.ts";
export * from "./average_pooling.ts";
export * from "./batch_norm.ts";
export * from "./binary_loss.ts";
export { conv1d, conv2d, conv3d, type Convolution, type ConvOptions } from "./convolution.ts";
export * from "./cross_entropy.ts";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d } from "./dropout.ts";
export { type InPlaceOption } from "./in_place.ts";
export * from "./embedding.ts";
export * from "./linear.ts";
export {
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPooling,
  type PoolOptions,
} from "./max_pooling.ts";
export * from "./multi_head_attention.ts";
export * from "./normalization.ts";
export * from "./padding.ts";
export { type Reduction, type ReductionOption } from "./reduction.ts";
export * from "./regression_loss.ts";
export * from "./smooth_activation.ts";
export * from "./softmax.ts";
export * from "./transposed_convolution.ts";
export { type Pair, type Single, type Triple, type WindowSize } from "./window.ts";
