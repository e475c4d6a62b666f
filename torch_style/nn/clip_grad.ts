/**
 * Gradients kept from growing too large. Follows https://docs.pytorch.org/docs/stable/nn.html#utilities,
 * where these functions are in `torch.nn.utils`.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { constant, isShortFloat, type LazyArray, ops, readingForStep } from "../../onnx/mod.ts";
import { keepResult } from "../evaluation.ts";
import { promoteTypes } from "../ops/type_promotion.ts";
import { Tensor } from "../tensor.ts";

/** One tensor or several. */
export type Tensors = Tensor | Iterable<Tensor>;

function gradientsOf(parameters: Tensors): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return readingForStep(() => list.flatMap((parameter) => parameter.grad ?? []));
}

const CLIP_GRAD_NORM_IN_PLACE = signature(
  "clipGradNorm_",
  ["parameters", kinds.any as Kind<Tensors>],
  ["maxNorm", kinds.number],
  ["normType", kinds.number, 2],
  ["errorIfNonfinite", kinds.boolean, false],
);

/** Options of {@linkcode clipGradNorm_}. */
export interface ClipGradNormOptions {
  /** Which norm, 2 unless given; also Infinity. */
  readonly normType?: number;
  /** Whether a norm that is NaN or infinite is an error; false unless given. */
  readonly errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients so that their norm, taken together, is at most `maxNorm`. Computed along with the
 * optimizer's step, in one call; with `errorIfNonfinite` at once, in a call of its own that is to be awaited.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 *
 * @returns the norm before; a promise of it with `errorIfNonfinite`, which is rejected if the norm is NaN or infinite:
 * gradients are as they were then
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const layer = new torch.nn.Linear(4, 2);
 * layer(torch.ones([1, 4])).sum().backward();
 * const before = torch.nn.clipGradNorm_(layer.parameters(), 1);
 * console.log(await before.item());
 * await torch.nn.clipGradNorm_(layer.parameters(), 1, { errorIfNonfinite: true });
 * ```
 */
export function clipGradNorm_(
  parameters: Tensors,
  maxNorm: number,
  options: ClipGradNormOptions & { readonly errorIfNonfinite: true },
): Promise<Tensor>;
export function clipGradNorm_(
  parameters: Tensors,
  maxNorm: number,
  normType: number,
  errorIfNonfinite: true,
): Promise<Tensor>;
export function clipGradNorm_(
  ...given: Call<
    typeof CLIP_GRAD_NORM_IN_PLACE,
    ClipGradNormOptions & { readonly errorIfNonfinite?: false },
    [parameters: Tensors, maxNorm: number]
  >
): Tensor;
export function clipGradNorm_(
  ...given: Call<
    typeof CLIP_GRAD_NORM_IN_PLACE,
    ClipGradNormOptions,
    [parameters: Tensors, maxNorm: number]
  >
): Tensor | Promise<Tensor> {
  const { parameters, maxNorm, normType, errorIfNonfinite } = CLIP_GRAD_NORM_IN_PLACE.read(given);
  const gradients = gradientsOf(parameters);
  const before = gradients.map(({ array }) => array);
  const total = before.length > 0 ? totalNorm(before, normType) : constant(0);
  scaleBy(gradients, total, maxNorm);
  keepResult(total);
  const norm = new Tensor(total);
  return errorIfNonfinite ? refuseNonfinite(norm, normType, gradients, before) : norm;
}

function scaleBy(gradients: readonly Tensor[], total: LazyArray, maxNorm: number): void {
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
}

async function refuseNonfinite(
  norm: Tensor,
  order: number,
  gradients: readonly Tensor[],
  before: readonly LazyArray[],
): Promise<Tensor> {
  if (Number.isFinite(await norm.item())) return norm;
  gradients.forEach((gradient, i) => gradient.array = before[i]);
  throw new Error(
    `The total norm of order ${order} for gradients from \`parameters\` is non-finite, so it cannot be clipped. ` +
      "To disable this error and scale the gradients by the non-finite norm anyway, set errorIfNonfinite: false",
  );
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
