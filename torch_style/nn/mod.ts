/**
 * Networks. Follows https://docs.pytorch.org/docs/stable/nn.html
 * @module
 */
export * from "./modules/activation.ts";
export * from "./modules/adaptive_pooling.ts";
export * from "./modules/adaptive_softmax.ts";
export * from "./modules/fractional_pooling.ts";
export * from "./modules/attention.ts";
export * from "./modules/batch_norm.ts";
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
} from "./modules/conv.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeModuleOptions,
} from "./modules/conv_transpose.ts";
export * from "./modules/dropout.ts";
export * from "./modules/embedding.ts";
export * from "./modules/flatten.ts";
export * as functional from "./functional/mod.ts";
export type { ForwardHook, ForwardPreHook, HookHandle } from "./hooks.ts";
export * as init from "./init/mod.ts";
export * from "./modules/linear.ts";
export * from "./modules/loss.ts";
export * from "./modules/module.ts";
export * from "./modules/module_dict.ts";
export * from "./modules/module_list.ts";
export * from "./modules/normalization.ts";
export * from "./modules/padding.ts";
export * as parallel from "../distributed/data_parallel.ts";
export * from "./parameter.ts";
export * from "./modules/parameter_list.ts";
export * from "./modules/pooling.ts";
export * from "./rnn/mod.ts";
export * from "./modules/sequential.ts";
export * from "./modules/smooth_activation.ts";
export type { IncompatibleKeys, StateDict } from "./state_dict.ts";
export * from "./modules/margin_losses.ts";
export * from "./modules/resampling.ts";
export * from "./modules/sliding_blocks.ts";
export * from "./modules/similarity.ts";
export * from "./modules/transformer.ts";
export {
  type DecoderCall,
  type DecoderMasks,
  type EncoderCall,
  type EncoderMasks,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./modules/transformer_layer.ts";
export * as utils from "./training_aids.ts";
export type { BackwardHook } from "./backward_hooks.ts";
export * from "./modules/lazy.ts";
export * from "./modules/parameter_dict.ts";
