/**
 * Questions about elements and tensors. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 * @module
 */
import { bytesOf, isFloating, ops, sameShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { Tensor } from "../tensor.ts";
import { type CloseOptions, eq, le, logicalAnd, logicalNot, logicalOr } from "./comparison.ts";
import { where } from "./elementwise.ts";
import { promoted } from "./type_promotion.ts";

/** Whether each element is plus or minus infinity. */
export function isinf(input: Tensor): Tensor {
  return isFloating(input.dtype) ? input.detach().abs().eq(Infinity) : input.ne(input);
}

/** Whether each element is infinity. */
export function isposinf(input: Tensor): Tensor {
  return isFloating(input.dtype) ? input.detach().eq(Infinity) : input.ne(input);
}

/** Whether each element is minus infinity. */
export function isneginf(input: Tensor): Tensor {
  return isFloating(input.dtype) ? input.detach().eq(-Infinity) : input.ne(input);
}

/** Whether each element is neither infinite nor NaN. */
export function isfinite(input: Tensor): Tensor {
  return isFloating(input.dtype) ? input.detach().abs().lt(Infinity) : input.eq(input);
}

/** Whether each element is close: |input - other| ≤ atol + rtol |other|; equal infinities are. */
export function isclose(
  input: Tensor,
  other: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions & {
    /** Whether NaN is close to NaN. */
    readonly equalNan?: boolean;
  } = {},
): Tensor {
  const [a, b] = promoted(input.detach(), other.detach());
  const near = logicalAnd(le(a.sub(b).abs(), b.abs().mul(rtol).add(atol)), isfinite(b));
  const close = logicalOr(eq(a, b), near);
  return equalNan ? logicalOr(close, logicalAnd(a.isnan(), b.isnan())) : close;
}

/** Whether each element is one of `testElements`, or (`invert`) none of them. */
export function isin(
  elements: Tensor,
  testElements: Tensor,
  { invert = false }: { readonly invert?: boolean } = {},
): Tensor {
  const found = elements.detach().unsqueeze(-1).eq(testElements.detach().reshape(-1)).any(-1);
  return invert ? logicalNot(found) : found;
}

/** Whether the dtype is floating point. */
export function isFloatingPoint(input: Tensor): boolean {
  return isFloating(input.dtype);
}

/** False: there are no complex numbers here. */
export function isComplex(_input: Tensor): boolean {
  return false;
}

/** Whether the dtype has negative numbers. */
export function isSigned(input: Tensor): boolean {
  return input.dtype !== "bool" && !input.dtype.startsWith("uint");
}

/** Whether both have one shape. */
export function isSameSize(input: Tensor, other: Tensor): boolean {
  return sameShape(input.shape, other.shape);
}

/** Whether something is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** Whether the only element is not zero. @throws {Error} if there are more or none */
export async function isNonzero(input: Tensor): Promise<boolean> {
  if (input.numel() !== 1) {
    throw new Error(`Boolean value of Tensor with ${input.numel()} values is ambiguous`);
  }
  return await input.item() !== 0;
}

/** Number of elements. */
export function numel(input: Tensor): number {
  return input.numel();
}

/** Number of axes. */
function dim(input: Tensor): number {
  return input.ndim;
}

/** Bytes of one element. */
function elementSize(input: Tensor): number {
  return bytesOf(input.dtype);
}

/** True: memory is always dense here. */
function isContiguous(_input: Tensor): boolean {
  return true;
}

/** 1 where elements are not zero, counted over axes; over all of them unless given. */
export function countNonzero(input: Tensor, dim?: number | readonly number[]): Tensor {
  return new Tensor(ops.cast(input.detach().ne(0).array, "int64")).sum(dim);
}

/** Positions of elements that are not zero [count, axes], as nonzero. */
export function argwhere(input: Tensor): Promise<Tensor> {
  return input.nonzero();
}

/** As the function where: elements of `input` where the condition holds, of `other` elsewhere. */
function whereMethod(input: Tensor, condition: Tensor, other: Tensor | number): Tensor {
  return where(condition, input, other);
}

const methods = {
  isinf,
  isposinf,
  isneginf,
  isfinite,
  isclose,
  isFloatingPoint,
  isComplex,
  isSigned,
  isSameSize,
  isNonzero,
  countNonzero,
  argwhere,
  dim,
  ndimension: dim,
  nelement: numel,
  elementSize,
  isContiguous,
  where: whereMethod,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {
    /** Bytes of one element. */
    readonly itemsize: number;
    /** Bytes of all elements. */
    readonly nbytes: number;
  }
}
defineMethods(methods);
Object.defineProperties(Tensor.prototype, {
  itemsize: {
    get(this: Tensor) {
      return bytesOf(this.dtype);
    },
    configurable: true,
  },
  nbytes: {
    get(this: Tensor) {
      return this.numel() * bytesOf(this.dtype);
    },
    configurable: true,
  },
});
