/**
 * Functions that compute each element from the elements at the same index. Tensors of different shapes are
 * broadcast, those of different dtypes promoted. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { constant, isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { type Binary, binaryInto, type Unary, unaryInto } from "./operand_arguments.ts";
import { deliver, type OutOption } from "./out.ts";
import { fractional, promoted, promotedToFraction } from "./type_promotion.ts";

function unary(name: string, compute: (x: LazyArray) => LazyArray): Unary {
  return unaryInto(name, (input) => apply(name, [input], ([x]) => compute(x)));
}

/** Integers become float32 first. */
function fractionUnary(name: string, compute: (x: LazyArray) => LazyArray): Unary {
  return unaryInto(name, (input) => apply(name, [fractional(input)], ([x]) => compute(x)));
}

/** Integers stay as they are: for rounding. */
function roundingUnary(name: string, compute: (x: LazyArray) => LazyArray): Unary {
  return unary(name, (x) => isFloating(x.dtype) ? compute(x) : x);
}

/** -x */
export const neg: Unary = unary("Neg", ops.neg);
/** |x| */
export const abs: Unary = unary("Abs", ops.abs);
/** -1, 0 or 1 */
export const sign: Unary = unary("Sign", ops.sign);
/** e to the power of x */
export const exp: Unary = fractionUnary("Exp", ops.exp);
/** e to the power of x, less 1 */
export const expm1: Unary = fractionUnary("Expm1", ops.expm1);
/** Natural logarithm */
export const log: Unary = fractionUnary("Log", ops.log);
/** Natural logarithm of 1 + x */
export const log1p: Unary = fractionUnary("Log1p", ops.log1p);
/** Square root */
export const sqrt: Unary = fractionUnary("Sqrt", ops.sqrt);
/** 1 / square root */
export const rsqrt: Unary = fractionUnary("Rsqrt", (x) => ops.reciprocal(ops.sqrt(x)));
/** x x; int64 of booleans */
export const square: Unary = unary("Square", (x) => {
  const numbers = x.dtype === "bool" ? ops.cast(x, "int64") : x;
  return ops.mul(numbers, numbers);
});
/** 1 / x */
export const reciprocal: Unary = fractionUnary("Reciprocal", ops.reciprocal);
/** Sine of an angle in radians */
export const sin: Unary = fractionUnary("Sin", ops.sin);
/** Cosine of an angle in radians */
export const cos: Unary = fractionUnary("Cos", ops.cos);
/** Hyperbolic tangent */
export const tanh: Unary = fractionUnary("Tanh", ops.tanh);
/** 1 / (1 + exp(-x)) */
export const sigmoid: Unary = fractionUnary("Sigmoid", ops.sigmoid);
/** max(x, 0) */
export const relu: Unary = unary(
  "Relu",
  (x) => isFloating(x.dtype) ? ops.relu(x) : ops.maximum(x, constant(0, x.dtype)),
);
/** Error function */
export const erf: Unary = fractionUnary("Erf", ops.erf);
/** Largest integer not above x */
export const floor: Unary = roundingUnary("Floor", ops.floor);
/** Smallest integer not below x */
export const ceil: Unary = roundingUnary("Ceil", ops.ceil);
/** Nearest integer, halves to the even one */
export const round: Unary = roundingUnary("Round", ops.round);
/** x without its fraction */
export const trunc: Unary = roundingUnary("Trunc", ops.trunc);

function binary(name: string, compute: (a: LazyArray, b: LazyArray) => LazyArray): Binary {
  return binaryInto(
    name,
    (input, other) => apply(name, promoted(input, other), ([a, b]) => compute(a, b)),
  );
}

/** Options of {@linkcode add} and {@linkcode sub}. */
export interface AlphaOption extends OutOption {
  /** `other` is multiplied by it first; 1 unless given. */
  readonly alpha?: number;
}

const ADD = signature(
  "add",
  ["input", operandKind],
  ["other", operandKind],
  ["alpha", kinds.number, undefined],
  "*",
  ["out", tensorKind, undefined],
);

/** input + alpha other; booleans are or-ed. */
export function add(
  ...given: Call<typeof ADD, AlphaOption, [input: Operand, other: Operand]>
): Tensor {
  const { input, other, ...options } = ADD.read(given);
  const right = options.alpha === undefined ? other : mul(other, options.alpha);
  return plus(input, right, { out: options.out });
}
const plus = binary("Add", (a, b) => a.dtype === "bool" ? ops.logicalOr(a, b) : ops.add(a, b));

