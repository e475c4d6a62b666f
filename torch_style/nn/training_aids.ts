/**
 * What PyTorch has under `torch.nn.utils`. Follows https://docs.pytorch.org/docs/stable/nn.html#utilities
 * @module
 */
export { clipGradNorm_, clipGradValue_ } from "./clip_grad.ts";
export { parametersToVector, vectorToParameters } from "./parameter_vector.ts";
export * as parametrizations from "./parametrizations.ts";
export * as rnn from "./rnn/packed_sequence.ts";
export {
  removeWeightNorm,
  spectralNorm,
  type SpectralNormOptions,
  weightNorm,
} from "./weight_norm.ts";
