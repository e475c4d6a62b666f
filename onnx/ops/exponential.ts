/**
 * Powers, roots, exponentials and logarithms, element by element.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { equal, greaterEqual, lessEqual, logicalAnd, where } from "./comparison.ts";
import { binary, like, unary } from "./elementwise.ts";
import { longPower } from "./long_integers.ts";

/** e to the x */
export const exp = unary("Exp", { host: Math.exp, gradient: (_x, y, dy) => mul(dy, y) });

/** Natural logarithm */
export const log = unary("Log", { host: Math.log, gradient: (x, _y, dy) => div(dy, x) });

/** Square root */
export const sqrt = unary("Sqrt", {
  host: Math.sqrt,
  gradient: (_x, y, dy) => div(dy, mul(like(y, 2), y)),
});

/** 1 / x */
export const reciprocal = unary("Reciprocal", {
  host: (x) => 1 / x,
  gradient: (_x, y, dy) => neg(mul(dy, mul(y, y))),
});

/** e to the x less 1, exact to the last digits also near 0, where the difference would lose them. */
export const expm1 = unary("Expm1", {
  host: Math.expm1,
  // e^x - 1 = tanh(x / 2) (e^x + 1)
  lower: (writer, x, dtype) => {
    const half = writer.node("Mul", [x, writer.scalar(0.5, dtype)]);
    const sum = writer.node("Add", [writer.node("Exp", [x]), writer.scalar(1, dtype)]);
    return writer.node("Mul", [writer.node("Tanh", [half]), sum]);
  },
  flops: 5,
  gradient: (_x, y, dy) => mul(dy, add(y, like(y, 1))),
});

/** log(1 + x), exact to the last digits also near 0, where the sum would lose them. */
export const log1p = unary("Log1p", {
  host: Math.log1p,
  // With u = 1 + x, rounded: log(u) x / (u - 1), and x itself where u is 1 (Kahan).
  lower: (writer, x, dtype) => {
    const one = writer.scalar(1, dtype);
    const u = writer.node("Add", [x, one]);
    const away = writer.node("Sub", [u, one]);
    const scaled = writer.node("Mul", [
      writer.node("Log", [u]),
      writer.node("Div", [x, away]),
    ]);
    const size = writer.node("Abs", [away]);
    const isLarge = writer.node("Greater", [size, writer.scalar(0, dtype)]);
    const isFinite = writer.node("Less", [x, writer.scalar(Infinity, dtype)]);
    // Where keeps -0 of its last input only.
    return writer.node("Where", [writer.node("And", [isLarge, isFinite]), scaled, x]);
  },
  flops: 8,
  gradient: (x, _y, dy) => div(dy, add(x, like(x, 1))),
});

/** Square root whose gradient at 0 is 0: of a norm or a deviation, whose smallest value that is. */
export const sqrtFlatAtZero = unary("SqrtFlatAtZero", {
  host: Math.sqrt,
  lower: (writer, x) => writer.node("Sqrt", [x]),
  gradient: (_x, y, dy) => where(equal(y, like(y, 0)), like(y, 0), div(dy, mul(like(y, 2), y))),
});

/** a to the power of b. Gradients as in PyTorch: 0 for a where b is 0, and for b where a is 0 and b at least 0. */
export const pow = binary("Pow", {
  host: power,
  lower: (writer, [a, b], dtype) =>
    dtype === "int64" && writer.composesMissing
      ? longPower(writer, a, b)
      : writer.node("Pow", [a, b]),
  integers: { int64: integerPower, int32: (a, b) => Number(integerPower(BigInt(a), BigInt(b))) },
  gradient: (a, b, y, dy) => [
    () => gradientOfBase(a, b, dy),
    () => {
      const zero = like(a, 0);
      const flat = logicalAnd(equal(a, zero), greaterEqual(b, zero));
      return where(flat, zero, mul(dy, mul(y, log(a))));
    },
  ],
});

/** As in C: 1 to the power of anything is 1, and so is -1 to an infinite power. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** With the bits that int64 keeps; of a negative exponent the fraction is cut off. */
function integerPower(a: bigint, b: bigint): bigint {
  if (b < 0n) return a === 1n || (a === -1n && b % 2n === 0n) ? 1n : a === -1n ? -1n : 0n;
  let [result, base] = [1n, a];
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * base);
    base = BigInt.asIntN(64, base * base);
  }
  return result;
}

function gradientOfBase(a: LazyArray, b: LazyArray, dy: LazyArray): LazyArray {
  const zero = like(b, 0);
  const slope = mul(dy, mul(b, pow(a, sub(b, like(b, 1)))));
  if (b.isConstant && b.buffer.data.every((value) => value !== 0)) return slope;
  return where(equal(b, zero), zero, slope);
}

/** a log(b), 0 where a is 0 unless b is NaN. Gradients as in PyTorch: 0 for a where a is 0 and b at most 0. */
export const xlogy = binary("Xlogy", {
  floatingOnly: true,
  host: (a, b) => a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b),
  lower: (writer, [a, b], dtype) => {
    const zero = writer.scalar(0, dtype);
    const isZero = writer.node("Equal", [a, zero]);
    const isNumber = writer.node("Not", [writer.node("IsNaN", [b])]);
    const product = writer.node("Mul", [a, writer.node("Log", [b])]);
    return writer.node("Where", [writer.node("And", [isZero, isNumber]), zero, product]);
  },
  gradient: (a, b, _y, dy) => [
    () => {
      const zero = like(a, 0);
      const flat = logicalAnd(equal(a, zero), lessEqual(b, zero));
      return where(flat, zero, mul(dy, log(b)));
    },
    () => div(mul(dy, a), b),
  ],
});
