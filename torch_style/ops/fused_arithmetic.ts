/**
 * Products that are added to something. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { defineMethods, type Methods } from "../methods.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul } from "./elementwise.ts";
import { bmm, mm, mv, outer } from "./linear_algebra.ts";

/** Option of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface ValueOption {
  /** What the product or quotient is multiplied with, 1 unless given. */
  readonly value?: number;
}

/** input + value tensor1 tensor2 */
export function addcmul(
  input: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  { value = 1 }: ValueOption = {},
): Tensor {
  const product = mul(tensor1, tensor2);
  return add(input, value === 1 ? product : mul(product, value));
}

/** input + value tensor1 / tensor2 */
export function addcdiv(
  input: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  { value = 1 }: ValueOption = {},
): Tensor {
  const quotient = div(tensor1, tensor2);
  return add(input, value === 1 ? quotient : mul(quotient, value));
}

/** Options of products that are added to something. */
export interface ScaleOptions {
  /** What the input is multiplied with, 1 unless given; with 0 the input's NaN and infinities do not count. */
  readonly beta?: number;
  /** What the product is multiplied with, 1 unless given. */
  readonly alpha?: number;
}

function scaled(input: Tensor, product: Tensor, { beta = 1, alpha = 1 }: ScaleOptions): Tensor {
  const right = alpha === 1 ? product : mul(product, alpha);
  if (beta === 0) return right;
  return add(beta === 1 ? input : mul(input, beta), right);
}

/** beta input + alpha mat1 mat2 */
export function addmm(
  input: Tensor,
  mat1: Tensor,
  mat2: Tensor,
  options: ScaleOptions = {},
): Tensor {
  return scaled(input, mm(mat1, mat2), options);
}

/** beta input + alpha mat vec */
export function addmv(input: Tensor, mat: Tensor, vec: Tensor, options: ScaleOptions = {}): Tensor {
  return scaled(input, mv(mat, vec), options);
}

/** beta input + alpha vec1 vec2ᵀ */
export function addr(
  input: Tensor,
  vec1: Tensor,
  vec2: Tensor,
  options: ScaleOptions = {},
): Tensor {
  return scaled(input, outer(vec1, vec2), options);
}

/** beta input + alpha batch1 batch2, batch by batch */
export function baddbmm(
  input: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options: ScaleOptions = {},
): Tensor {
  return scaled(input, bmm(batch1, batch2), options);
}

/** beta input + alpha times the sum of all batches' products */
export function addbmm(
  input: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options: ScaleOptions = {},
): Tensor {
  return scaled(input, bmm(batch1, batch2).sum(0), options);
}

const methods = { addcmul, addcdiv, addmm, addmv, addr, baddbmm, addbmm };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
