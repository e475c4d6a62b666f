/**
 * Ops that compute each element from the elements at the same place: arithmetic, comparison, the usual
 * functions. Gradients of broadcast inputs are summed back to the input's shape.
 * @module
 */
import {
  createStorage,
  type DType,
  isFloating,
  onnxTypeOf,
  storageFrom,
  writeElement,
} from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import {
  applyOp,
  type ArrayType,
  type Attributes,
  failShape,
  type GradientContext,
  type HostArray,
  type Op,
} from "../op.ts";
import { broadcastShapes, type Shape, sizeOf } from "../shape.ts";
import { float, type GraphWriter } from "../graph_writer.ts";
import { sumTo } from "./reduction.ts";

/** A gradient rule of a one-input op: input, output and gradient of the output in, gradient of the input out. */
type UnaryGradient = (x: LazyArray, y: LazyArray, dy: LazyArray) => LazyArray;

interface UnaryRule {
  readonly host: (x: number) => number;
  readonly gradient?: UnaryGradient;
  /** Whether integers are taken too. */
  readonly integers?: boolean;
  readonly result?: DType;
}

/** Names of the ops that compute each element from one element alone: they commute with moving elements. */
export const UNARY_OPS = new Set<string>();

function unary(name: string, rule: UnaryRule): (x: LazyArray) => LazyArray {
  UNARY_OPS.add(name);
  const op: Op = {
    name,
    infer: ([x]) => {
      if (!rule.integers && !isFloating(x.dtype)) {
        failShape(name, `dtype ${x.dtype} is not supported, expected a floating point type`);
      }
      return [{ dtype: rule.result ?? x.dtype, shape: x.shape }];
    },
    lower: (writer, [x]) => [writer.node(name, [x])],
    host: ([x], _, output) => mapHost(x, output, rule.host),
    gradient: rule.gradient &&
      (({ inputs: [x], outputs: [y], upstream: [dy] }) => [rule.gradient!(x, y, dy!)]),
  };
  return (x) => applyOp(op, [x])[0];
}

function mapHost(x: HostArray, output: ArrayType, f: (x: number) => number) {
  const data = createStorage(output.dtype, x.data.length);
  for (let i = 0; i < data.length; i++) writeElement(data, i, f(Number(x.data[i])), output.dtype);
  return data;
}

/** A scalar of an array's own type. */
function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

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

/** -1, 0 or 1 */
export const sign = unary("Sign", {
  host: Math.sign,
  integers: true,
  gradient: (_x, _y, dy) => mul(dy, like(dy, 0)),
});

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

/** max(x, 0) */
export const relu = unary("Relu", {
  host: (x) => Math.max(x, 0),
  integers: true,
  gradient: (_x, y, dy) => mul(dy, step(y)),
});

/** 1 / (1 + e^-x) */
export const sigmoid = unary("Sigmoid", {
  host: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (_x, y, dy) => mul(dy, mul(y, sub(like(y, 1), y))),
});

/** Hyperbolic tangent */
export const tanh = unary("Tanh", {
  host: Math.tanh,
  gradient: (_x, y, dy) => mul(dy, sub(like(y, 1), mul(y, y))),
});

/** Sine */
export const sin = unary("Sin", { host: Math.sin, gradient: (x, _y, dy) => mul(dy, cos(x)) });

/** Cosine */
export const cos = unary("Cos", { host: Math.cos, gradient: (x, _y, dy) => neg(mul(dy, sin(x))) });

/** Error function */
export const erf = unary("Erf", {
  host: erfOf,
  gradient: (x, _y, dy) => mul(dy, mul(like(x, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))))),
});

/** Largest integer not above x */
export const floor = unary("Floor", {
  host: Math.floor,
  gradient: (_x, _y, dy) => mul(dy, like(dy, 0)),
});

/** Smallest integer not below x */
export const ceil = unary("Ceil", {
  host: Math.ceil,
  gradient: (_x, _y, dy) => mul(dy, like(dy, 0)),
});

/** Nearest integer, halves to the even one */
export const round = unary("Round", {
  host: (x) => {
    const low = Math.floor(x);
    if (x - low !== 0.5) return Math.round(x);
    return low % 2 === 0 ? low : low + 1;
  },
  gradient: (_x, _y, dy) => mul(dy, like(dy, 0)),
});

/** Truth of "is not a number" */
export const isNaN = unary("IsNaN", { host: (x) => Number.isNaN(x) ? 1 : 0, result: "bool" });

/** Logical not */
export const logicalNot = unary("Not", { host: (x) => x ? 0 : 1, integers: true, result: "bool" });

