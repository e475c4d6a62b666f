/**
 * Questions about elements and tensors. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { bytesOf, isFloating, ops, sameShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { eq, le, logicalAnd, logicalNot, logicalOr } from "./comparison.ts";
import { where } from "./elementwise.ts";
import { fractional, promoted } from "./type_promotion.ts";

const ISINF = signature("isinf", ["input", tensorKind]);

/** Whether each element is plus or minus infinity. */
export function isinf(...given: Call<typeof ISINF, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = ISINF.read(given);
  return isFloating(input.dtype) ? input.detach().abs().eq(Infinity) : input.ne(input);
}

const ISPOSINF = signature("isposinf", ["input", tensorKind]);

/** Whether each element is infinity. */
export function isposinf(
  ...given: Call<typeof ISPOSINF, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ISPOSINF.read(given);
  return isFloating(input.dtype) ? input.detach().eq(Infinity) : input.ne(input);
}

const ISNEGINF = signature("isneginf", ["input", tensorKind]);

/** Whether each element is minus infinity. */
export function isneginf(
  ...given: Call<typeof ISNEGINF, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ISNEGINF.read(given);
  return isFloating(input.dtype) ? input.detach().eq(-Infinity) : input.ne(input);
}

const ISFINITE = signature("isfinite", ["input", tensorKind]);

/** Whether each element is neither infinite nor NaN. */
export function isfinite(
  ...given: Call<typeof ISFINITE, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ISFINITE.read(given);
  return isFloating(input.dtype) ? input.detach().abs().lt(Infinity) : input.eq(input);
}

/** Options of {@linkcode isclose} and {@linkcode allclose}. */
export interface CloseOptions {
  /** Relative tolerance, 1e-5 unless given. */
  readonly rtol?: number;
  /** Absolute tolerance, 1e-8 unless given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN; false unless given. */
  readonly equalNan?: boolean;
}

const ISCLOSE = signature(
  "isclose",
  ["input", tensorKind],
  ["other", tensorKind],
  ["rtol", kinds.number, 1e-5],
  ["atol", kinds.number, 1e-8],
  ["equalNan", kinds.boolean, false],
);

/**
 * Whether each element is close: |input - other| ≤ atol + rtol |other|; equal infinities are.
 *
 * @throws {Error} if a tolerance is below 0
 */
export function isclose(
  ...given: Call<typeof ISCLOSE, CloseOptions, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other, rtol, atol, equalNan } = ISCLOSE.read(given);
  for (const [name, tolerance] of Object.entries({ rtol, atol })) {
    if (tolerance >= 0) continue;
    throw new Error(`${name} must be greater than or equal to zero, but got ${tolerance}`);
  }
  const [a, b] = promoted(input.detach(), other.detach());
  // As PyTorch: differences of integers and booleans are fractions, which do not wrap around.
  const middle = fractional(b);
  const apart = a.sub(middle).abs();
  const near = logicalAnd(le(apart, middle.abs().mul(rtol).add(atol)), isfinite(apart));
  const close = logicalOr(eq(a, b), near);
  return equalNan ? logicalOr(close, logicalAnd(a.isnan(), b.isnan())) : close;
}

const ALLCLOSE = ISCLOSE.named("allclose");

/** Whether all elements are close: see {@linkcode isclose}. */
export async function allclose(
  ...given: Call<typeof ALLCLOSE, CloseOptions, [input: Tensor, other: Tensor]>
): Promise<boolean> {
  const { input, other, ...options } = ALLCLOSE.read(given);
  return await allTrue(isclose(input, other, options));
}

const EQUAL = signature("equal", ["input", tensorKind], ["other", tensorKind]);

/** Whether two tensors have the same shape and values. */
export async function equal(
  ...given: Call<typeof EQUAL, Record<never, never>, [input: Tensor, other: Tensor]>
): Promise<boolean> {
  const { input, other } = EQUAL.read(given);
  return sameShape(input.shape, other.shape) && await allTrue(eq(input, other));
}

