/**
 * Functions that set elements or whole channels to zero by chance. As in PyTorch `training` is true unless
 * given, so that they also drop at evaluation if you forget it.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { randomUniform } from "../../random.ts";
import { apply } from "../../autograd/apply.ts";
import { inPlaceIf, type InPlaceOption } from "./in_place.ts";

/** @throws {Error} if p is no probability. */
export function checkProbability(p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new Error(`dropout probability has to be between 0 and 1, but got ${p}`);
}

/** 1 / (1 - p) with probability 1 - p, else 0, in an array of a shape. */
export function dropMask(
  p: number,
  shape: readonly number[],
  dtype: LazyArray["dtype"],
): LazyArray {
  const kept = ops.cast(ops.greaterEqual(randomUniform(shape), constant(p)), dtype);
  return ops.mul(kept, constant(1 / (1 - p), dtype));
}

function dropBy(
  input: Tensor,
  p: number,
  training: boolean,
  maskShape: readonly number[],
  options: InPlaceOption,
): Tensor {
  checkProbability(p);
  if (!training || p === 0) return input;
  const mask = p === 1 ? constant(0, input.dtype) : dropMask(p, maskShape, input.dtype);
  return inPlaceIf(options, input, (x) => apply("Dropout", [x], ([x]) => ops.mul(x, mask)));
}

const DROPOUT = signature("dropout", ["input", tensorKind], ["p", kinds.number, 0.5], [
  "training",
  kinds.boolean,
  true,
], ["inplace", kinds.boolean, undefined]);

/**
 * Sets elements to zero with probability `p` and scales the others by 1 / (1 - p).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 *
 * @throws {Error} if p is no probability.
 */
export function dropout(
  ...given: Call<
    typeof DROPOUT,
    { readonly p?: number; readonly training?: boolean } & InPlaceOption,
    [input: Tensor]
  >
): Tensor {
  const { input, p, training, ...options } = DROPOUT.read(given);
  return dropBy(input, p, training, input.shape, options);
}

let hasWarned = false;

/** Warns, once, that three axes are not one image. */
function warnOfBatch(name: string, { shape }: Tensor): void {
  if (hasWarned) return;
  hasWarned = true;
  console.warn(
    `${name}: takes an input of size ${
      showShape(shape)
    } as (N, C, L), not as (C, H, W), as PyTorch does. ` +
      "Please use dropout1d for (N, C, L), or add a batch dimension.",
  );
}

/**
 * A function that drops whole channels (the first axis that is neither batch nor inside a channel).
 *
 * @param alwaysBatched whether the first two axes are batch and channels, however many there are
 */
function channelDropout(name: string, inner: number, alwaysBatched = false) {
  const own = DROPOUT.named(name);
  return (
    ...given: Call<
      typeof DROPOUT,
      { readonly p?: number; readonly training?: boolean } & InPlaceOption,
      [input: Tensor]
    >
  ): Tensor => {
    const { input, p, training, ...options } = own.read(given);
    if (input.ndim !== inner + 1 && input.ndim !== inner + 2) {
      throw new Error(
        `${name}: expected ${inner + 1}${alwaysBatched ? "" : " (one sample)"} or ${
          inner + 2
        } dimensions, ` +
          `got input of size ${showShape(input.shape)}`,
      );
    }
    if (alwaysBatched && input.ndim === inner + 1) warnOfBatch(name, input);
    const kept = alwaysBatched ? 2 : input.ndim - inner;
    const shape = input.shape.map((dimension, i) => i < kept ? dimension : 1);
    return dropBy(input, p, training, shape, options);
  };
}

/** Drops whole rows of [n, c, l]. Follows `torch.nn.functional.dropout1d`. */
export const dropout1d = channelDropout("dropout1d", 1);
/** Drops whole channels of [n, c, h, w], or of [n, c, l] with a warning. Follows `torch.nn.functional.dropout2d`. */
export const dropout2d = channelDropout("dropout2d", 2, true);
/** Drops whole channels of [n, c, d, h, w]. Follows `torch.nn.functional.dropout3d`. */
export const dropout3d = channelDropout("dropout3d", 3);

/** What selu tends to for large negative numbers. */
const SELU_FLOOR = -1.7580993408473766;

const ALPHA_DROPOUT = signature("alphaDropout", ["input", tensorKind], ["p", kinds.number, 0.5], [
  "training",
  kinds.boolean,
  false,
]);

/**
 * Dropout that keeps mean and variance of what selu gave (Klambauer et al. 2017).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 */
export function alphaDropout(
  ...given: Call<
    typeof ALPHA_DROPOUT,
    { readonly p?: number; readonly training?: boolean },
    [input: Tensor]
  >
): Tensor {
  const { input, p, training } = ALPHA_DROPOUT.read(given);
  return alphaDropBy(input, p, training, input.shape);
}

const FEATURE_ALPHA_DROPOUT = signature("featureAlphaDropout", ["input", tensorKind], [
  "p",
  kinds.number,
  0.5,
], ["training", kinds.boolean, false]);

/** {@linkcode alphaDropout} of whole channels of [n, c, ...]. Follows `torch.nn.functional.feature_alpha_dropout`. */
export function featureAlphaDropout(
  ...given: Call<
    typeof FEATURE_ALPHA_DROPOUT,
    { readonly p?: number; readonly training?: boolean },
    [input: Tensor]
  >
): Tensor {
  const { input, p, training } = FEATURE_ALPHA_DROPOUT.read(given);
  return alphaDropBy(input, p, training, input.shape.map((n, i) => i < 2 ? n : 1));
}

function alphaDropBy(
  input: Tensor,
  p: number,
  training: boolean,
  maskShape: readonly number[],
): Tensor {
  checkProbability(p);
  if (!training || p === 0) return input;
  if (p === 1) return apply("AlphaDropout", [input], ([x]) => ops.mul(x, constant(0, x.dtype)));
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SELU_FLOOR ** 2));
  const { dtype } = input;
  const kept = ops.cast(ops.greaterEqual(randomUniform(maskShape), constant(p)), dtype);
  const dropped = ops.sub(constant(1, dtype), kept);
  const factor = ops.mul(kept, constant(scale, dtype));
  const moved = ops.add(
    ops.mul(dropped, constant(SELU_FLOOR * scale, dtype)),
    constant(-scale * p * SELU_FLOOR, dtype),
  );
  return apply("AlphaDropout", [input], ([x]) => ops.add(ops.mul(x, factor), moved));
}
