/**
 * Activations that overwrite their argument. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import * as straight from "./activation.ts";
import * as smooth from "./smooth_activation.ts";

const inplace = { inplace: true };

const RELU_IN_PLACE = signature("relu_", ["input", tensorKind]);

/** {@linkcode straight.relu} in place */
export function relu_(
  ...given: Call<typeof RELU_IN_PLACE, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = RELU_IN_PLACE.read(given);
  return straight.relu(input, inplace);
}
const HARDTANH_IN_PLACE = signature("hardtanh_", ["input", tensorKind], [
  "minVal",
  kinds.number,
  -1,
], ["maxVal", kinds.number, 1]);

/** {@linkcode straight.hardtanh} in place */
export function hardtanh_(
  ...given: Call<
    typeof HARDTANH_IN_PLACE,
    { readonly minVal?: number; readonly maxVal?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, minVal, maxVal } = HARDTANH_IN_PLACE.read(given);
  return straight.hardtanh(input, minVal, maxVal, inplace);
}
const LEAKY_RELU_IN_PLACE = signature("leakyRelu_", ["input", tensorKind], [
  "negativeSlope",
  kinds.number,
  0.01,
]);

/** {@linkcode straight.leakyRelu} in place */
export function leakyRelu_(
  ...given: Call<typeof LEAKY_RELU_IN_PLACE, { readonly negativeSlope?: number }, [input: Tensor]>
): Tensor {
  const { input, negativeSlope } = LEAKY_RELU_IN_PLACE.read(given);
  return straight.leakyRelu(input, negativeSlope, inplace);
}
const THRESHOLD_IN_PLACE = signature("threshold_", ["input", tensorKind], [
  "threshold",
  kinds.number,
], ["value", kinds.number]);

/** {@linkcode straight.threshold} in place */
export function threshold_(
  ...given: Call<
    typeof THRESHOLD_IN_PLACE,
    Record<never, never>,
    [input: Tensor, threshold: number, value: number]
  >
): Tensor {
  const { input, threshold, value } = THRESHOLD_IN_PLACE.read(given);
  return straight.threshold(input, threshold, value, inplace);
}
const RRELU_IN_PLACE = signature("rrelu_", ["input", tensorKind], ["lower", kinds.number, 1 / 8], [
  "upper",
  kinds.number,
  1 / 3,
], ["training", kinds.boolean, false]);

/** {@linkcode straight.rrelu} in place */
export function rrelu_(
  ...given: Call<
    typeof RRELU_IN_PLACE,
    { readonly lower?: number; readonly upper?: number; readonly training?: boolean },
    [input: Tensor]
  >
): Tensor {
  const { input, lower, upper, training } = RRELU_IN_PLACE.read(given);
  return straight.rrelu(input, lower, upper, training, inplace);
}
const ELU_IN_PLACE = signature("elu_", ["input", tensorKind], ["alpha", kinds.number, 1]);

/** {@linkcode smooth.elu} in place */
export function elu_(
  ...given: Call<typeof ELU_IN_PLACE, { readonly alpha?: number }, [input: Tensor]>
): Tensor {
  const { input, alpha } = ELU_IN_PLACE.read(given);
  return smooth.elu(input, alpha, inplace);
}
const CELU_IN_PLACE = signature("celu_", ["input", tensorKind], ["alpha", kinds.number, 1]);

/** {@linkcode smooth.celu} in place */
export function celu_(
  ...given: Call<typeof CELU_IN_PLACE, { readonly alpha?: number }, [input: Tensor]>
): Tensor {
  const { input, alpha } = CELU_IN_PLACE.read(given);
  return smooth.celu(input, alpha, inplace);
}
const SELU_IN_PLACE = signature("selu_", ["input", tensorKind]);

/** {@linkcode smooth.selu} in place */
export function selu_(
  ...given: Call<typeof SELU_IN_PLACE, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = SELU_IN_PLACE.read(given);
  return smooth.selu(input, inplace);
}
