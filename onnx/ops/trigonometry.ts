/**
 * Trigonometric and hyperbolic functions, element by element.
 * @module
 */
import { mul, neg, sub } from "./arithmetic.ts";
import { like, unary } from "./elementwise.ts";

/** Hyperbolic tangent */
export const tanh = unary("Tanh", {
  host: Math.tanh,
  gradient: (_x, y, dy) => mul(dy, sub(like(y, 1), mul(y, y))),
});

/** Sine */
export const sin = unary("Sin", { host: Math.sin, gradient: (x, _y, dy) => mul(dy, cos(x)) });

/** Cosine */
export const cos = unary("Cos", { host: Math.cos, gradient: (x, _y, dy) => neg(mul(dy, sin(x))) });