/** Abramowitz and Stegun 7.1.26 would give 7 digits; this series and continued fraction gives all of them. */
function erfOf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * 2 / Math.sqrt(Math.PI) * Math.exp(-z * z) * sum;
}

const STEP: Op = {
  name: "Step",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x], _, { inputs: [type] }) => {
    const positive = writer.node("Greater", [x, writer.scalar(0, type.dtype)]);
    return [castNode(writer, positive, type.dtype)];
  },
  host: ([x], _, output) => mapHost(x, output, (v) => v > 0 ? 1 : 0),
  gradient: ({ upstream: [dy] }) => [mul(dy!, like(dy!, 0))],
};
UNARY_OPS.add("Step");

/** 1 where x > 0, else 0, in x's own type: relu's mask. */
export function step(x: LazyArray): LazyArray {
  return applyOp(STEP, [x])[0];
}

const CAST: Op<{ to: DType }> = {
  name: "Cast",
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  lower: (writer, [x], { to }) => [castNode(writer, x, to)],
  host: ([x], { to }) => storageFrom(Array.from(x.data, Number), to),
  gradient: ({ inputs: [x], upstream: [dy] }) => [isFloating(x.dtype) ? cast(dy!, x.dtype) : null],
};
UNARY_OPS.add("Cast");

function castNode(writer: GraphWriter, x: string, to: DType): string {
  return writer.node("Cast", [x], { attributes: { to: onnxTypeOf(to) } });
}

/** The same numbers in another element type; fractions are cut off towards zero for integers. */
export function cast(x: LazyArray, to: DType): LazyArray {
  return x.dtype === to ? x : applyOp(CAST, [x], { to })[0];
}

/** Gradient rule of a two-input op before broadcast sides are summed back. */
type BinaryGradient = (
  a: LazyArray,
  b: LazyArray,
  y: LazyArray,
  dy: LazyArray,
) => [() => LazyArray, () => LazyArray];

interface BinaryRule {
  readonly host: (a: number, b: number) => number;
  readonly gradient?: BinaryGradient;
  readonly result?: DType;
}

/** Names of the ops that compute each element from two elements at the same (broadcast) place. */
export const BINARY_OPS = new Set<string>();

function binary(name: string, rule: BinaryRule): (a: LazyArray, b: LazyArray) => LazyArray {
  BINARY_OPS.add(name);
  const op: Op = {
    name,
    infer: ([a, b]) => {
      if (a.dtype !== b.dtype) {
        failShape(
          name,
          `dtypes ${a.dtype} and ${b.dtype} differ, expected the same (cast one of them)`,
        );
      }
      return [{ dtype: rule.result ?? a.dtype, shape: broadcastShapes(name, a.shape, b.shape) }];
    },
    lower: (writer, inputs) => [writer.node(name, inputs)],
    host: ([a, b], _, output) => zipHost(a, b, output, rule.host),
    gradient: rule.gradient && ((context) => binaryGradient(context, rule.gradient!)),
  };
  return (a, b) => applyOp(op, [a, b])[0];
}

function binaryGradient(context: GradientContext<Attributes>, rule: BinaryGradient) {
  const { inputs: [a, b], outputs: [y], upstream: [dy], needs } = context;
  const [da, db] = rule(a, b, y, dy!);
  return [needs[0] ? sumTo(da(), a.shape) : null, needs[1] ? sumTo(db(), b.shape) : null];
}

/** For each element of `shape`, the place it is read from in an array of shape `from`. */
function broadcastIndex(from: Shape, shape: Shape): (i: number) => number {
  const size = sizeOf(from);
  if (size === 1) return () => 0;
  if (size === sizeOf(shape)) return (i) => i;
  return (i) => {
    let place = 0;
    let stride = 1;
    for (let k = 1; k <= shape.length; k++) {
      const dimension = shape[shape.length - k];
      const own = from[from.length - k] ?? 1;
      if (own !== 1) place += (i % dimension) * stride;
      i = Math.floor(i / dimension);
      stride *= own;
    }
    return place;
  };
}

function zipHost(
  a: HostArray,
  b: HostArray,
  output: ArrayType,
  f: (a: number, b: number) => number,
) {
  const data = createStorage(output.dtype, sizeOf(output.shape));
  const left = broadcastIndex(a.shape, output.shape);
  const right = broadcastIndex(b.shape, output.shape);
  for (let i = 0; i < data.length; i++) {
    writeElement(data, i, f(Number(a.data[left(i)]), Number(b.data[right(i)])), output.dtype);
  }
  return data;
}

