/**
 * Keras' layers over TensorFlow.js' kernels: classes whose objects are called like functions; `new` may be left out. They
 * take options named as in https://keras.io/api/layers/ but camelCase; the first four may stand by position, in Keras'
 * order: `Conv2D(32, 3, { activation: "relu" })`.
 * @module
 */
import * as dense from "./dense.ts";
import * as activationLayers from "./activation_layers.ts";
import * as embedding from "./embedding.ts";
import * as masking from "./masking.ts";
import * as conv from "./conv.ts";
import * as convTranspose from "./conv_transpose.ts";
import * as depthwiseConv from "./depthwise_conv.ts";
import * as pooling from "./pooling.ts";
import * as globalPooling from "./global_pooling.ts";
import * as reshaping from "./reshaping.ts";
import * as edges from "./edges.ts";
import * as upSampling from "./up_sampling.ts";
import * as imageLayers from "./image_layers.ts";
import * as batchNormalization from "./batch_normalization.ts";
import * as layerNormalization from "./layer_normalization.ts";
import * as attention from "./attention.ts";
import * as multiHeadAttention from "./multi_head_attention.ts";
import * as einsumDense from "./einsum_dense.ts";
import * as groupNormalization from "./group_normalization.ts";
import * as randomGeometry from "./random_geometry.ts";
import * as randomColor from "./random_color.ts";
import * as preprocessing from "./preprocessing.ts";
import * as lambda from "./lambda.ts";
import * as adaptivePooling from "./adaptive_pooling.ts";
import * as pipeline from "./pipeline.ts";
import * as randomHue from "./random_hue.ts";
import * as randomMixing from "./random_mixing.ts";
import * as equalization from "./equalization.ts";
import * as integerLookup from "./integer_lookup.ts";
import * as randomPolicies from "./random_policies.ts";
import * as randomWarp from "./random_warp.ts";
import * as dropout from "./dropout.ts";
import * as noise from "./noise.ts";
import * as merging from "./merging.ts";
import * as rnnCell from "./rnn_cell.ts";
import * as gatedCells from "./gated_cells.ts";
import * as rnn from "./rnn.ts";
import * as convLstm from "./conv_lstm.ts";
import * as wrappers from "./wrappers.ts";
import {
  Input as makeInput,
  InputLayer as InputLayerClass,
  type InputOptions,
} from "./input_layer.ts";
import { Layer as LayerClass } from "./layer.ts";
import { registerLayers } from "./layer_registry.ts";
import { kerasClass } from "../keras_class.ts";
import { LAYERS } from "../positional_names.ts";

export { KerasTensor } from "./keras_tensor.ts";
export { Cell } from "./rnn_cell.ts";
export {
  type CallOptions,
  Layer,
  type LayerOptions,
  type SymbolicInputs,
  type TensorInputs,
} from "./layer.ts";
export { InputSpec, type InputSpecOptions } from "./input_spec.ts";
export type { Weight, WeightOptions } from "./weight.ts";
export { add, average, concatenate, dot, maximum, minimum, multiply, subtract } from "./merging.ts";
export type { InputOptions };
export type { DenseOptions } from "./dense.ts";
export type {
  ActivationLayerOptions,
  ELUOptions,
  LeakyReLUOptions,
  PReLUOptions,
  ReLUOptions,
  SoftmaxOptions,
} from "./activation_layers.ts";
export type { MaskingOptions } from "./masking.ts";
export type { Conv1DOptions, ConvOptions } from "./conv.ts";
export type { ConvTransposeOptions } from "./conv_transpose.ts";
export type { DepthwiseConvOptions, SeparableConvOptions } from "./depthwise_conv.ts";
export type { PoolingOptions } from "./pooling.ts";
export type { GlobalPoolingOptions } from "./global_pooling.ts";
export type {
  FlattenOptions,
  PermuteOptions,
  RepeatVectorOptions,
  ReshapeOptions,
} from "./reshaping.ts";
export type { CroppingOptions, EdgeSizes, ZeroPaddingOptions } from "./edges.ts";
export type { UpSampling2DOptions, UpSamplingOptions } from "./up_sampling.ts";
export type { BatchNormalizationOptions } from "./batch_normalization.ts";
export type { LayerNormalizationOptions } from "./layer_normalization.ts";
export type { EinsumDenseOptions } from "./einsum_dense.ts";
export type {
  GroupNormalizationOptions,
  RMSNormalizationOptions,
  SpectralNormalizationOptions,
  UnitNormalizationOptions,
} from "./group_normalization.ts";
export type { ActivityRegularizationOptions, LambdaOptions } from "./lambda.ts";
export type { AdaptivePoolingOptions } from "./adaptive_pooling.ts";
export type { DropoutOptions, SpatialDropoutNDOptions, SpatialDropoutOptions } from "./dropout.ts";
export type { AlphaDropoutOptions, GaussianDropoutOptions, GaussianNoiseOptions } from "./noise.ts";
export type { ConcatenateOptions, DotOptions } from "./merging.ts";