async function allTrue(x: Tensor): Promise<boolean> {
  return (await x.data() as Uint8Array).every((value) => value !== 0);
}

const ISIN = signature("isin", ["elements", tensorKind], ["testElements", tensorKind], "*", [
  "invert",
  kinds.boolean,
  undefined,
]);

/** Whether each element is one of `testElements`, or (`invert`) none of them. */
export function isin(
  ...given: Call<
    typeof ISIN,
    { readonly invert?: boolean },
    [elements: Tensor, testElements: Tensor]
  >
): Tensor {
  const { elements, testElements, invert = false } = ISIN.read(given);
  const found = elements.detach().unsqueeze(-1).eq(testElements.detach().reshape(-1)).any(-1);
  return invert ? logicalNot(found) : found;
}

const IS_FLOATING_POINT = signature("isFloatingPoint", ["input", tensorKind]);

/** Whether the dtype is floating point. */
export function isFloatingPoint(
  ...given: Call<typeof IS_FLOATING_POINT, Record<never, never>, [input: Tensor]>
): boolean {
  const { input } = IS_FLOATING_POINT.read(given);
  return isFloating(input.dtype);
}

const IS_COMPLEX = signature("isComplex", ["input", tensorKind]);

/** False: there are no complex numbers here. */
export function isComplex(
  ...given: Call<typeof IS_COMPLEX, Record<never, never>, [input: Tensor]>
): boolean {
  IS_COMPLEX.read(given);
  return false;
}

const IS_SIGNED = signature("isSigned", ["input", tensorKind]);

/** Whether the dtype has negative numbers. */
export function isSigned(
  ...given: Call<typeof IS_SIGNED, Record<never, never>, [input: Tensor]>
): boolean {
  const { input } = IS_SIGNED.read(given);
  return input.dtype !== "bool" && !input.dtype.startsWith("uint");
}

const IS_SAME_SIZE = signature("isSameSize", ["input", tensorKind], ["other", tensorKind]);

/** Whether both have one shape. */
export function isSameSize(
  ...given: Call<typeof IS_SAME_SIZE, Record<never, never>, [input: Tensor, other: Tensor]>
): boolean {
  const { input, other } = IS_SAME_SIZE.read(given);
  return sameShape(input.shape, other.shape);
}

/** Whether something is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

const IS_NONZERO = signature("isNonzero", ["input", tensorKind]);

/** Whether the only element is not zero. @throws {Error} if there are more or none */
export async function isNonzero(
  ...given: Call<typeof IS_NONZERO, Record<never, never>, [input: Tensor]>
): Promise<boolean> {
  const { input } = IS_NONZERO.read(given);
  if (input.numel() !== 1) {
    throw new Error(`Boolean value of Tensor with ${input.numel()} values is ambiguous`);
  }
  return await input.item() !== 0;
}

const NUMEL = signature("numel", ["input", tensorKind]);

/** Number of elements. */
export function numel(...given: Call<typeof NUMEL, Record<never, never>, [input: Tensor]>): number {
  const { input } = NUMEL.read(given);
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

const COUNT_NONZERO = signature("countNonzero", ["input", tensorKind], [
  "dim",
  kinds.either(kinds.integer, kinds.integers),
  undefined,
]);

/** 1 where elements are not zero, counted over axes; over all of them unless given. */
export function countNonzero(
  ...given: Call<
    typeof COUNT_NONZERO,
    { readonly dim?: number | readonly number[] },
    [input: Tensor]
  >
): Tensor {
  const { input, dim } = COUNT_NONZERO.read(given);
  return new Tensor(ops.cast(input.detach().ne(0).array, "int64")).sum(dim);
}

const ARGWHERE = signature("argwhere", ["input", tensorKind]);

/** Positions of elements that are not zero [count, axes], as nonzero. */
export function argwhere(
  ...given: Call<typeof ARGWHERE, Record<never, never>, [input: Tensor]>
): Promise<Tensor> {
  const { input } = ARGWHERE.read(given);
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
  allclose,
  equal,
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