const SUB = signature(
  "sub",
  ["input", operandKind],
  ["other", operandKind],
  ["alpha", kinds.number, undefined],
  "*",
  ["out", tensorKind, undefined],
);

/** input - alpha other */
export function sub(
  ...given: Call<typeof SUB, AlphaOption, [input: Operand, other: Operand]>
): Tensor {
  const { input, other, ...options } = SUB.read(given);
  const right = options.alpha === undefined ? other : mul(other, options.alpha);
  return minus(input, right, { out: options.out });
}
const minus = binary("Sub", (a, b) => {
  if (a.dtype !== "bool") return ops.sub(a, b);
  throw new Error(
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use logicalXor() instead.",
  );
});

/** input * other; booleans are and-ed. */
export const mul: Binary = binary(
  "Mul",
  (a, b) => a.dtype === "bool" ? ops.logicalAnd(a, b) : ops.mul(a, b),
);

/** Options of {@linkcode div}. */
export interface DivOptions extends OutOption {
  /** Round towards zero or down; the quotient stays a fraction unless given. */
  readonly roundingMode?: "trunc" | "floor";
}

const DIV = signature("div", ["input", operandKind], ["other", operandKind], "*", [
  "roundingMode",
  kinds.oneOf("trunc", "floor"),
  undefined,
], ["out", tensorKind, undefined]);

/** input / other, a fraction also of integers. */
export function div(
  ...given: Call<typeof DIV, DivOptions, [input: Operand, other: Operand]>
): Tensor {
  const { input, other, ...options } = DIV.read(given);
  const { roundingMode: mode, out } = options;
  if (mode === "floor") return floorDivide(input, other, { out });
  if (mode === "trunc") return truncDivide(input, other, { out });
  const quotient = apply("Div", promotedToFraction(input, other), ([a, b]) => ops.div(a, b));
  return deliver(quotient, { out });
}

const truncDivide = binary("Div", (a, b) => {
  const quotient = ops.div(a, notBoolean("div", b));
  return isFloating(a.dtype) ? ops.trunc(quotient) : quotient;
});

/** input / other, rounded down. Integers divided by 0 are an error: at once where the values are known, else as they are computed. */
export const floorDivide: Binary = binary(
  "FloorDivide",
  (a, b) => ops.floorDivide(a, notBoolean("floorDivide", b)),
);

function notBoolean(name: string, divisor: LazyArray): LazyArray {
  if (divisor.dtype !== "bool") return divisor;
  throw new Error(`${name} is not implemented for bool, expected numbers`);
}

