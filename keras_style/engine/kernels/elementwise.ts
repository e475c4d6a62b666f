/**
 * Kernels that compute each element from the elements at the same index.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type DType, isFloating, type LazyArray, ops } from "../../../onnx/mod.ts";
import { floatType } from "../float_scope.ts";
import { defineKernel } from "../kernel.ts";

type Unary = (x: LazyArray) => LazyArray;
type Binary = (a: LazyArray, b: LazyArray) => LazyArray;

/** A scalar of an array's own type. */
export function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

/** The array as float32, where it holds integers or booleans. */
export function floating(x: LazyArray): LazyArray {
  return isFloating(x.dtype) ? x : ops.cast(x, floatType());
}

/** ONNX's arithmetic has no bool: computes with int32 and goes back. */
function arithmetic(rule: Binary): Binary {
  return (a, b) => {
    if (a.dtype !== "bool") return rule(a, b);
    return ops.cast(rule(ops.cast(a, "int32"), ops.cast(b, "int32")), "bool");
  };
}

/** Compares bools as the values 0 and 1. */
function comparison(rule: Binary): Binary {
  return (a, b) =>
    a.dtype === "bool" ? rule(ops.cast(a, "int32"), ops.cast(b, "int32")) : rule(a, b);
}

/** Computes in float64 and goes back: small numbers beside 1 and large integers stay exact. */
function precisely(rule: (...xs: LazyArray[]) => LazyArray, to?: DType) {
  return (...xs: LazyArray[]) =>
    ops.cast(rule(...xs.map((x) => ops.cast(x, "float64"))), to ?? xs[0].dtype);
}

/** Of a floating point type and another its own: two of them were brought to one before. */
function upcast(a: DType, b: DType): DType {
  const [float] = [a, b].filter(isFloating);
  return float ?? tf.backend_util.upcastType(a as tf.DataType, b as tf.DataType) as DType;
}

/** One result type for two inputs of different types, as TensorFlow.js promotes them. */
function matched(rule: Binary): Binary {
  return (a, b) => {
    if (a.dtype === b.dtype) return rule(a, b);
    const dtype = upcast(a.dtype, b.dtype);
    return rule(ops.cast(a, dtype), ops.cast(b, dtype));
  };
}

const floatUnary: Readonly<Record<string, Unary>> = {
  [tf.Log]: ops.log,
  [tf.Sqrt]: ops.sqrt,
  [tf.Rsqrt]: (x) => ops.reciprocal(ops.sqrt(x)),
  [tf.Reciprocal]: ops.reciprocal,
  [tf.Sigmoid]: ops.sigmoid,
  [tf.Tanh]: ops.tanh,
  [tf.Sin]: ops.sin,
  [tf.Cos]: ops.cos,
  [tf.Erf]: ops.erf,
  [tf.Elu]: (x) => ops.elu(x),
  [tf.Selu]: ops.selu,
  [tf.Softplus]: ops.softplus,
  // Near a pole a float32 quotient is not near enough.
  [tf.Tan]: precisely((x) => ops.div(ops.sin(x), ops.cos(x))),
  [tf.Asin]: ops.asin,
  [tf.Acos]: ops.acos,
  [tf.Atan]: ops.atan,
  [tf.Sinh]: ops.sinh,
  [tf.Cosh]: ops.cosh,
  [tf.Asinh]: ops.asinh,
  [tf.Acosh]: ops.acosh,
  [tf.Atanh]: ops.atanh,
  [tf.Log1p]: ops.log1p,
  [tf.Expm1]: ops.expm1,
  [tf.IsNan]: ops.isNaN,
  [tf.IsInf]: (x) => ops.equal(ops.abs(x), like(x, Infinity)),
  [tf.IsFinite]: (x) => ops.less(ops.abs(x), like(x, Infinity)),
};
for (const [name, rule] of Object.entries(floatUnary)) {
  defineKernel(name, ({ x }) => rule(floating(x)));
}

/** Integers are exact, and so is what they are raised to, as far as float32 goes. */
const preciseExp = precisely(ops.exp, "float32");
defineKernel(tf.Exp, ({ x }) => isFloating(x.dtype) ? ops.exp(x) : preciseExp(x));

const anyUnary: Readonly<Record<string, Unary>> = {
  [tf.Abs]: ops.abs,
  [tf.Neg]: ops.neg,
  [tf.Sign]: ops.sign,
  [tf.Floor]: keepingIntegers(ops.floor),
  [tf.Ceil]: keepingIntegers(ops.ceil),
  [tf.Round]: keepingIntegers(ops.round),
  [tf.Relu]: relu,
  [tf.Relu6]: relu6,
  [tf.Square]: (x) => ops.mul(x, x),
};
for (const [name, rule] of Object.entries(anyUnary)) {
  defineKernel(name, ({ x }) => rule(x.dtype === "bool" ? ops.cast(x, "int32") : x));
}

/** What is an integer already stays as it is. */
function keepingIntegers(rule: Unary): Unary {
  return (x) => isFloating(x.dtype) ? rule(x) : x;
}

function relu(x: LazyArray): LazyArray {
  return ops.relu(x);
}

