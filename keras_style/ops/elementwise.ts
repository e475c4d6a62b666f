/**
 * Element by element: `keras.ops`' functions of one tensor and of two. Follows https://keras.io/api/ops/numpy/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  binary,
  unary,
  unaryOfFloats,
  type UnaryOp,
  unaryWith,
  withArgument,
} from "./define_op.ts";
import { absolute as magnitude, withoutGradient } from "./gradients.ts";

/** A comparison with a constant or of a tensor with itself, as a condition of tf.where. */
const when = (condition: () => tf.Tensor, yes: tf.Tensor, no: tf.Tensor) =>
  tf.where(withoutGradient(condition), yes, no);
const filled = (x: tf.Tensor, value: number) => tf.fill(x.shape, value, x.dtype as "float32");

/** |x|; its gradient at 0 is 0. */
export const abs: UnaryOp = unary("abs", (x) => x.dtype === "float32" ? magnitude(x) : tf.abs(x));
/** Another name of abs. */
export const absolute: UnaryOp = abs;
/** |x| as float32. */
export const fabs: UnaryOp = unaryOfFloats("fabs", magnitude);
export const arccos: UnaryOp = unaryOfFloats("arccos", (x) => tf.acos(x));
export const arccosh: UnaryOp = unaryOfFloats("arccosh", (x) => tf.acosh(x));
export const arcsin: UnaryOp = unaryOfFloats("arcsin", (x) => tf.asin(x));
export const arcsinh: UnaryOp = unaryOfFloats("arcsinh", (x) => tf.asinh(x));
export const arctan: UnaryOp = unaryOfFloats("arctan", (x) => tf.atan(x));
export const arctanh: UnaryOp = unaryOfFloats("arctanh", (x) => tf.atanh(x));
/** The cube root, also of values below 0. */
export const cbrt: UnaryOp = unaryOfFloats(
  "cbrt",
  (x) => tf.mul(tf.sign(x), tf.pow(magnitude(x), 1 / 3)),
);
export const ceil: UnaryOp = unaryOfFloats("ceil", (x) => tf.ceil(x));
export const cos: UnaryOp = unaryOfFloats("cos", (x) => tf.cos(x));
export const cosh: UnaryOp = unaryOfFloats("cosh", (x) => tf.cosh(x));
/** Degrees to radians. */
export const deg2rad: UnaryOp = unaryOfFloats("deg2rad", (x) => tf.mul(x, Math.PI / 180));
/** Radians to degrees. */
export const rad2deg: UnaryOp = unaryOfFloats("rad2deg", (x) => tf.mul(x, 180 / Math.PI));
export const erf: UnaryOp = unaryOfFloats("erf", (x) => tf.erf(x));
/** 1 - erf(x). */
export const erfc: UnaryOp = unaryOfFloats("erfc", (x) => tf.sub(1, tf.erf(x)));
export const exp: UnaryOp = unaryOfFloats("exp", (x) => tf.exp(x));
/** 2^x. */
export const exp2: UnaryOp = unaryOfFloats("exp2", (x) => tf.exp(tf.mul(x, Math.LN2)));
/** exp(x) - 1. */
export const expm1: UnaryOp = unaryOfFloats("expm1", (x) => tf.expm1(x));
export const floor: UnaryOp = unaryOfFloats("floor", (x) => tf.floor(x));
export const isfinite: UnaryOp = unaryOfFloats("isfinite", (x) => tf.isFinite(x));
export const isinf: UnaryOp = unaryOfFloats("isinf", (x) => tf.isInf(x));
export const isnan: UnaryOp = unaryOfFloats("isnan", (x) => tf.isNaN(x));
export const isneginf: UnaryOp = unaryOfFloats(
  "isneginf",
  (x) => tf.logicalAnd(tf.isInf(x), tf.less(x, 0)),
);
export const isposinf: UnaryOp = unaryOfFloats(
  "isposinf",
  (x) => tf.logicalAnd(tf.isInf(x), tf.greater(x, 0)),
);
/** True everywhere: there are no complex numbers here. */
export const isreal: UnaryOp = unary("isreal", (x) => tf.ones(x.shape, "bool"));
export const log: UnaryOp = unaryOfFloats("log", (x) => tf.log(x));
export const log10: UnaryOp = unaryOfFloats("log10", (x) => tf.mul(tf.log(x), Math.LOG10E));
/** log(1 + x). */
export const log1p: UnaryOp = unaryOfFloats("log1p", (x) => tf.log1p(x));
export const log2: UnaryOp = unaryOfFloats("log2", (x) => tf.mul(tf.log(x), Math.LOG2E));
export const logicalNot: UnaryOp = unary("logicalNot", (x) => tf.logicalNot(tf.cast(x, "bool")));
export const negative: UnaryOp = unary("negative", (x) => tf.neg(x));
/** The number itself: there are no complex numbers here. */
export const real: UnaryOp = unary("real", (x) => tf.clone(x));
/** 0 everywhere: there are no complex numbers here. */
export const imag: UnaryOp = unary("imag", (x) => tf.zerosLike(x));
/** The number itself: there are no complex numbers here. */
export const conj: UnaryOp = unary("conj", (x) => tf.clone(x));
/** Another name of conj. */
export const conjugate: UnaryOp = conj;
export const reciprocal: UnaryOp = unaryOfFloats("reciprocal", (x) => tf.div(1, x));
/** 1 / sqrt(x). */
export const rsqrt: UnaryOp = unaryOfFloats("rsqrt", (x) => tf.div(1, tf.sqrt(x)));
export const sign: UnaryOp = unary(
  "sign",
  (x) => x.dtype === "float32" ? when(() => tf.isNaN(x), filled(x, NaN), tf.sign(x)) : tf.sign(x),
);
/** Whether a number is below 0 (-0 counts as 0). */
export const signbit: UnaryOp = unary("signbit", (x) => tf.less(x, tf.zerosLike(x)));
export const sin: UnaryOp = unaryOfFloats("sin", (x) => tf.sin(x));
/** sin(pi x) / (pi x). */
export const sinc: UnaryOp = unaryOfFloats("sinc", (x) => {
  const scaled = tf.mul(x, Math.PI);
  const safe = when(() => tf.equal(x, 0), filled(x, 1), scaled);
  return when(() => tf.equal(x, 0), filled(x, 1), tf.div(tf.sin(safe), safe));
});
export const sinh: UnaryOp = unaryOfFloats("sinh", (x) => tf.sinh(x));
export const sqrt: UnaryOp = unaryOfFloats("sqrt", (x) => tf.sqrt(x));
export const square: UnaryOp = unary("square", (x) => tf.square(x));
export const tan: UnaryOp = unaryOfFloats("tan", (x) => tf.tan(x));
export const tanh: UnaryOp = unaryOfFloats("tanh", (x) => tf.tanh(x));
/** Towards 0. */
export const trunc: UnaryOp = unaryOfFloats(
  "trunc",
  (x) => tf.mul(tf.sign(x), tf.floor(tf.abs(x))),
);
/** A tensor of the same values. */
export const copy: UnaryOp = unary("copy", (x) => tf.clone(x));
/** The same values, through which no gradient flows. */
export const stopGradient: UnaryOp = unary(
  "stopGradient",
  (x) => withoutGradient(() => tf.clone(x)),
);

