/**
 * Remainders, and quotients rounded down: as in C and PyTorch, where a finite number divided by an infinite one of the other sign
 * is -1, rounded down.
 * @module
 */
import { isFloating } from "../dtype.ts";
import type { LazyArray } from "../lazy_array.ts";
import { abs, div, divisor, floor, mul, neg, safeQuotient, sign, sub } from "./arithmetic.ts";
import { equal, greater, less, logicalAnd, logicalNot, logicalOr, where } from "./comparison.ts";
import { binary, like } from "./elementwise.ts";
import { round } from "./rounding.ts";

/** What is left of a / b rounded towards zero; has the sign of a. ONNX operator Mod with fmod = 1. */
export const fmod = binary("Fmod", {
  host: (a, b) => a % b,
  integers: { int64: (a, b) => a % divisor(a, b), int32: (a, b) => a % divisor(a, b) },
  lower: (writer, [a, b], dtype) => {
    if (isFloating(dtype)) return writer.node("Mod", [a, b], { attributes: { fmod: 1 } });
    // The operator computes integers as floating point numbers.
    const left = (safe: string) =>
      writer.node("Sub", [a, writer.node("Mul", [writer.node("Div", [a, safe]), safe])]);
    return safeQuotient(writer, b, dtype, left, () => writer.node("Sub", [a, a]));
  },
  gradient: (a, b, _y, dy) => [() => dy, () => neg(mul(dy, quotient(a, b)))],
});

/** a / b rounded towards zero, without a gradient. */
function quotient(a: LazyArray, b: LazyArray): LazyArray {
  const exact = div(a, b);
  return mul(sign(exact), floor(abs(exact)));
}

/** What is left of a / b rounded down; has the sign of b. */
export const remainder = binary("Remainder", {
  host: modulo,
  integers: {
    int64: (a, b) => {
      const left = a % divisor(a, b);
      return left && (b < 0n) !== (left < 0n) ? left + b : left;
    },
    int32: (a, b) => modulo(a, divisor(a, b)),
  },
  lower: (writer, [a, b], dtype) => {
    if (!isFloating(dtype)) {
      const nothing = () => writer.node("Sub", [a, a]);
      return safeQuotient(writer, b, dtype, (safe) => writer.node("Mod", [a, safe]), nothing);
    }
    const zero = writer.scalar(0, dtype);
    const left = writer.node("Mod", [a, b], { attributes: { fmod: 1 } });
    const isBelow = (x: string) => writer.node("Less", [x, zero]);
    const differs = writer.node("Xor", [isBelow(b), isBelow(left)]);
    const isNotZero = writer.node("Not", [writer.node("Equal", [left, zero])]);
    const isNumber = writer.node("Not", [writer.node("IsNaN", [left])]);
    const counts = writer.node("And", [isNotZero, isNumber]);
    const isOff = writer.node("And", [differs, counts]);
    return writer.node("Where", [isOff, writer.node("Add", [left, b]), left]);
  },
  gradient: (a, b, _y, dy) => [() => dy, () => neg(mul(dy, floorDivide(a, b)))],
});

function modulo(a: number, b: number): number {
  const left = a % b;
  return left !== 0 && (b < 0) !== (left < 0) ? left + b : left;
}

/** a / b rounded down. Without a gradient. Integers divided by 0 are an error, see {@linkcode div}. */
export function floorDivide(a: LazyArray, b: LazyArray): LazyArray {
  if (!isFloating(a.dtype)) return div(sub(a, remainder(a, b)), b);
  const [zero, one] = [like(a, 0), like(a, 1)];
  const left = fmod(a, b);
  const exact = div(sub(a, left), b);
  const quotient = round(where(isOfOtherSign(left, b), sub(exact, one), exact));
  return where(equal(b, zero), div(a, b), quotient);
}

/** Whether a remainder is not 0 and has not the divisor's sign. */
function isOfOtherSign(left: LazyArray, divisor: LazyArray): LazyArray {
  const zero = like(divisor, 0);
  const negative = less(divisor, zero);
  return logicalOr(
    logicalAnd(negative, greater(left, zero)),
    logicalAnd(logicalNot(negative), less(left, zero)),
  );
}
