/**
 * Keras' layers over TensorFlow.js' kernels: classes whose objects are called like functions; `new` may be left out. All
 * take one object of options, named as in https://keras.io/api/layers/ but camelCase.
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
import * as dropout from "./dropout.ts";
import * as noise from "./noise.ts";
import * as merging from "./merging.ts";
import * as rnnCell from "./rnn_cell.ts";
import * as gatedCells from "./gated_cells.ts";
import * as rnn from "./rnn.ts";
import * as wrappers from "./wrappers.ts";
import {
  Input as makeInput,
  InputLayer as InputLayerClass,
  type InputOptions,
} from "./input_layer.ts";
import { Layer as LayerClass } from "./layer.ts";
import { registerLayers } from "./layer_registry.ts";
import { withoutNew } from "./without_new.ts";

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
export type { EmbeddingOptions, ReversibleEmbeddingOptions } from "./embedding.ts";
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
export type {
  AdditiveAttentionOptions,
  AttentionCallOptions,
  AttentionOptions,
} from "./attention.ts";
export type {
  GroupQueryAttentionOptions,
  HeadsCallOptions,
  HeadsOptions,
  MultiHeadAttentionOptions,
} from "./multi_head_attention.ts";
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
export type { CellState, RecurrentCellOptions, StateSize } from "./rnn_cell.ts";
export type { GatedCellOptions, GRUCellOptions, LSTMCellOptions } from "./gated_cells.ts";
export type {
  RecurrentOptions,
  RNNLayerOptions,
  RNNOptions,
  StackedRNNCellsOptions,
} from "./rnn.ts";
export type { BidirectionalOptions, MergeMode, WrapperOptions } from "./wrappers.ts";

export * from "./data_layers.ts";

export const Input = makeInput;
export const InputLayer = withoutNew(InputLayerClass);
export type InputLayer = InputLayerClass;

export const Dense = withoutNew(dense.Dense);
export type Dense = dense.Dense;
export const Activation = withoutNew(activationLayers.Activation);
export type Activation = activationLayers.Activation;
export const ELU = withoutNew(activationLayers.ELU);
export type ELU = activationLayers.ELU;
export const LeakyReLU = withoutNew(activationLayers.LeakyReLU);
export type LeakyReLU = activationLayers.LeakyReLU;
export const PReLU = withoutNew(activationLayers.PReLU);
export type PReLU = activationLayers.PReLU;
export const ReLU = withoutNew(activationLayers.ReLU);
export type ReLU = activationLayers.ReLU;
export const Softmax = withoutNew(activationLayers.Softmax);
export type Softmax = activationLayers.Softmax;
export const Embedding = withoutNew(embedding.Embedding);
export type Embedding = embedding.Embedding;
export const ReversibleEmbedding = withoutNew(embedding.ReversibleEmbedding);
export type ReversibleEmbedding = embedding.ReversibleEmbedding;
export const Identity = withoutNew(masking.Identity);
export type Identity = masking.Identity;
export const Masking = withoutNew(masking.Masking);
export type Masking = masking.Masking;
export const Conv1D = withoutNew(conv.Conv1D);
export type Conv1D = conv.Conv1D;
export const Conv2D = withoutNew(conv.Conv2D);
export type Conv2D = conv.Conv2D;
export const Conv3D = withoutNew(conv.Conv3D);
export type Conv3D = conv.Conv3D;
export const Conv1DTranspose = withoutNew(convTranspose.Conv1DTranspose);
export type Conv1DTranspose = convTranspose.Conv1DTranspose;
export const Conv2DTranspose = withoutNew(convTranspose.Conv2DTranspose);
export type Conv2DTranspose = convTranspose.Conv2DTranspose;
export const Conv3DTranspose = withoutNew(convTranspose.Conv3DTranspose);
export type Conv3DTranspose = convTranspose.Conv3DTranspose;
export const DepthwiseConv1D = withoutNew(depthwiseConv.DepthwiseConv1D);
export type DepthwiseConv1D = depthwiseConv.DepthwiseConv1D;
export const DepthwiseConv2D = withoutNew(depthwiseConv.DepthwiseConv2D);
export type DepthwiseConv2D = depthwiseConv.DepthwiseConv2D;
export const SeparableConv1D = withoutNew(depthwiseConv.SeparableConv1D);
export type SeparableConv1D = depthwiseConv.SeparableConv1D;
export const SeparableConv2D = withoutNew(depthwiseConv.SeparableConv2D);
export type SeparableConv2D = depthwiseConv.SeparableConv2D;
export const AveragePooling1D = withoutNew(pooling.AveragePooling1D);
export type AveragePooling1D = pooling.AveragePooling1D;
export const AveragePooling2D = withoutNew(pooling.AveragePooling2D);
export type AveragePooling2D = pooling.AveragePooling2D;
export const AveragePooling3D = withoutNew(pooling.AveragePooling3D);
export type AveragePooling3D = pooling.AveragePooling3D;
export const MaxPooling1D = withoutNew(pooling.MaxPooling1D);
export type MaxPooling1D = pooling.MaxPooling1D;
export const MaxPooling2D = withoutNew(pooling.MaxPooling2D);
export type MaxPooling2D = pooling.MaxPooling2D;
export const MaxPooling3D = withoutNew(pooling.MaxPooling3D);
export type MaxPooling3D = pooling.MaxPooling3D;
export const GlobalAveragePooling1D = withoutNew(globalPooling.GlobalAveragePooling1D);
export type GlobalAveragePooling1D = globalPooling.GlobalAveragePooling1D;
export const GlobalAveragePooling2D = withoutNew(globalPooling.GlobalAveragePooling2D);
export type GlobalAveragePooling2D = globalPooling.GlobalAveragePooling2D;
export const GlobalAveragePooling3D = withoutNew(globalPooling.GlobalAveragePooling3D);
export type GlobalAveragePooling3D = globalPooling.GlobalAveragePooling3D;
export const GlobalMaxPooling1D = withoutNew(globalPooling.GlobalMaxPooling1D);
export type GlobalMaxPooling1D = globalPooling.GlobalMaxPooling1D;
export const GlobalMaxPooling2D = withoutNew(globalPooling.GlobalMaxPooling2D);
export type GlobalMaxPooling2D = globalPooling.GlobalMaxPooling2D;
export const GlobalMaxPooling3D = withoutNew(globalPooling.GlobalMaxPooling3D);
export type GlobalMaxPooling3D = globalPooling.GlobalMaxPooling3D;
export const Flatten = withoutNew(reshaping.Flatten);
export type Flatten = reshaping.Flatten;
export const Permute = withoutNew(reshaping.Permute);
export type Permute = reshaping.Permute;
export const RepeatVector = withoutNew(reshaping.RepeatVector);
export type RepeatVector = reshaping.RepeatVector;
export const Reshape = withoutNew(reshaping.Reshape);
export type Reshape = reshaping.Reshape;
export const Cropping1D = withoutNew(edges.Cropping1D);
export type Cropping1D = edges.Cropping1D;
export const Cropping2D = withoutNew(edges.Cropping2D);
export type Cropping2D = edges.Cropping2D;
export const Cropping3D = withoutNew(edges.Cropping3D);
export type Cropping3D = edges.Cropping3D;
export const ZeroPadding1D = withoutNew(edges.ZeroPadding1D);
export type ZeroPadding1D = edges.ZeroPadding1D;
export const ZeroPadding2D = withoutNew(edges.ZeroPadding2D);
export type ZeroPadding2D = edges.ZeroPadding2D;
export const ZeroPadding3D = withoutNew(edges.ZeroPadding3D);
export type ZeroPadding3D = edges.ZeroPadding3D;
export const UpSampling1D = withoutNew(upSampling.UpSampling1D);
export type UpSampling1D = upSampling.UpSampling1D;
export const UpSampling2D = withoutNew(upSampling.UpSampling2D);
export type UpSampling2D = upSampling.UpSampling2D;
export const UpSampling3D = withoutNew(upSampling.UpSampling3D);
export type UpSampling3D = upSampling.UpSampling3D;
export const BatchNormalization = withoutNew(batchNormalization.BatchNormalization);
export type BatchNormalization = batchNormalization.BatchNormalization;
export const LayerNormalization = withoutNew(layerNormalization.LayerNormalization);
export type LayerNormalization = layerNormalization.LayerNormalization;
export const Attention = withoutNew(attention.Attention);
export type Attention = attention.Attention;
export const AdditiveAttention = withoutNew(attention.AdditiveAttention);
export type AdditiveAttention = attention.AdditiveAttention;
export const MultiHeadAttention = withoutNew(multiHeadAttention.MultiHeadAttention);
export type MultiHeadAttention = multiHeadAttention.MultiHeadAttention;
export const GroupQueryAttention = withoutNew(multiHeadAttention.GroupQueryAttention);
export type GroupQueryAttention = multiHeadAttention.GroupQueryAttention;
export const EinsumDense = withoutNew(einsumDense.EinsumDense);
export type EinsumDense = einsumDense.EinsumDense;
export const GroupNormalization = withoutNew(groupNormalization.GroupNormalization);
export type GroupNormalization = groupNormalization.GroupNormalization;
export const RMSNormalization = withoutNew(groupNormalization.RMSNormalization);
export type RMSNormalization = groupNormalization.RMSNormalization;
export const UnitNormalization = withoutNew(groupNormalization.UnitNormalization);
export type UnitNormalization = groupNormalization.UnitNormalization;
export const SpectralNormalization = withoutNew(groupNormalization.SpectralNormalization);
export type SpectralNormalization = groupNormalization.SpectralNormalization;
export const Lambda = withoutNew(lambda.Lambda);
export type Lambda = lambda.Lambda;
export const ActivityRegularization = withoutNew(lambda.ActivityRegularization);
export type ActivityRegularization = lambda.ActivityRegularization;
export const AdaptiveAveragePooling1D = withoutNew(adaptivePooling.AdaptiveAveragePooling1D);
export type AdaptiveAveragePooling1D = adaptivePooling.AdaptiveAveragePooling1D;
export const AdaptiveAveragePooling2D = withoutNew(adaptivePooling.AdaptiveAveragePooling2D);
export type AdaptiveAveragePooling2D = adaptivePooling.AdaptiveAveragePooling2D;
export const AdaptiveAveragePooling3D = withoutNew(adaptivePooling.AdaptiveAveragePooling3D);
export type AdaptiveAveragePooling3D = adaptivePooling.AdaptiveAveragePooling3D;
export const AdaptiveMaxPooling1D = withoutNew(adaptivePooling.AdaptiveMaxPooling1D);
export type AdaptiveMaxPooling1D = adaptivePooling.AdaptiveMaxPooling1D;
export const AdaptiveMaxPooling2D = withoutNew(adaptivePooling.AdaptiveMaxPooling2D);
export type AdaptiveMaxPooling2D = adaptivePooling.AdaptiveMaxPooling2D;
export const AdaptiveMaxPooling3D = withoutNew(adaptivePooling.AdaptiveMaxPooling3D);
export type AdaptiveMaxPooling3D = adaptivePooling.AdaptiveMaxPooling3D;
export const Dropout = withoutNew(dropout.Dropout);
export type Dropout = dropout.Dropout;
export const SpatialDropout1D = withoutNew(dropout.SpatialDropout1D);
export type SpatialDropout1D = dropout.SpatialDropout1D;
export const SpatialDropout2D = withoutNew(dropout.SpatialDropout2D);
export type SpatialDropout2D = dropout.SpatialDropout2D;
export const SpatialDropout3D = withoutNew(dropout.SpatialDropout3D);
export type SpatialDropout3D = dropout.SpatialDropout3D;
export const AlphaDropout = withoutNew(noise.AlphaDropout);
export type AlphaDropout = noise.AlphaDropout;
export const GaussianDropout = withoutNew(noise.GaussianDropout);
export type GaussianDropout = noise.GaussianDropout;
export const GaussianNoise = withoutNew(noise.GaussianNoise);
export type GaussianNoise = noise.GaussianNoise;
export const Add = withoutNew(merging.Add);
export type Add = merging.Add;
export const Average = withoutNew(merging.Average);
export type Average = merging.Average;
export const Concatenate = withoutNew(merging.Concatenate);
export type Concatenate = merging.Concatenate;
export const Dot = withoutNew(merging.Dot);
export type Dot = merging.Dot;
export const Maximum = withoutNew(merging.Maximum);
export type Maximum = merging.Maximum;
export const Minimum = withoutNew(merging.Minimum);
export type Minimum = merging.Minimum;
export const Multiply = withoutNew(merging.Multiply);
export type Multiply = merging.Multiply;
export const Subtract = withoutNew(merging.Subtract);
export type Subtract = merging.Subtract;
export const SimpleRNNCell = withoutNew(rnnCell.SimpleRNNCell);
export type SimpleRNNCell = rnnCell.SimpleRNNCell;
export const GRUCell = withoutNew(gatedCells.GRUCell);
export type GRUCell = gatedCells.GRUCell;
export const LSTMCell = withoutNew(gatedCells.LSTMCell);
export type LSTMCell = gatedCells.LSTMCell;
export const GRU = withoutNew(rnn.GRU);
export type GRU = rnn.GRU;
export const LSTM = withoutNew(rnn.LSTM);
export type LSTM = rnn.LSTM;
export const RNN = withoutNew(rnn.RNN);
export type RNN = rnn.RNN;
export const SimpleRNN = withoutNew(rnn.SimpleRNN);
export type SimpleRNN = rnn.SimpleRNN;
export const StackedRNNCells = withoutNew(rnn.StackedRNNCells);
export type StackedRNNCells = rnn.StackedRNNCells;
export const Bidirectional = withoutNew(wrappers.Bidirectional);
export type Bidirectional = wrappers.Bidirectional;
export const TimeDistributed = withoutNew(wrappers.TimeDistributed);
export type TimeDistributed = wrappers.TimeDistributed;
export const Wrapper = withoutNew(wrappers.Wrapper);
export type Wrapper = wrappers.Wrapper;

// Keras' other names.
export const AvgPool1D = AveragePooling1D;
export type AvgPool1D = AveragePooling1D;
export const AvgPool2D = AveragePooling2D;
export type AvgPool2D = AveragePooling2D;
export const AvgPool3D = AveragePooling3D;
export type AvgPool3D = AveragePooling3D;
export const MaxPool1D = MaxPooling1D;
export type MaxPool1D = MaxPooling1D;
export const MaxPool2D = MaxPooling2D;
export type MaxPool2D = MaxPooling2D;
export const MaxPool3D = MaxPooling3D;
export type MaxPool3D = MaxPooling3D;
export const GlobalAvgPool1D = GlobalAveragePooling1D;
export type GlobalAvgPool1D = GlobalAveragePooling1D;
export const GlobalAvgPool2D = GlobalAveragePooling2D;
export type GlobalAvgPool2D = GlobalAveragePooling2D;
export const GlobalAvgPool3D = GlobalAveragePooling3D;
export type GlobalAvgPool3D = GlobalAveragePooling3D;
export const GlobalMaxPool1D = GlobalMaxPooling1D;
export type GlobalMaxPool1D = GlobalMaxPooling1D;
export const GlobalMaxPool2D = GlobalMaxPooling2D;
export type GlobalMaxPool2D = GlobalMaxPooling2D;
export const GlobalMaxPool3D = GlobalMaxPooling3D;
export type GlobalMaxPool3D = GlobalMaxPooling3D;
export const Convolution1D = Conv1D;
export type Convolution1D = Conv1D;
export const Convolution2D = Conv2D;
export type Convolution2D = Conv2D;
export const Convolution3D = Conv3D;
export type Convolution3D = Conv3D;
export const Convolution1DTranspose = Conv1DTranspose;
export type Convolution1DTranspose = Conv1DTranspose;
export const Convolution2DTranspose = Conv2DTranspose;
export type Convolution2DTranspose = Conv2DTranspose;
export const Convolution3DTranspose = Conv3DTranspose;
export type Convolution3DTranspose = Conv3DTranspose;
export const SeparableConvolution1D = SeparableConv1D;
export type SeparableConvolution1D = SeparableConv1D;
export const SeparableConvolution2D = SeparableConv2D;
export type SeparableConvolution2D = SeparableConv2D;

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
  dropout,
  noise,
  merging,
  rnnCell,
  gatedCells,
  rnn,
  wrappers,
);
registerLayers(
  Object.fromEntries(
    Object.entries(all).filter(([, value]) =>
      typeof value === "function" && value.prototype instanceof LayerClass
    ),
  ) as unknown as Record<string, typeof LayerClass>,
);
