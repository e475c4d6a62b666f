/**
 * Arithmetic, element by element.
 * @module
 */
import { isFloating } from "../dtype.ts";
import { binary, unary, zerosLike } from "./elementwise.ts";

/** -x */
export const neg = unary("Neg", {
  host: (x) => -x,
  integers: true,
  gradient: (_x, _y, dy) => neg(dy),
});

/** |x| */
export const abs = unary("Abs", {
  host: Math.abs,
  integers: true,
  gradient: (x, _y, dy) => mul(dy, sign(x)),
});

/** -1, 0 or 1; 0 for NaN, as in PyTorch */
export const sign = unary("Sign", {
  host: (x) => Number.isNaN(x) ? 0 : Math.sign(x),
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

/** a / b; integers are cut off towards zero */
export const div = binary("Div", {
  host: (a, b) => a / b,
  gradient: (_a, b, y, dy) => [() => div(dy, b), () => neg(div(mul(dy, y), b))],
});

/** Largest integer not above x */
export const floor = unary("Floor", {
  host: Math.floor,
  gradient: zerosLike,
});