export * from "./data_layers.ts";
export * from "./sequence_layers.ts";

export const Input = makeInput;
export const InputLayer = kerasClass(InputLayerClass, LAYERS.InputLayer);
export type InputLayer = InputLayerClass;

export const Dense = kerasClass(dense.Dense, LAYERS.Dense);
export type Dense = dense.Dense;
export const Activation = kerasClass(activationLayers.Activation, LAYERS.Activation);
export type Activation = activationLayers.Activation;
export const ELU = kerasClass(activationLayers.ELU, LAYERS.ELU);
export type ELU = activationLayers.ELU;
export const LeakyReLU = kerasClass(activationLayers.LeakyReLU, LAYERS.LeakyReLU);
export type LeakyReLU = activationLayers.LeakyReLU;
export const PReLU = kerasClass(activationLayers.PReLU, LAYERS.PReLU);
export type PReLU = activationLayers.PReLU;
export const ReLU = kerasClass(activationLayers.ReLU, LAYERS.ReLU);
export type ReLU = activationLayers.ReLU;
export const Softmax = kerasClass(activationLayers.Softmax, LAYERS.Softmax);
export type Softmax = activationLayers.Softmax;
export const Identity = kerasClass(masking.Identity);
export type Identity = masking.Identity;
export const Masking = kerasClass(masking.Masking, LAYERS.Masking);
export type Masking = masking.Masking;
export const Conv1D = kerasClass(conv.Conv1D, LAYERS.Conv1D);
export type Conv1D = conv.Conv1D;
export const Conv2D = kerasClass(conv.Conv2D, LAYERS.Conv2D);
export type Conv2D = conv.Conv2D;
export const Conv3D = kerasClass(conv.Conv3D, LAYERS.Conv3D);
export type Conv3D = conv.Conv3D;
export const Conv1DTranspose = kerasClass(convTranspose.Conv1DTranspose, LAYERS.Conv1DTranspose);
export type Conv1DTranspose = convTranspose.Conv1DTranspose;
export const Conv2DTranspose = kerasClass(convTranspose.Conv2DTranspose, LAYERS.Conv2DTranspose);
export type Conv2DTranspose = convTranspose.Conv2DTranspose;
export const Conv3DTranspose = kerasClass(convTranspose.Conv3DTranspose, LAYERS.Conv3DTranspose);
export type Conv3DTranspose = convTranspose.Conv3DTranspose;
export const DepthwiseConv1D = kerasClass(depthwiseConv.DepthwiseConv1D, LAYERS.DepthwiseConv1D);
export type DepthwiseConv1D = depthwiseConv.DepthwiseConv1D;
export const DepthwiseConv2D = kerasClass(depthwiseConv.DepthwiseConv2D, LAYERS.DepthwiseConv2D);
export type DepthwiseConv2D = depthwiseConv.DepthwiseConv2D;
export const SeparableConv1D = kerasClass(depthwiseConv.SeparableConv1D, LAYERS.SeparableConv1D);
export type SeparableConv1D = depthwiseConv.SeparableConv1D;
export const SeparableConv2D = kerasClass(depthwiseConv.SeparableConv2D, LAYERS.SeparableConv2D);
export type SeparableConv2D = depthwiseConv.SeparableConv2D;
export const AveragePooling1D = kerasClass(pooling.AveragePooling1D, LAYERS.AveragePooling1D);
export type AveragePooling1D = pooling.AveragePooling1D;
export const AveragePooling2D = kerasClass(pooling.AveragePooling2D, LAYERS.AveragePooling2D);
export type AveragePooling2D = pooling.AveragePooling2D;
export const AveragePooling3D = kerasClass(pooling.AveragePooling3D, LAYERS.AveragePooling3D);
export type AveragePooling3D = pooling.AveragePooling3D;
export const MaxPooling1D = kerasClass(pooling.MaxPooling1D, LAYERS.MaxPooling1D);
export type MaxPooling1D = pooling.MaxPooling1D;
export const MaxPooling2D = kerasClass(pooling.MaxPooling2D, LAYERS.MaxPooling2D);
export type MaxPooling2D = pooling.MaxPooling2D;
export const MaxPooling3D = kerasClass(pooling.MaxPooling3D, LAYERS.MaxPooling3D);
export type MaxPooling3D = pooling.MaxPooling3D;
export const GlobalAveragePooling1D = kerasClass(
  globalPooling.GlobalAveragePooling1D,
  LAYERS.GlobalAveragePooling1D,
);
export type GlobalAveragePooling1D = globalPooling.GlobalAveragePooling1D;
export const GlobalAveragePooling2D = kerasClass(
  globalPooling.GlobalAveragePooling2D,
  LAYERS.GlobalAveragePooling2D,
);
export type GlobalAveragePooling2D = globalPooling.GlobalAveragePooling2D;
export const GlobalAveragePooling3D = kerasClass(
  globalPooling.GlobalAveragePooling3D,
  LAYERS.GlobalAveragePooling3D,
);
export type GlobalAveragePooling3D = globalPooling.GlobalAveragePooling3D;
export const GlobalMaxPooling1D = kerasClass(
  globalPooling.GlobalMaxPooling1D,
  LAYERS.GlobalMaxPooling1D,
);
export type GlobalMaxPooling1D = globalPooling.GlobalMaxPooling1D;
export const GlobalMaxPooling2D = kerasClass(
  globalPooling.GlobalMaxPooling2D,
  LAYERS.GlobalMaxPooling2D,
);
export type GlobalMaxPooling2D = globalPooling.GlobalMaxPooling2D;
export const GlobalMaxPooling3D = kerasClass(
  globalPooling.GlobalMaxPooling3D,
  LAYERS.GlobalMaxPooling3D,
);
export type GlobalMaxPooling3D = globalPooling.GlobalMaxPooling3D;
export const Flatten = kerasClass(reshaping.Flatten, LAYERS.Flatten);
export type Flatten = reshaping.Flatten;
export const Permute = kerasClass(reshaping.Permute, LAYERS.Permute);
export type Permute = reshaping.Permute;
export const RepeatVector = kerasClass(reshaping.RepeatVector, LAYERS.RepeatVector);
export type RepeatVector = reshaping.RepeatVector;
export const Reshape = kerasClass(reshaping.Reshape, LAYERS.Reshape);
export type Reshape = reshaping.Reshape;
export const Cropping1D = kerasClass(edges.Cropping1D, LAYERS.Cropping1D);
export type Cropping1D = edges.Cropping1D;
export const Cropping2D = kerasClass(edges.Cropping2D, LAYERS.Cropping2D);
export type Cropping2D = edges.Cropping2D;
export const Cropping3D = kerasClass(edges.Cropping3D, LAYERS.Cropping3D);
export type Cropping3D = edges.Cropping3D;
export const ZeroPadding1D = kerasClass(edges.ZeroPadding1D, LAYERS.ZeroPadding1D);
export type ZeroPadding1D = edges.ZeroPadding1D;
export const ZeroPadding2D = kerasClass(edges.ZeroPadding2D, LAYERS.ZeroPadding2D);
export type ZeroPadding2D = edges.ZeroPadding2D;
export const ZeroPadding3D = kerasClass(edges.ZeroPadding3D, LAYERS.ZeroPadding3D);
export type ZeroPadding3D = edges.ZeroPadding3D;
export const UpSampling1D = kerasClass(upSampling.UpSampling1D, LAYERS.UpSampling1D);
export type UpSampling1D = upSampling.UpSampling1D;
export const UpSampling2D = kerasClass(upSampling.UpSampling2D, LAYERS.UpSampling2D);
export type UpSampling2D = upSampling.UpSampling2D;
export const UpSampling3D = kerasClass(upSampling.UpSampling3D, LAYERS.UpSampling3D);
export type UpSampling3D = upSampling.UpSampling3D;
export const BatchNormalization = kerasClass(
  batchNormalization.BatchNormalization,
  LAYERS.BatchNormalization,
);
export type BatchNormalization = batchNormalization.BatchNormalization;
export const LayerNormalization = kerasClass(
  layerNormalization.LayerNormalization,
  LAYERS.LayerNormalization,
);
export type LayerNormalization = layerNormalization.LayerNormalization;
export const EinsumDense = kerasClass(einsumDense.EinsumDense, LAYERS.EinsumDense);
export type EinsumDense = einsumDense.EinsumDense;
export const GroupNormalization = kerasClass(
  groupNormalization.GroupNormalization,
  LAYERS.GroupNormalization,
);
export type GroupNormalization = groupNormalization.GroupNormalization;
export const RMSNormalization = kerasClass(
  groupNormalization.RMSNormalization,
  LAYERS.RMSNormalization,
);
export type RMSNormalization = groupNormalization.RMSNormalization;
export const UnitNormalization = kerasClass(
  groupNormalization.UnitNormalization,
  LAYERS.UnitNormalization,
);
export type UnitNormalization = groupNormalization.UnitNormalization;
export const SpectralNormalization = kerasClass(
  groupNormalization.SpectralNormalization,
  LAYERS.SpectralNormalization,
);
export type SpectralNormalization = groupNormalization.SpectralNormalization;
export const Lambda = kerasClass(lambda.Lambda, LAYERS.Lambda);
export type Lambda = lambda.Lambda;
export const ActivityRegularization = kerasClass(
  lambda.ActivityRegularization,
  LAYERS.ActivityRegularization,
);
export type ActivityRegularization = lambda.ActivityRegularization;
export const AdaptiveAveragePooling1D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling1D,
  LAYERS.AdaptiveAveragePooling1D,
);
export type AdaptiveAveragePooling1D = adaptivePooling.AdaptiveAveragePooling1D;
export const AdaptiveAveragePooling2D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling2D,
  LAYERS.AdaptiveAveragePooling2D,
);
export type AdaptiveAveragePooling2D = adaptivePooling.AdaptiveAveragePooling2D;
export const AdaptiveAveragePooling3D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling3D,
  LAYERS.AdaptiveAveragePooling3D,
);
export type AdaptiveAveragePooling3D = adaptivePooling.AdaptiveAveragePooling3D;
export const AdaptiveMaxPooling1D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling1D,
  LAYERS.AdaptiveMaxPooling1D,
);
export type AdaptiveMaxPooling1D = adaptivePooling.AdaptiveMaxPooling1D;
export const AdaptiveMaxPooling2D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling2D,
  LAYERS.AdaptiveMaxPooling2D,
);
export type AdaptiveMaxPooling2D = adaptivePooling.AdaptiveMaxPooling2D;
export const AdaptiveMaxPooling3D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling3D,
  LAYERS.AdaptiveMaxPooling3D,
);
export type AdaptiveMaxPooling3D = adaptivePooling.AdaptiveMaxPooling3D;
export const Dropout = kerasClass(dropout.Dropout, LAYERS.Dropout);
export type Dropout = dropout.Dropout;
export const SpatialDropout1D = kerasClass(dropout.SpatialDropout1D, LAYERS.SpatialDropout1D);
export type SpatialDropout1D = dropout.SpatialDropout1D;
export const SpatialDropout2D = kerasClass(dropout.SpatialDropout2D, LAYERS.SpatialDropout2D);
export type SpatialDropout2D = dropout.SpatialDropout2D;
export const SpatialDropout3D = kerasClass(dropout.SpatialDropout3D, LAYERS.SpatialDropout3D);
export type SpatialDropout3D = dropout.SpatialDropout3D;
export const AlphaDropout = kerasClass(noise.AlphaDropout, LAYERS.AlphaDropout);
export type AlphaDropout = noise.AlphaDropout;
export const GaussianDropout = kerasClass(noise.GaussianDropout, LAYERS.GaussianDropout);
export type GaussianDropout = noise.GaussianDropout;
export const GaussianNoise = kerasClass(noise.GaussianNoise, LAYERS.GaussianNoise);
export type GaussianNoise = noise.GaussianNoise;
export const Add = kerasClass(merging.Add);
export type Add = merging.Add;
export const Average = kerasClass(merging.Average);
export type Average = merging.Average;
export const Concatenate = kerasClass(merging.Concatenate, LAYERS.Concatenate);
export type Concatenate = merging.Concatenate;
export const Dot = kerasClass(merging.Dot, LAYERS.Dot);
export type Dot = merging.Dot;
export const Maximum = kerasClass(merging.Maximum);
export type Maximum = merging.Maximum;
export const Minimum = kerasClass(merging.Minimum);
export type Minimum = merging.Minimum;
export const Multiply = kerasClass(merging.Multiply);
export type Multiply = merging.Multiply;
export const Subtract = kerasClass(merging.Subtract);
export type Subtract = merging.Subtract;

