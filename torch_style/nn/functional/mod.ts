/**
 * The functions behind the modules. Follows https://docs.pytorch.org/docs/stable/nn.functional.html
 * @module
 */
import "../../ops/mod.ts";

export * from "./activation.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptivePooling,
  type OutputSize,
} from "./adaptive_pooling.ts";
export { type AffineOptions } from "./affine.ts";
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPooling,
  type AvgPoolOptions,
} from "./average_pooling.ts";
export * from "./batch_norm.ts";
export * from "./binary_loss.ts";
export { conv1d, conv2d, conv3d, type Convolution, type ConvOptions } from "./convolution.ts";
export * from "./cross_entropy.ts";
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from "./dropout.ts";
export { type InPlaceOption } from "./in_place.ts";
export { embedding, type EmbeddingOptions, oneHot } from "./embedding.ts";
export { linear } from "./linear.ts";
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
export {
  type CosineOptions,
  cosineSimilarity,
  pairwiseDistance,
  type PairwiseOptions,
  pdist,
} from "./similarity.ts";
export {
  cosineEmbeddingLoss,
  type Distance,
  hingeEmbeddingLoss,
  type MarginOption,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  type MultilabelSoftOptions,
  multiMarginLoss,
  type MultiMarginOptions,
  softMarginLoss,
  type TripletDistanceOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  type TripletOptions,
} from "./margin_loss.ts";
export {
  gaussianNllLoss,
  type GaussianNllOptions,
  linearCrossEntropy,
  type LinearCrossEntropyOptions,
  poissonNllLoss,
  type PoissonNllOptions,
} from "./likelihood_loss.ts";
export { ctcLoss, type CtcOptions, type Lengths } from "./ctc_loss.ts";
export * from "./pixel_shuffle.ts";
export { type BlockOptions, fold, unfold } from "./sliding_blocks.ts";
export {
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dWithIndices,
  maxPool1dWithIndices,
  maxPool2dWithIndices,
  maxPool3dWithIndices,
  type MaxPoolingWithIndices,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type MaxUnpooling,
  type UnpoolOptions,
  type WithIndices,
} from "./max_pooling_with_indices.ts";
export {
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
  type FractionalPooling,
  type FractionalPoolingWithIndices,
  type FractionalPoolOptions,
} from "./fractional_pooling.ts";
export {
  localResponseNorm,
  type LocalResponseOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LPPooling,
  type LPPoolOptions,
} from "./power_pooling.ts";
export {
  interpolate,
  type InterpolateOptions,
  type InterpolationMode,
  type Sizes,
} from "./resampling.ts";
export * from "./grid_sample.ts";
export { type BagMode, bilinear, embeddingBag, type EmbeddingBagOptions } from "./embedding_bag.ts";
export * from "./in_place_activations.ts";
