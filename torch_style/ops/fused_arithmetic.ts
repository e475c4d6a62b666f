/**
 * Products that are added to something. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { add, div, mul } from "./elementwise.ts";
import { bmm, mm, mv, outer } from "./linear_algebra.ts";

/** Option of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface ValueOption {
  /** What the product or quotient is multiplied with, 1 unless given. */
  readonly value?: number;
}

/** Adds a product or quotient of two tensors to an input. */
export type AddedPart = (
  ...given: [input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption]
) => Tensor;

/** Declares a function of an input and two tensors whose product or quotient is added to it. */
function addedPart(
  name: string,
  part: (tensor1: Tensor, tensor2: Tensor) => Tensor,
): AddedPart {
  const own = signature(
    name,
    ["input", tensorKind],
    ["tensor1", tensorKind],
    ["tensor2", tensorKind],
    "*",
    ["value", kinds.number, 1],
  );
  return (...given) => {
    const { input, tensor1, tensor2, value } = own.read(given);
    const result = part(tensor1, tensor2);
    return add(input, value === 1 ? result : mul(result, value));
  };
}

/** input + value tensor1 tensor2 */
export const addcmul: AddedPart = addedPart("addcmul", (a, b) => mul(a, b));
/** input + value tensor1 / tensor2 */
export const addcdiv: AddedPart = addedPart("addcdiv", (a, b) => div(a, b));

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

/** Adds a scaled product of two tensors to a scaled input. */
export type FusedProduct = (
  ...given: [input: Tensor, left: Tensor, right: Tensor, options?: ScaleOptions]
) => Tensor;

/** Declares a function that adds a scaled product of two tensors, named as PyTorch names them, to a scaled input. */
function fused<const A extends string, const B extends string>(
  name: string,
  [left, right]: readonly [A, B],
  product: (left: Tensor, right: Tensor) => Tensor,
): FusedProduct {
  const own = signature(
    name,
    ["input", tensorKind],
    [left, tensorKind],
    [right, tensorKind],
    "*",
    ["beta", kinds.number, undefined],
    ["alpha", kinds.number, undefined],
  );
  return (...given) => {
    const read = own.read(given) as unknown as Record<string, Tensor> & ScaleOptions;
    return scaled(read.input, product(read[left], read[right]), read);
  };
}

/** beta input + alpha mat1 mat2 */
export const addmm: FusedProduct = fused("addmm", ["mat1", "mat2"], (a, b) => mm(a, b));
/** beta input + alpha mat vec */
export const addmv: FusedProduct = fused("addmv", ["mat", "vec"], (a, b) => mv(a, b));
/** beta input + alpha vec1 vec2ᵀ */
export const addr: FusedProduct = fused("addr", ["vec1", "vec2"], (a, b) => outer(a, b));
/** beta input + alpha batch1 batch2, batch by batch */
export const baddbmm: FusedProduct = fused("baddbmm", ["batch1", "batch2"], (a, b) => bmm(a, b));
/** beta input + alpha times the sum of all batches' products */
export const addbmm: FusedProduct = fused(
  "addbmm",
  ["batch1", "batch2"],
  (a, b) => bmm(a, b).sum(0),
);

const methods = { addcmul, addcdiv, addmm, addmv, addr, baddbmm, addbmm };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