function relu6(x: LazyArray): LazyArray {
  return isFloating(x.dtype) ? ops.hardtanh(x, 0, 6) : ops.minimum(ops.relu(x), like(x, 6));
}

const binary: Readonly<Record<string, Binary>> = {
  [tf.Add]: arithmetic(ops.add),
  [tf.Sub]: arithmetic(ops.sub),
  [tf.Multiply]: arithmetic(ops.mul),
  [tf.RealDiv]: (a, b) => ops.div(floating(a), floating(b)),
  [tf.FloorDiv]: precisely((a, b) => ops.floor(ops.div(a, b))),
  [tf.Mod]: precisely((a, b) => ops.sub(a, ops.mul(ops.floor(ops.div(a, b)), b))),
  [tf.Pow]: ops.pow,
  [tf.Atan2]: ops.atan2,
  [tf.Maximum]: arithmetic(ops.maximum),
  [tf.Minimum]: arithmetic(ops.minimum),
  [tf.SquaredDifference]: (a, b) => {
    const difference = ops.sub(a, b);
    return ops.mul(difference, difference);
  },
  [tf.Equal]: ops.equal,
  [tf.NotEqual]: (a, b) => ops.logicalNot(ops.equal(a, b)),
  [tf.Greater]: comparison(ops.greater),
  [tf.GreaterEqual]: comparison(ops.greaterEqual),
  [tf.Less]: comparison(ops.less),
  [tf.LessEqual]: comparison(ops.lessEqual),
  [tf.LogicalAnd]: ops.logicalAnd,
  [tf.LogicalOr]: ops.logicalOr,
};
for (const [name, rule] of Object.entries(binary)) {
  const both = matched(rule);
  defineKernel(name, ({ a, b }) => both(a, b));
}

defineKernel(tf.BitwiseAnd, ({ a, b }) => ops.bitwiseAnd(a, b));

defineKernel(tf.AddN, (_x, _attrs, list) => list.reduce(arithmetic(ops.add)));

defineKernel(tf.LogicalNot, ({ x }) => ops.logicalNot(x));

defineKernel<tf.CastAttrs>(tf.Cast, ({ x }, { dtype }) => {
  if (dtype === "float32") return floating(x);
  if (dtype === "int32" || dtype === "bool") return ops.cast(x, dtype);
  throw new Error(`Cast: dtype ${dtype} is not supported, expected float32, int32 or bool`);
}, ({ dtype }) => dtype === "complex64");

defineKernel<tf.StepAttrs>(tf.Step, ({ x }, { alpha }) => {
  if (!alpha) return ops.step(x);
  const steps = ops.where(ops.greater(x, like(x, 0)), like(x, 1), like(x, alpha));
  return isFloating(x.dtype) ? ops.where(ops.isNaN(x), x, steps) : steps;
});

defineKernel<tf.ClipByValueAttrs>(
  tf.ClipByValue,
  ({ x }, { clipValueMin, clipValueMax }) =>
    ops.minimum(ops.maximum(x, like(x, clipValueMin)), like(x, clipValueMax)),
);

defineKernel<tf.LeakyReluAttrs>(
  tf.LeakyRelu,
  ({ x }, { alpha }) => ops.leakyRelu(floating(x), alpha),
);

/** x where it is not negative, else alpha times x. */
export function prelu(x: LazyArray, alpha: LazyArray): LazyArray {
  return ops.where(ops.less(x, like(x, 0)), ops.mul(alpha, x), x);
}
const preluMatched = matched(prelu);
defineKernel(tf.Prelu, ({ x, alpha }) => preluMatched(x, alpha));

defineKernel(
  tf.EluGrad,
  ({ dy, y }) => ops.where(ops.less(y, like(y, 0)), ops.mul(dy, ops.add(y, like(y, 1))), dy),
);

defineKernel(tf.Select, ({ condition, t, e }) => {
  const dtype = upcast(t.dtype, e.dtype);
  // A list of booleans chooses whole rows.
  const rows = condition.shape.length === 1 && t.shape.length > 1;
  const choice = rows
    ? ops.reshape(condition, [condition.shape[0], ...t.shape.slice(1).map(() => 1)])
    : condition;
  // ONNX Runtime chooses between bytes, not between bools.
  const stored = dtype === "bool" ? "uint8" : dtype;
  return ops.cast(ops.where(choice, ops.cast(t, stored), ops.cast(e, stored)), dtype);
});

const ACTIVATIONS: Readonly<Record<string, Unary>> = {
  linear: (x) => x,
  relu,
  relu6,
  elu: (x) => ops.elu(x),
  sigmoid: ops.sigmoid,
};

/** What a fused kernel applies to its result. */
export function activate(
  kernel: string,
  x: LazyArray,
  activation: string,
  alpha: LazyArray | undefined,
  slope: number | undefined,
): LazyArray {
  if (activation === "prelu" && alpha) return prelu(x, alpha);
  if (activation === "leakyrelu") return ops.leakyRelu(x, slope ?? 0.2);
  const rule = ACTIVATIONS[activation ?? "linear"];
  if (!rule) throw new Error(`${kernel}: activation ${activation} is not supported`);
  return rule(x);
}
