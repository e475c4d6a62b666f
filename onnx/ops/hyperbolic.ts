/**
 * The tangent, hyperbolic functions and inverses. ONNX Runtime's CPU kernels compute them in
 * float32 only: other floating point types go through it.
 * @module
 */
import { isFloating, onnxTypeOf } from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { sqrt } from "./exponential.ts";
import { mapHost } from "./elementwise.ts";

type Slope = (x: LazyArray, y: LazyArray) => LazyArray;

function float32Unary(
  name: string,
  host: (x: number) => number,
  slope: Slope,
): (x: LazyArray) => LazyArray {
  const op: Op = {
    name,
    infer: ([x]) => {
      if (!isFloating(x.dtype)) {
        failShape(name, `dtype ${x.dtype} is not supported, expected a floating point type`);
      }
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    lower: (writer, [x], _, { inputs: [{ dtype }] }) => {
      if (dtype === "float32") return [writer.node(name, [x])];
      const to = (value: string, type: "float32" | typeof dtype) =>
        writer.node("Cast", [value], { attributes: { to: onnxTypeOf(type) } });
      return [to(writer.node(name, [to(x, "float32")]), dtype)];
    },
    host: ([x], _, output) => mapHost(x, output, host),
    gradient: ({ inputs: [x], outputs: [y], upstream: [dy] }) => [mul(dy!, slope(x, y))],
  };
  return (x) => applyOp(op, [x])[0];
}

function one(x: LazyArray): LazyArray {
  return constant(1, x.dtype);
}

/** 1 / sqrt(1 - x²) */
function circular(x: LazyArray): LazyArray {
  return div(one(x), sqrt(sub(one(x), mul(x, x))));
}

/** Tangent of an angle in radians. ONNX operator Tan. */
export const tan = float32Unary("Tan", Math.tan, (x, y) => add(one(x), mul(y, y)));
/** Inverse of the sine. ONNX operator Asin. */
export const asin = float32Unary("Asin", Math.asin, circular);
/** Inverse of the cosine. ONNX operator Acos. */
export const acos = float32Unary("Acos", Math.acos, (x) => neg(circular(x)));
/** Inverse of the tangent. ONNX operator Atan. */
export const atan = float32Unary(
  "Atan",
  Math.atan,
  (x) => div(one(x), add(one(x), mul(x, x))),
);
/** Hyperbolic sine. ONNX operator Sinh. */
export const sinh = float32Unary("Sinh", Math.sinh, (x) => cosh(x));
/** Hyperbolic cosine. ONNX operator Cosh. */
export const cosh = float32Unary("Cosh", Math.cosh, (x) => sinh(x));
/** Inverse of the hyperbolic sine. ONNX operator Asinh. */
export const asinh = float32Unary(
  "Asinh",
  Math.asinh,
  (x) => div(one(x), sqrt(add(mul(x, x), one(x)))),
);
/** Inverse of the hyperbolic cosine. ONNX operator Acosh. */
export const acosh = float32Unary(
  "Acosh",
  Math.acosh,
  (x) => div(one(x), sqrt(sub(mul(x, x), one(x)))),
);
/** Inverse of the hyperbolic tangent. ONNX operator Atanh. */
export const atanh = float32Unary(
  "Atanh",
  Math.atanh,
  (x) => div(one(x), sub(one(x), mul(x, x))),
);
