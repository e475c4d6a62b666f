/**
 * Networks. Follows https://docs.pytorch.org/docs/stable/nn.html
 * @module
 */
export * from "./activation.ts";
export * from "./adaptive_pooling.ts";
export * from "./adaptive_softmax.ts";
export * from "./fractional_pooling.ts";
export * from "./attention.ts";
export * from "./batch_norm.ts";
export * from "./clip_grad.ts";
export {
  Conv1d,
  type Conv1dOptions,
  Conv2d,
  type Conv2dOptions,
  Conv3d,
  type Conv3dOptions,
  type ConvModuleOptions,
  type PaddingMode,
} from "./conv.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeModuleOptions,
} from "./conv_transpose.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./flatten.ts";
export * as functional from "./functional/mod.ts";
export type { ForwardHook, ForwardPreHook, HookHandle } from "./hooks.ts";
export * as init from "./init/mod.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export * from "./module.ts";
export * from "./module_dict.ts";
export * from "./module_list.ts";
export * from "./normalization.ts";
export * from "./padding.ts";
export * as parallel from "../distributed/data_parallel.ts";
export * from "./parameter.ts";
export * from "./parameter_list.ts";
export * from "./pooling.ts";
export * from "./rnn/mod.ts";
export * from "./sequential.ts";
export * from "./smooth_activation.ts";
export type { IncompatibleKeys, StateDict } from "./state_dict.ts";
export * from "./margin_losses.ts";
export * from "./resampling.ts";
export * from "./sliding_blocks.ts";
export * from "./similarity.ts";
export * from "./transformer.ts";
export {
  type DecoderMasks,
  type EncoderMasks,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer_layer.ts";
export * as utils from "./training_aids.ts";
export type { BackwardHook } from "./backward_hooks.ts";
export * from "./lazy.ts";
export * from "./parameter_dict.ts";