// Keras' other names.
export {
  AveragePooling1D as AvgPool1D,
  AveragePooling2D as AvgPool2D,
  AveragePooling3D as AvgPool3D,
  Conv1D as Convolution1D,
  Conv1DTranspose as Convolution1DTranspose,
  Conv2D as Convolution2D,
  Conv2DTranspose as Convolution2DTranspose,
  Conv3D as Convolution3D,
  Conv3DTranspose as Convolution3DTranspose,
  GlobalAveragePooling1D as GlobalAvgPool1D,
  GlobalAveragePooling2D as GlobalAvgPool2D,
  GlobalAveragePooling3D as GlobalAvgPool3D,
  GlobalMaxPooling1D as GlobalMaxPool1D,
  GlobalMaxPooling2D as GlobalMaxPool2D,
  GlobalMaxPooling3D as GlobalMaxPool3D,
  MaxPooling1D as MaxPool1D,
  MaxPooling2D as MaxPool2D,
  MaxPooling3D as MaxPool3D,
  SeparableConv1D as SeparableConvolution1D,
  SeparableConv2D as SeparableConvolution2D,
};

/** Everything that is a class of layers is known under its name. */
const all: Record<string, unknown> = Object.assign(
  { InputLayer: InputLayerClass },
  dense,
  activationLayers,
  embedding,
  masking,
  conv,
  convTranspose,
  depthwiseConv,
  pooling,
  globalPooling,
  reshaping,
  edges,
  upSampling,
  imageLayers,
  batchNormalization,
  layerNormalization,
  attention,
  multiHeadAttention,
  einsumDense,
  groupNormalization,
  randomGeometry,
  randomColor,
  preprocessing,
  lambda,
  adaptivePooling,
  pipeline,
  randomHue,
  randomMixing,
  equalization,
  integerLookup,
  randomPolicies,
  randomWarp,
  dropout,
  noise,
  merging,
  rnnCell,
  gatedCells,
  rnn,
  convLstm,
  wrappers,
);
registerLayers(
  Object.fromEntries(
    Object.entries(all).filter(([, value]) =>
      typeof value === "function" && value.prototype instanceof LayerClass
    ),
  ) as unknown as Record<string, typeof LayerClass>,
);
