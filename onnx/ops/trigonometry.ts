/**
 * Trigonometric and hyperbolic functions and their inverses, element by element.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { equal, where } from "./comparison.ts";
import { binary, like, unary, type UnaryFunction } from "./elementwise.ts";
import { sqrt } from "./exponential.ts";
import { negativeNode } from "./sign_node.ts";

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
): UnaryFunction {
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

/** The angle in radians, -π to π, of the point with height y and width x. Signs of zero count, at the origin too. */
export const atan2 = binary("Atan2", {
  floatingOnly: true,
  host: Math.atan2,
  lower: (writer, [y, x], dtype, types) => {
    const number = (value: number) => writer.scalar(value, dtype);
    const isInfinite = (a: string) =>
      writer.node("Equal", [writer.node("Abs", [a]), number(Infinity)]);
    const isBelow = (a: string) => negativeNode(writer, a, dtype);
    // Infinite both, they meet as if both were 1.
    const both = writer.node("And", [isInfinite(y), isInfinite(x)]);
    const [height, width] = [y, x].map((a) =>
      writer.node("Where", [both, writer.node("Sign", [a]), a])
    );
    const isOrigin = writer.node("And", [y, x].map((a) => writer.node("Equal", [a, number(0)])));
    const divisor = writer.node("Where", [isOrigin, number(1), width]);
    const angle = atan.op.lower(writer, [writer.node("Div", [height, divisor])], {}, types)[0];
    const half = writer.node("Where", [isBelow(y), number(-Math.PI), number(Math.PI)]);
    // Where keeps -0 of its last input only.
    return writer.node("Where", [isBelow(x), writer.node("Add", [angle, half]), angle]);
  },
  gradient: (y, x, _angle, dy) => {
    const square = add(mul(y, y), mul(x, x));
    const isOrigin = equal(square, like(square, 0));
    const scale = where(isOrigin, like(square, 0), div(like(square, 1), square));
    return [() => mul(mul(dy, x), scale), () => neg(mul(mul(dy, y), scale))];
  },
});

/** sqrt(a² + b²) without overflow, infinite where one is. */
export const hypot = binary("Hypot", {
  floatingOnly: true,
  host: Math.hypot,
  lower: (writer, [a, b], dtype) => {
    const [x, y] = [a, b].map((side) => writer.node("Abs", [side]));
    const infinite = writer.scalar(Infinity, dtype);
    const isInfinite = writer.node(
      "Or",
      [x, y].map((side) => writer.node("Equal", [side, infinite])),
    );
    const longer = writer.node("Max", [x, y]);
    const isZero = writer.node("Equal", [longer, writer.scalar(0, dtype)]);
    const scale = writer.node("Where", [isZero, writer.scalar(1, dtype), longer]);
    const squares = [x, y].map((side) => {
      const share = writer.node("Div", [side, scale]);
      return writer.node("Mul", [share, share]);
    });
    const root = writer.node("Sqrt", [writer.node("Add", squares)]);
    return writer.node("Where", [isInfinite, infinite, writer.node("Mul", [scale, root])]);
  },
  gradient: (a, b, y, dy) => [() => mul(dy, div(a, y)), () => mul(dy, div(b, y))],
});
