/**
 * Gradients kept from growing too large. Follows https://docs.pytorch.org/docs/stable/nn.html#utilities,
 * where these functions are in `torch.nn.utils`.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { constant, isShortFloat, type LazyArray, ops } from "../../onnx/mod.ts";
import { keepResult } from "../evaluation.ts";
import { promoteTypes } from "../ops/type_promotion.ts";
import { Tensor } from "../tensor.ts";

/** One tensor or several. */
export type Tensors = Tensor | Iterable<Tensor>;

function gradientsOf(parameters: Tensors): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap((parameter) => parameter.grad ? [parameter.grad] : []);
}

const CLIP_GRAD_NORM_IN_PLACE = signature(
  "clipGradNorm_",
  ["parameters", kinds.any as Kind<Tensors>],
  ["maxNorm", kinds.number],
  ["normType", kinds.number, undefined],
);

/**
 * Scales all gradients so that their norm, taken together, is at most `maxNorm`. Computed along with the
 * optimizer's step, in one call.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 *
 * @param options.normType which norm, 2 unless given; also Infinity
 * @returns the norm before
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const layer = new torch.nn.Linear(4, 2);
 * layer(torch.ones([1, 4])).sum().backward();
 * const before = torch.nn.clipGradNorm_(layer.parameters(), 1);
 * console.log(await before.item());
 * ```
 */
export function clipGradNorm_(
  ...given: Call<
    typeof CLIP_GRAD_NORM_IN_PLACE,
    { readonly normType?: number },
    [parameters: Tensors, maxNorm: number]
  >
): Tensor {
  const { parameters, maxNorm, ...options } = CLIP_GRAD_NORM_IN_PLACE.read(given);
  const gradients = gradientsOf(parameters);
  if (gradients.length === 0) return new Tensor(constant(0));
  const total = totalNorm(gradients.map((g) => g.array), options.normType ?? 2);
  const number = (value: number) => constant(value, total.dtype);
  // Never above 1, and no division by zero.
  const factor = ops.minimum(
    ops.div(number(maxNorm), ops.add(total, number(1e-6))),
    number(1),
  );
  for (const gradient of gradients) {
    const scaled = ops.mul(ops.cast(gradient.array, factor.dtype), factor);
    gradient.array = ops.cast(scaled, gradient.dtype);
  }
  keepResult(total);
  return new Tensor(total);
}

/** The norm of all elements of all arrays, in their common dtype; squares of short ones are summed in float32. */
function totalNorm(arrays: readonly LazyArray[], p: number): LazyArray {
  const common = arrays.map(({ dtype }) => dtype).reduce((a, b) => promoteTypes(a, b));
  const dtype = isShortFloat(common) ? "float32" : common;
  const sizes = arrays.map((array) => ops.abs(ops.cast(array, dtype)));
  const number = (value: number) => constant(value, dtype);
  if (p === Infinity) {
    return ops.cast(sizes.map((size) => ops.max(size)).reduce(ops.maximum), common);
  }
  const power = (size: LazyArray) => p === 2 ? ops.mul(size, size) : ops.pow(size, number(p));
  const total = sizes.map((size) => ops.sum(power(size))).reduce(ops.add);
  return ops.cast(p === 2 ? ops.sqrt(total) : ops.pow(total, number(1 / p)), common);
}

const CLIP_GRAD_VALUE_IN_PLACE = signature("clipGradValue_", [
  "parameters",
  kinds.any as Kind<Tensors>,
], ["clipValue", kinds.number]);

/**
 * Keeps every element of every gradient within ±`clipValue`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue_(
  ...given: Call<
    typeof CLIP_GRAD_VALUE_IN_PLACE,
    Record<never, never>,
    [parameters: Tensors, clipValue: number]
  >
): void {
  const { parameters, clipValue } = CLIP_GRAD_VALUE_IN_PLACE.read(given);
  for (const gradient of gradientsOf(parameters)) {
    gradient.array = ops.hardtanh(gradient.array, -clipValue, clipValue);
  }
}
