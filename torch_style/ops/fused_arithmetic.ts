/**
 * Products that are added to something. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { add, div, mul } from "./elementwise.ts";
import { bmm, mm, mv, outer } from "./linear_algebra.ts";

/** Option of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface ValueOption {
  /** What the product or quotient is multiplied with, 1 unless given. */
  readonly value?: number;
}

const ADDCMUL = signature(
  "addcmul",
  ["input", tensorKind],
  ["tensor1", tensorKind],
  ["tensor2", tensorKind],
  "*",
  ["value", kinds.number, undefined],
);

/** input + value tensor1 tensor2 */
export function addcmul(
  ...given: Call<typeof ADDCMUL, ValueOption, [input: Tensor, tensor1: Tensor, tensor2: Tensor]>
): Tensor {
  const { input, tensor1, tensor2, value = 1 } = ADDCMUL.read(given);
  const product = mul(tensor1, tensor2);
  return add(input, value === 1 ? product : mul(product, value));
}

const ADDCDIV = signature(
  "addcdiv",
  ["input", tensorKind],
  ["tensor1", tensorKind],
  ["tensor2", tensorKind],
  "*",
  ["value", kinds.number, undefined],
);

/** input + value tensor1 / tensor2 */
export function addcdiv(
  ...given: Call<typeof ADDCDIV, ValueOption, [input: Tensor, tensor1: Tensor, tensor2: Tensor]>
): Tensor {
  const { input, tensor1, tensor2, value = 1 } = ADDCDIV.read(given);
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

const ADDMM = signature(
  "addmm",
  ["input", tensorKind],
  ["mat1", tensorKind],
  ["mat2", tensorKind],
  "*",
  ["beta", kinds.number, undefined],
  ["alpha", kinds.number, undefined],
);

/** beta input + alpha mat1 mat2 */
export function addmm(
  ...given: Call<typeof ADDMM, ScaleOptions, [input: Tensor, mat1: Tensor, mat2: Tensor]>
): Tensor {
  const { input, mat1, mat2, ...options } = ADDMM.read(given);
  return scaled(input, mm(mat1, mat2), options);
}

const ADDMV = signature(
  "addmv",
  ["input", tensorKind],
  ["mat", tensorKind],
  ["vec", tensorKind],
  "*",
  ["beta", kinds.number, undefined],
  ["alpha", kinds.number, undefined],
);

/** beta input + alpha mat vec */
export function addmv(
  ...given: Call<typeof ADDMV, ScaleOptions, [input: Tensor, mat: Tensor, vec: Tensor]>
): Tensor {
  const { input, mat, vec, ...options } = ADDMV.read(given);
  return scaled(input, mv(mat, vec), options);
}

const ADDR = signature(
  "addr",
  ["input", tensorKind],
  ["vec1", tensorKind],
  ["vec2", tensorKind],
  "*",
  ["beta", kinds.number, undefined],
  ["alpha", kinds.number, undefined],
);

/** beta input + alpha vec1 vec2ᵀ */
export function addr(
  ...given: Call<typeof ADDR, ScaleOptions, [input: Tensor, vec1: Tensor, vec2: Tensor]>
): Tensor {
  const { input, vec1, vec2, ...options } = ADDR.read(given);
  return scaled(input, outer(vec1, vec2), options);
}

const BADDBMM = signature(
  "baddbmm",
  ["input", tensorKind],
  ["batch1", tensorKind],
  ["batch2", tensorKind],
  "*",
  ["beta", kinds.number, undefined],
  ["alpha", kinds.number, undefined],
);

/** beta input + alpha batch1 batch2, batch by batch */
export function baddbmm(
  ...given: Call<typeof BADDBMM, ScaleOptions, [input: Tensor, batch1: Tensor, batch2: Tensor]>
): Tensor {
  const { input, batch1, batch2, ...options } = BADDBMM.read(given);
  return scaled(input, bmm(batch1, batch2), options);
}

const ADDBMM = signature(
  "addbmm",
  ["input", tensorKind],
  ["batch1", tensorKind],
  ["batch2", tensorKind],
  "*",
  ["beta", kinds.number, undefined],
  ["alpha", kinds.number, undefined],
);

/** beta input + alpha times the sum of all batches' products */
export function addbmm(
  ...given: Call<typeof ADDBMM, ScaleOptions, [input: Tensor, batch1: Tensor, batch2: Tensor]>
): Tensor {
  const { input, batch1, batch2, ...options } = ADDBMM.read(given);
  return scaled(input, bmm(batch1, batch2).sum(0), options);
}

const methods = { addcmul, addcdiv, addmm, addmv, addr, baddbmm, addbmm };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