const REMAINDER = signature("remainder", ["input", operandKind], ["other", operandKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** What is left of input / other rounded down; has the sign of `other`. Integers divided by 0 are an error, see {@linkcode floorDivide}. */
export function remainder(
  ...given: Call<typeof REMAINDER, OutOption, [input: Operand, other: Operand]>
): Tensor {
  const { input, other, ...options } = REMAINDER.read(given);
  return modulo(input, other, options);
}
const modulo = binary(
  "Remainder",
  (a, b) => ops.remainder(a, notBoolean("remainder", b)),
);

/** input to the power of other. Roots of negative infinity are NaN, as in PyTorch. */
export const pow: Binary = (input, other, options) => {
  if (other === 0.5 && input instanceof Tensor) return sqrt(input, options);
  if (other === -0.5 && input instanceof Tensor) return rsqrt(input, options);
  return power(input, other, options);
};
const power = binary("Pow", ops.pow);
/** The larger one; where both are equal each takes half of the gradient. */
export const maximum: Binary = binary("Maximum", ops.maximum);
/** The smaller one */
export const minimum: Binary = binary("Minimum", ops.minimum);

/** Options of {@linkcode clamp}. */
export interface ClampOptions extends OutOption {
  readonly min?: Operand;
  readonly max?: Operand;
}

const CLAMP = signature(
  "clamp",
  ["input", tensorKind],
  ["min", operandKind, undefined],
  ["max", operandKind, undefined],
  "*",
  ["out", tensorKind, undefined],
);

/** Elements below `min` become `min`, those above `max` become `max`. */
export function clamp(...given: Call<typeof CLAMP, ClampOptions, [input: Tensor]>): Tensor {
  const { input, ...options } = CLAMP.read(given);
  if (options.min === undefined && options.max === undefined) {
    throw new Error("clamp: At least one of 'min' or 'max' must not be None");
  }
  const { min, max } = options;
  const all = promoted(input, ...[min, max].filter((bound) => bound !== undefined));
  const [low, high] = [min ?? null, max ?? null];
  if (isFloating(all[0].dtype) && !(low instanceof Tensor) && !(high instanceof Tensor)) {
    const bounds = [low, high].map((bound) => bound === null ? null : Number(bound));
    return deliver(apply("Clamp", [all[0]], ([x]) => ops.clamp(x, bounds[0], bounds[1])), options);
  }
  const result = apply("Clamp", all, ([x, ...bounds]) => {
    const low = min === undefined ? undefined : bounds.shift()!;
    const [high] = bounds;
    const raised = low ? between(x, low, ops.less) : x;
    return high ? between(raised, high, ops.greater) : raised;
  });
  return deliver(result, options);
}

const WHERE = signature("where", ["condition", tensorKind], ["input", operandKind], [
  "other",
  operandKind,
]);

/** x, but the bound where x is beyond it. On a bound that is a tensor both have half of the gradient, as in PyTorch. */
function between(x: LazyArray, bound: LazyArray, isBeyond: typeof ops.less): LazyArray {
  if (!isFloating(x.dtype)) return ops.where(isBeyond(x, bound), bound, x);
  const strange = ops.where(ops.isNaN(bound), constant(NaN, x.dtype), constant(0, x.dtype));
  const kept = ops.where(isBeyond(x, bound), bound, ops.add(x, strange));
  const half = constant(0.5, x.dtype);
  const middle = ops.add(ops.mul(x, half), ops.mul(bound, half));
  return ops.where(ops.equal(x, bound), middle, kept);
}

/**
 * Elements of `input` where the condition holds, of `other` elsewhere. ONNX Runtime's kernel gives 0 for -0 of `input`; keeping
 * the sign would take twice the time.
 */
export function where(
  ...given: Call<
    typeof WHERE,
    Record<never, never>,
    [condition: Tensor, input: Operand, other: Operand]
  >
): Tensor {
  const { condition, input, other } = WHERE.read(given);
  const [a, b] = promoted(input, other);
  return apply("Where", [condition, a, b], ([c, x, y]) => ops.where(c, x, y));
}

const LERP = signature("lerp", ["input", tensorKind], ["end", tensorKind], ["weight", operandKind]);

/** start + weight (end - start), from the nearer end, as in PyTorch: infinite ends stay what they are. */
export function lerp(
  ...given: Call<typeof LERP, Record<never, never>, [input: Tensor, end: Tensor, weight: Operand]>
): Tensor {
  const { input, end, weight } = LERP.read(given);
  const difference = end.sub(input);
  if (typeof weight !== "object") {
    const share = Number(weight);
    return share < 0.5 ? input.add(difference.mul(share)) : end.add(difference.mul(share - 1));
  }
  const isNear = weight.detach().lt(0.5);
  const shift = where(isNear, weight, weight.sub(1));
  return where(isNear, input, end).add(difference.mul(shift));
}

const MASKED_FILL = signature("maskedFill", ["input", tensorKind], ["mask", tensorKind], [
  "value",
  operandKind,
]);

/** `value` where the mask is true. */
export function maskedFill(
  ...given: Call<
    typeof MASKED_FILL,
    Record<never, never>,
    [input: Tensor, mask: Tensor, value: Operand]
  >
): Tensor {
  const { input, mask, value } = MASKED_FILL.read(given);
  const filling = value instanceof Tensor ? value : promoted(value, input)[0];
  return where(mask, filling.to(input.dtype), input);
}

const methods = {
  neg,
  abs,
  sign,
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  rsqrt,
  square,
  reciprocal,
  sin,
  cos,
  tanh,
  sigmoid,
  relu,
  erf,
  floor,
  ceil,
  round,
  trunc,
  add,
  sub,
  mul,
  div,
  floorDivide,
  remainder,
  pow,
  maximum,
  minimum,
  clamp,
  lerp,
  maskedFill,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
