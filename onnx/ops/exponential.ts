/**
 * Powers, roots, exponentials and logarithms, element by element.
 * @module
 */
import { div, mul, neg, sub } from "./arithmetic.ts";
import { binary, like, unary } from "./elementwise.ts";

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

/** a to the power of b */
export const pow = binary("Pow", {
  host: (a, b) => a ** b,
  gradient: (a, b, y, dy) => [
    () => mul(dy, mul(b, pow(a, sub(b, like(b, 1))))),
    () => mul(dy, mul(y, log(a))),
  ],
});
