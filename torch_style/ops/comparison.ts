/**
 * Comparisons and logic: results are booleans, gradients end here. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 * @module
 */
import { isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Operand, Tensor } from "../tensor.ts";
import { deliver, type OutOption } from "./out.ts";
import { promoted } from "./type_promotion.ts";

type Comparison = (input: Operand, other: Operand, options?: OutOption) => Tensor;

function comparison(compute: (a: LazyArray, b: LazyArray) => LazyArray): Comparison {
  return (input, other, options = {}) => {
    const [a, b] = promoted(input, other);
    return deliver(new Tensor(compute(a.array, b.array)), options);
  };
}

/** input = other */
export const eq: Comparison = comparison(ops.equal);
/** input ≠ other */
export const ne: Comparison = comparison((a, b) => ops.logicalNot(ops.equal(a, b)));
/** input > other */
export const gt: Comparison = comparison(ops.greater);
/** input ≥ other */
export const ge: Comparison = comparison(ops.greaterEqual);
/** input < other */
export const lt: Comparison = comparison(ops.less);
/** input ≤ other */
export const le: Comparison = comparison(ops.lessEqual);

type Logic = (input: Tensor, other: Tensor, options?: OutOption) => Tensor;

function logic(compute: (a: LazyArray, b: LazyArray) => LazyArray): Logic {
  return (input, other, options = {}) =>
    deliver(new Tensor(compute(truth(input), truth(other))), options);
}

/** Whether each element is not zero. */
function truth(x: Tensor): LazyArray {
  return ops.cast(x.array, "bool");
}

/** Both are not zero */
export const logicalAnd: Logic = logic(ops.logicalAnd);
/** One or both are not zero */
export const logicalOr: Logic = logic(ops.logicalOr);
/** Just one is not zero */
export const logicalXor: Logic = logic((a, b) => ops.logicalNot(ops.equal(a, b)));

/** Whether each element is zero. */
export function logicalNot(input: Tensor, options: OutOption = {}): Tensor {
  return deliver(new Tensor(ops.logicalNot(truth(input))), options);
}

/** Whether each element is "not a number". */
export function isnan(input: Tensor): Tensor {
  return isFloating(input.dtype) ? new Tensor(ops.isNaN(input.array)) : input.ne(input);
}

/** Whether two tensors have the same shape and numbers. */
export async function equal(input: Tensor, other: Tensor): Promise<boolean> {
  if (String(input.shape) !== String(other.shape)) return false;
  return await allTrue(eq(input, other));
}

/** Options of {@linkcode allclose}. */
export interface CloseOptions {
  /** Relative tolerance, 1e-5 unless given. */
  readonly rtol?: number;
  /** Absolute tolerance, 1e-8 unless given. */
  readonly atol?: number;
}

/** Whether all elements are close: |input - other| ≤ atol + rtol |other|. */
export async function allclose(
  input: Tensor,
  other: Tensor,
  { rtol = 1e-5, atol = 1e-8 }: CloseOptions = {},
): Promise<boolean> {
  const [a, b] = [input.detach(), other.detach()];
  return await allTrue(le(a.sub(b).abs(), b.abs().mul(rtol).add(atol)));
}

async function allTrue(x: Tensor): Promise<boolean> {
  return (await x.data() as Uint8Array).every((value) => value !== 0);
}

const methods = {
  eq,
  ne,
  gt,
  ge,
  lt,
  le,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNot,
  isnan,
  equal,
  allclose,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
