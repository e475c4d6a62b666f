/**
 * Trigonometric and hyperbolic functions and their inverses, element by element.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { like, unary } from "./elementwise.ts";
import { sqrt } from "./exponential.ts";

/** Hyperbolic tangent */
export const tanh = unary("Tanh", {
  host: Math.tanh,
  gradient: (_x, y, dy) => mul(dy, sub(like(y, 1), mul(y, y))),
});

/** Sine */
export const sin = unary("Sin", { host: Math.sin, gradient: (x, _y, dy) => mul(dy, cos(x)) });

/** Cosine */
export const cos = unary("Cos", { host: Math.cos, gradient: (x, _y, dy) => neg(mul(dy, sin(x))) });

/** A function whose kernel ONNX Runtime has for float32 only. @param slope at x, where y came out */
function single(
  name: string,
  host: (x: number) => number,
  slope: (x: LazyArray, y: LazyArray) => LazyArray,
): (x: LazyArray) => LazyArray {
  return unary(name, {
    host,
    float32Only: true,
    gradient: (x, y, dy) => mul(dy, slope(x, y)),
  });
}

/** 1 / sqrt(1 - x²) */
function circular(x: LazyArray): LazyArray {
  return div(like(x, 1), sqrt(sub(like(x, 1), mul(x, x))));
}

/** Tangent of an angle in radians. ONNX operator Tan. */
export const tan = single("Tan", Math.tan, (x, y) => add(like(x, 1), mul(y, y)));
/** Inverse of the sine. ONNX operator Asin. */
export const asin = single("Asin", Math.asin, circular);
/** Inverse of the cosine. ONNX operator Acos. */
export const acos = single("Acos", Math.acos, (x) => neg(circular(x)));
/** Inverse of the tangent. ONNX operator Atan. */
export const atan = single(
  "Atan",
  Math.atan,
  (x) => div(like(x, 1), add(like(x, 1), mul(x, x))),
);
/** Hyperbolic sine. ONNX operator Sinh. */
export const sinh = single("Sinh", Math.sinh, (x) => cosh(x));
/** Hyperbolic cosine. ONNX operator Cosh. */
export const cosh = single("Cosh", Math.cosh, (x) => sinh(x));
/** Inverse of the hyperbolic sine. ONNX operator Asinh. */
export const asinh = single(
  "Asinh",
  Math.asinh,
  (x) => div(like(x, 1), sqrt(add(mul(x, x), like(x, 1)))),
);
/** Inverse of the hyperbolic cosine. ONNX operator Acosh. */
export const acosh = single(
  "Acosh",
  Math.acosh,
  (x) => div(like(x, 1), sqrt(sub(mul(x, x), like(x, 1)))),
);
/** Inverse of the hyperbolic tangent. ONNX operator Atanh. */
export const atanh = single(
  "Atanh",
  Math.atanh,
  (x) => div(like(x, 1), sub(like(x, 1), mul(x, x))),
);
