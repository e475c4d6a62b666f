/**
 * Parametrizations of weights. Follows https://docs.pytorch.org/docs/stable/nn.html#parametrizations, where these functions
 * are in `torch.nn.utils.parametrizations`.
 * @module
 */
export {
  parametrizedSpectralNorm as spectralNorm,
  parametrizedWeightNorm as weightNorm,
} from "./weight_norm.ts";
