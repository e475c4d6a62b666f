/**
 * Activations that overwrite their argument. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import type { Tensor } from "../../tensor.ts";
import * as straight from "./activation.ts";
import * as smooth from "./smooth_activation.ts";

const inplace = { inplace: true };

/** {@linkcode straight.relu} in place */
export function relu_(input: Tensor): Tensor {
  return straight.relu(input, inplace);
}
/** {@linkcode straight.hardtanh} in place */
export function hardtanh_(input: Tensor, minVal = -1, maxVal = 1): Tensor {
  return straight.hardtanh(input, minVal, maxVal, inplace);
}
/** {@linkcode straight.leakyRelu} in place */
export function leakyRelu_(input: Tensor, negativeSlope = 0.01): Tensor {
  return straight.leakyRelu(input, negativeSlope, inplace);
}
/** {@linkcode straight.threshold} in place */
export function threshold_(input: Tensor, threshold: number, value: number): Tensor {
  return straight.threshold(input, threshold, value, inplace);
}
/** {@linkcode straight.rrelu} in place */
export function rrelu_(input: Tensor, lower = 1 / 8, upper = 1 / 3, training = false): Tensor {
  return straight.rrelu(input, lower, upper, training, inplace);
}
/** {@linkcode smooth.elu} in place */
export function elu_(input: Tensor, alpha = 1): Tensor {
  return smooth.elu(input, alpha, inplace);
}
/** {@linkcode smooth.celu} in place */
export function celu_(input: Tensor, alpha = 1): Tensor {
  return smooth.celu(input, alpha, inplace);
}
/** {@linkcode smooth.selu} in place */
export function selu_(input: Tensor): Tensor {
  return smooth.selu(input, inplace);
}