/** a + b */
export const add = binary("Add", {
  host: (a, b) => a + b,
  gradient: (_a, _b, _y, dy) => [() => dy, () => dy],
});

/** a - b */
export const sub = binary("Sub", {
  host: (a, b) => a - b,
  gradient: (_a, _b, _y, dy) => [() => dy, () => neg(dy)],
});

/** a * b */
export const mul = binary("Mul", {
  host: (a, b) => a * b,
  gradient: (a, b, _y, dy) => [() => mul(dy, b), () => mul(dy, a)],
});

/** a / b; integers are cut off towards zero */
export const div = binary("Div", {
  host: (a, b) => a / b,
  gradient: (_a, b, y, dy) => [() => div(dy, b), () => neg(div(mul(dy, y), b))],
});

/** a to the power of b */
export const pow = binary("Pow", {
  host: (a, b) => a ** b,
  gradient: (a, b, y, dy) => [
    () => mul(dy, mul(b, pow(a, sub(b, like(b, 1))))),
    () => mul(dy, mul(y, log(a))),
  ],
});

/** The larger one. Where both are equal each takes half of the gradient, as in PyTorch. */
export const maximum = binary("Max", {
  host: (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b),
  gradient: (a, b, _y, dy) => [() => mul(dy, preference(a, b)), () => mul(dy, preference(b, a))],
});

/** The smaller one. Where both are equal each takes half of the gradient, as in PyTorch. */
export const minimum = binary("Min", {
  host: (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b),
  gradient: (a, b, _y, dy) => [() => mul(dy, preference(b, a)), () => mul(dy, preference(a, b))],
});

/** 1 where a > b, 0.5 where they are equal, else 0. */
function preference(a: LazyArray, b: LazyArray): LazyArray {
  const half = like(a, 0.5);
  return add(mul(half, sign(sub(a, b))), half);
}

/** Truth of a = b */
export const equal = binary("Equal", { host: (a, b) => a === b ? 1 : 0, result: "bool" });
/** Truth of a > b */
export const greater = binary("Greater", { host: (a, b) => a > b ? 1 : 0, result: "bool" });
/** Truth of a >= b */
export const greaterEqual = binary("GreaterOrEqual", {
  host: (a, b) => a >= b ? 1 : 0,
  result: "bool",
});
/** Truth of a < b */
export const less = binary("Less", { host: (a, b) => a < b ? 1 : 0, result: "bool" });
/** Truth of a <= b */
export const lessEqual = binary("LessOrEqual", { host: (a, b) => a <= b ? 1 : 0, result: "bool" });
/** Logical and */
export const logicalAnd = binary("And", { host: (a, b) => a && b ? 1 : 0, result: "bool" });
/** Logical or */
export const logicalOr = binary("Or", { host: (a, b) => a || b ? 1 : 0, result: "bool" });

const WHERE: Op = {
  name: "Where",
  infer: ([condition, a, b]) => {
    if (condition.dtype !== "bool") {
      failShape("where", `condition is ${condition.dtype}, expected bool`);
    }
    if (a.dtype !== b.dtype) failShape("where", `dtypes ${a.dtype} and ${b.dtype} differ`);
    const shape = broadcastShapes("where", a.shape, b.shape);
    return [{ dtype: a.dtype, shape: broadcastShapes("where", condition.shape, shape) }];
  },
  lower: (writer, inputs) => [writer.node("Where", inputs)],
  gradient: ({ inputs: [condition, a, b], upstream: [dy] }) => {
    const none = like(dy!, 0);
    return [
      null,
      sumTo(where(condition, dy!, none), a.shape),
      sumTo(where(condition, none, dy!), b.shape),
    ];
  },
};

/** a where the condition holds, else b. */
export function where(condition: LazyArray, a: LazyArray, b: LazyArray): LazyArray {
  return applyOp(WHERE, [condition, a, b])[0];
}

const LEAKY_RELU: Op<{ slope: number }> = {
  name: "LeakyRelu",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x], { slope }) => [
    writer.node("LeakyRelu", [x], { attributes: { alpha: float(slope) } }),
  ],
  host: ([x], { slope }, output) => mapHost(x, output, (v) => v > 0 ? v : slope * v),
  gradient: ({ inputs: [x], attributes: { slope }, upstream: [dy] }) => {
    const positive = step(x);
    const factor = add(mul(positive, like(x, 1 - slope)), like(x, slope));
    return [mul(dy!, factor)];
  },
};

/** x where positive, else slope * x. */
export function leakyRelu(x: LazyArray, slope: number): LazyArray {
  return applyOp(LEAKY_RELU, [x], { slope })[0];
}
