/**
 * What normalizations share: weight and bias after them, checks of their sizes.
 * @module
 */
import { isShortFloat, type LazyArray, ops, type Shape, showShape } from "../../../onnx/mod.ts";
import { autocastDType } from "../../amp/autocast_state.ts";
import { apply, autocastTo } from "../../autograd/apply.ts";
import type { Tensor } from "../../tensor.ts";

/** Values that are multiplied with and added to what was normalized. */
export interface AffineOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** Added to the variance, 1e-5 unless given. */
  readonly eps?: number;
}

/**
 * Normalizes by a function and then applies weight and bias, one number for each element of `shape`. Values of float16 and
 * bfloat16 are normalized in float32, as PyTorch's kernels do it: their squares leave float16's range.
 */
export function normalizeAndScale(
  name: string,
  input: Tensor,
  { weight, bias }: AffineOptions,
  shape: (x: LazyArray) => Shape,
  normalized: (x: LazyArray) => LazyArray,
): Tensor {
  if (isShortFloat(input.dtype)) {
    const [wide, ...affine] = [input, weight, bias].map((x) => x && autocastTo(x, "float32"));
    const options = { weight: affine[0], bias: affine[1] };
    const result = normalizeAndScale(name, wide!, options, shape, normalized);
    return autocastDType(name) === "float32" ? result : autocastTo(result, input.dtype);
  }
  const affine = [weight, bias].filter((tensor) => tensor) as Tensor[];
  return apply(name, [input, ...affine], ([x, ...rest]) => {
    let y = normalized(x);
    if (weight) y = ops.mul(y, ops.reshape(rest.shift()!, shape(x)));
    if (bias) y = ops.add(y, ops.reshape(rest.shift()!, shape(x)));
    return y;
  });
}

/** One number a channel (axis 1), as it meets an array of a shape. */
export function perChannel({ shape }: LazyArray): number[] {
  return shape.flatMap((_, i) => i === 0 ? [] : [i === 1 ? shape[1] : 1]);
}

/** @throws {Error} if a tensor does not have one number a channel (axis 1) of the input. */
export function checkChannels(
  name: string,
  input: Tensor,
  tensors: Record<string, Tensor | null | undefined>,
): void {
  if (input.ndim < 2) {
    throw new Error(`${name}: expected at least 2 dimensions, got size ${showShape(input.shape)}`);
  }
  for (const [what, tensor] of Object.entries(tensors)) {
    if (!tensor || (tensor.ndim === 1 && tensor.shape[0] === input.shape[1])) continue;
    throw new Error(
      `${name}: ${what} should contain ${input.shape[1]} elements not ${
        showShape(tensor.shape)
      }, ` +
        `for input ${showShape(input.shape)}`,
    );
  }
}