/** Rounds halves to even values. */
export const round = unaryWith<{ readonly decimals?: number }>(
  "round",
  { decimals: 0 },
  (x, { decimals }) => {
    if (decimals === 0) return tf.round(x);
    const factor = 10 ** decimals;
    return tf.div(tf.round(tf.mul(x, factor)), factor);
  },
);

/** NaN and infinite numbers replaced. */
export const nanToNum = unaryWith<
  { readonly nan?: number; readonly posinf?: number | null; readonly neginf?: number | null }
>("nanToNum", { nan: 0, posinf: null, neginf: null }, (x, { nan, posinf, neginf }) => {
  const largest = 3.4028234663852886e38;
  const finite = when(() => tf.isNaN(x), filled(x, nan), x);
  const below = when(() => tf.equal(x, Infinity), filled(x, posinf ?? largest), finite);
  return when(() => tf.equal(x, -Infinity), filled(x, neginf ?? -largest), below);
});

/** Values kept within [xMin, xMax]. */
export const clip = withArgument<readonly [xMin: number, xMax: number]>(
  "clip",
  {},
  (x, [xMin, xMax]) => tf.clipByValue(x, xMin, xMax),
);

export const add = binary("add", (a, b) => tf.add(a, b));
export const subtract = binary("subtract", (a, b) => tf.sub(a, b));
export const multiply = binary("multiply", (a, b) => tf.mul(a, b));
const floats = (x: tf.Tensor) => x.dtype === "float32" ? x : tf.cast(x, "float32");
export const divide = binary("divide", (a, b) => tf.div(floats(a), floats(b)));
/** Another name of divide; a function by itself in Keras' files. */
export const trueDivide = binary("trueDivide", (a, b) => tf.div(floats(a), floats(b)));
/** a / b, 0 where b is 0. */
export const divideNoNan = binary("divideNoNan", (a, b) => tf.divNoNan(floats(a), floats(b)));
export const floorDivide = binary(
  "floorDivide",
  (a, b) => withoutGradient(() => tf.floorDiv(a, b)),
);
/** The rest of a division, of b's sign. */
export const mod = binary("mod", (a, b) => tf.mod(a, b));
/** The rest of a division, of a's sign. */
export const fmod = binary(
  "fmod",
  (a, b) => tf.mul(tf.sign(a), tf.mod(tf.abs(a), tf.abs(b))),
);
export const power = binary("power", (a, b) => tf.pow(a, b));
export const maximum = binary("maximum", (a, b) => tf.maximum(a, b));
export const minimum = binary("minimum", (a, b) => tf.minimum(a, b));
/** The larger number; the other one where one is NaN. */
export const fmax = binary(
  "fmax",
  (a, b) => tf.where(tf.isNaN(a), b, tf.where(tf.isNaN(b), a, tf.maximum(a, b))),
);
/** The smaller number; the other one where one is NaN. */
export const fmin = binary(
  "fmin",
  (a, b) => tf.where(tf.isNaN(a), b, tf.where(tf.isNaN(b), a, tf.minimum(a, b))),
);
/** The angle of the point (b, a). */
export const arctan2 = binary("arctan2", (a, b) => tf.atan2(floats(a), floats(b)));
/** sqrt(a² + b²). */
export const hypot = binary(
  "hypot",
  (a, b) => tf.sqrt(tf.add(tf.square(floats(a)), tf.square(floats(b)))),
);
/** log(exp(a) + exp(b)). */
export const logaddexp = binary("logaddexp", (a, b) => {
  const gap = tf.neg(magnitude(tf.sub(floats(a), floats(b))));
  return tf.add(tf.maximum(a, b), tf.log1p(tf.exp(gap)));
});
/** log2(2^a + 2^b). */
export const logaddexp2 = binary("logaddexp2", (a, b) => {
  const gap = tf.neg(magnitude(tf.sub(floats(a), floats(b))));
  const small = tf.mul(tf.log1p(tf.exp(tf.mul(gap, Math.LN2))), Math.LOG2E);
  return tf.add(tf.maximum(a, b), small);
});
/** 0 below 0, 1 above, b at 0. */
export const heaviside = binary("heaviside", (a, b) => {
  const isZero = tf.equal(a, tf.zerosLike(a));
  return tf.where(isZero, tf.broadcastTo(b, a.shape), tf.cast(tf.greater(a, 0), a.dtype));
});
/** a 2^b. */
export const ldexp = binary("ldexp", (a, b) => tf.mul(floats(a), tf.pow(2, floats(b))));
export const equal = binary("equal", (a, b) => tf.equal(a, b));
export const notEqual = binary("notEqual", (a, b) => tf.notEqual(a, b));
export const greater = binary("greater", (a, b) => tf.greater(a, b));
export const greaterEqual = binary("greaterEqual", (a, b) => tf.greaterEqual(a, b));
export const less = binary("less", (a, b) => tf.less(a, b));
export const lessEqual = binary("lessEqual", (a, b) => tf.lessEqual(a, b));
const booleans = (x: tf.Tensor) => tf.cast(x, "bool");
export const logicalAnd = binary("logicalAnd", (a, b) => tf.logicalAnd(booleans(a), booleans(b)));
export const logicalOr = binary("logicalOr", (a, b) => tf.logicalOr(booleans(a), booleans(b)));
export const logicalXor = binary("logicalXor", (a, b) => tf.logicalXor(booleans(a), booleans(b)));
/** Whether values are as near as 1e-8 + 1e-5 |b|. */
export const isclose = binary("isclose", (a, b) => {
  const bound = tf.add(1e-8, tf.mul(1e-5, tf.abs(b)));
  return tf.logicalOr(tf.equal(a, b), tf.lessEqual(tf.abs(tf.sub(a, b)), bound));
});
/** Whether all values are as near as {@linkcode isclose} says. */
export const allclose = binary("allclose", (a, b) => {
  const bound = tf.add(1e-8, tf.mul(1e-5, tf.abs(b)));
  return tf.all(tf.lessEqual(tf.abs(tf.sub(a, b)), bound));
});
