/**
 * Arithmetic, element by element.
 * @module
 */
import { type DType, isFloating } from "../dtype.ts";
import type { GraphWriter } from "../export/graph_writer.ts";
import { binary, unary, zerosLike } from "./elementwise.ts";

/** -x */
export const neg = unary("Neg", {
  host: (x) => -x,
  integers: { int64: (x) => -x },
  gradient: (_x, _y, dy) => neg(dy),
});

/** |x| */
export const abs = unary("Abs", {
  host: Math.abs,
  integers: { int64: (x) => x < 0n ? -x : x },
  gradient: (x, _y, dy) => mul(dy, sign(x)),
});

/** -1, 0 or 1; 0 for NaN, as in PyTorch */
export const sign = unary("Sign", {
  host: (x) => x > 0 ? 1 : x < 0 ? -1 : 0,
  lower: (writer, x, dtype) => {
    const signs = writer.node("Sign", [x]);
    if (!isFloating(dtype) || !writer.carriesNaN) return signs;
    return writer.node("Where", [writer.node("IsNaN", [x]), writer.scalar(0, dtype), signs]);
  },
  integers: true,
  gradient: zerosLike,
});

/** a + b */
export const add = binary("Add", {
  commutative: true,
  host: (a, b) => a + b,
  integers: { int64: (a, b) => a + b },
  gradient: (_a, _b, _y, dy) => [() => dy, () => dy],
});

/** a - b */
export const sub = binary("Sub", {
  host: (a, b) => a - b,
  integers: { int64: (a, b) => a - b },
  gradient: (_a, _b, _y, dy) => [() => dy, () => neg(dy)],
});

/** a * b */
export const mul = binary("Mul", {
  commutative: true,
  host: (a, b) => a * b,
  integers: { int64: (a, b) => a * b, int32: Math.imul },
  gradient: (a, b, _y, dy) => [() => mul(dy, b), () => mul(dy, a)],
});

/**
 * a / b; integers are cut off towards zero. An integer divided by 0 is an error: on the host a RangeError, else ONNX Runtime's as
 * the program runs.
 */
export const div = binary("Div", {
  host: (a, b) => a / b,
  integers: {
    int64: (a, b) => a / divisor(a, b),
    int32: (a, b) => Math.trunc(a / divisor(a, b)),
  },
  lower: (writer, [a, b], dtype) =>
    safeQuotient(
      writer,
      b,
      dtype,
      (divisor) => writer.node("Div", [a, divisor]),
      () => writer.node("Neg", [a]),
    ),
  gradient: (_a, b, y, dy) => [() => div(dy, b), () => neg(div(mul(dy, y), b))],
});

/** The divisor of integers. @throws {RangeError} if it is 0 */
export function divisor<T extends number | bigint>(a: T, b: T): T {
  if (b) return b;
  throw new RangeError(`ZeroDivisionError: ${a} is divided by the integer 0`);
}

/**
 * What is computed from a divisor, and where that is -1 something else: the processor stops the whole process where the smallest
 * integer is divided by -1.
 */
export function safeQuotient(
  writer: GraphWriter,
  divisor: string,
  dtype: DType,
  compute: (divisor: string) => string,
  ofMinusOne: () => string,
): string {
  if (dtype !== "int32" && dtype !== "int64") return compute(divisor);
  const isMinusOne = writer.node("Equal", [divisor, writer.scalar(-1, dtype)]);
  const safe = writer.node("Where", [isMinusOne, writer.scalar(1, dtype), divisor]);
  return writer.node("Where", [isMinusOne, ofMinusOne(), compute(safe)]);
}

/** Largest integer not above x */
export const floor = unary("Floor", {
  host: Math.floor,
  gradient: zerosLike,
});
