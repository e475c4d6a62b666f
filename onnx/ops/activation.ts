/**
 * Activations that ONNX has an operator for, with the slopes that PyTorch gives them at their corners.
 * Others are put together from these in the idioms.
 * @module
 */
import { type DType, floatLimits, storageFrom } from "../dtype.ts";
import { flopsPerOutput } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import { float } from "../export/node_attributes.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, checkFloating, type Op } from "../op.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { greaterEqual, lessEqual, logicalNot, logicalOr, minimum, step } from "./comparison.ts";
import { like, unary } from "./elementwise.ts";
import { exp } from "./exponential.ts";
import { cast } from "./rounding.ts";

/** What differs from one activation to the next. */
interface Rule<A extends Attributes> {
  readonly lower: (writer: GraphWriter, x: string, attributes: A, dtype: DType) => string;
  readonly host: (x: number, attributes: A) => number;
  /** Operations an element. */
  readonly flops: number;
  /** The slope at x, where y came out. */
  readonly slope: (x: LazyArray, y: LazyArray, attributes: A) => LazyArray;
}

/** Declares an op that computes each element from the one at its index. */
function activation<A extends Attributes>(name: string, rule: Rule<A>): Op<A> {
  return {
    name,
    traits: ["elementwise"],
    infer: ([x]) => {
      checkFloating(name, x);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    flops: flopsPerOutput(rule.flops),
    lower: (writer, [x], attributes, { inputs: [type] }) => [
      rule.lower(writer, x, attributes, type.dtype),
    ],
    host: ([x], attributes) =>
      storageFrom(
        Array.from(x.data as ArrayLike<number>, (v) => rule.host(v, attributes)),
        x.dtype,
      ),
    gradient: ({ inputs: [x], outputs: [y], attributes, upstream: [dy] }) => [
      mul(dy!, rule.slope(x, y, attributes)),
    ],
  };
}

/** 1 where x <= 0, else 0. */
function notPositive(x: LazyArray): LazyArray {
  return sub(like(x, 1), step(x));
}

/**
 * max(x, 0). The gradient at NaN is NaN where ONNX Runtime's CPU computes it (see clipped_line.ts), 0 elsewhere; in PyTorch
 * it is the upstream one. So it is with the other activations of a mask: no mask that is finite at NaN costs as little.
 */
export const relu = unary("Relu", {
  // Not the larger of both: -0 stays, as in PyTorch and ONNX Runtime.
  host: (x) => x < 0 ? 0 : x,
  integers: { int64: (x) => x > 0n ? x : 0n },
  gradient: (_x, y, dy) => mul(dy, step(y)),
});

/** 1 / (1 + e^-x) */
export const sigmoid = unary("Sigmoid", {
  host: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (_x, y, dy) => mul(dy, mul(y, sub(like(y, 1), y))),
});

/** Error function */
export const erf = unary("Erf", {
  host: erfOf,
  gradient: (x, _y, dy) => mul(dy, mul(like(x, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))))),
});

/** Series of Abramowitz and Stegun 7.1.6, whose terms are all positive, so that no digit is lost. */
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

interface Slope extends Attributes {
  readonly slope: number;
}

const LEAKY_RELU: Op<Slope> = activation("LeakyRelu", {
  flops: 2,
  lower: (writer, x, { slope }) =>
    writer.node("LeakyRelu", [x], { attributes: { alpha: float(slope) } }),
  host: (x, { slope }) => x > 0 ? x : slope * x,
  slope: (x, _y, { slope }) => add(mul(step(x), like(x, 1 - slope)), like(x, slope)),
});

/** x where positive, else slope * x. ONNX operator LeakyRelu. */
export function leakyRelu(x: LazyArray, slope: number): LazyArray {
  return applyOp(LEAKY_RELU, [x], { slope })[0];
}

interface Bounds extends Attributes {
  readonly low: number;
  readonly high: number;
}

export const HARDTANH: Op<Bounds> = activation("Hardtanh", {
  flops: 2,
  lower: (writer, x, { low, high }, dtype) =>
    writer.node("Clip", [x, writer.scalar(low, dtype), writer.scalar(high, dtype)]),
  host: (x, { low, high }) => x < low ? low : x > high ? high : x,
  slope: (x, y, { low, high }) => {
    // One mask of a product, which vanishes on both bounds; not where that could underflow, or infinity meets 0.
    if (high - low >= 1 && high - low <= floatLimits(x.dtype).max) {
      return step(mul(low === 0 ? y : sub(y, like(y, low)), sub(like(y, high), y)));
    }
    const isOutside = logicalOr(lessEqual(x, like(x, low)), greaterEqual(x, like(x, high)));
    return cast(logicalNot(isOutside), x.dtype);
  },
});

/** x kept between `low` and `high`; the slope is 1 between them and 0 on and beyond them. ONNX operator Clip. */
export function hardtanh(x: LazyArray, low: number, high: number): LazyArray {
  return applyOp(HARDTANH, [x], { low, high })[0];
}

const HARDSWISH: Op = activation("HardSwish", {
  flops: 5,
  lower: (writer, x) => writer.node("HardSwish", [x]),
  host: (x) => x * Math.min(Math.max(x + 3, 0), 6) / 6,
  slope: (x) => {
    const below = step(sub(like(x, 3), x));
    const line = add(div(hardtanh(x, -3, 3), like(x, 3)), like(x, 0.5));
    const bent = add(mul(below, line), sub(like(x, 1), below));
    return mul(step(add(x, like(x, 3))), bent);
  },
});

/** x clip(x + 3, 0, 6) / 6. ONNX operator HardSwish. */
export function hardswish(x: LazyArray): LazyArray {
  return applyOp(HARDSWISH, [x])[0];
}

const SOFTPLUS: Op = activation("Softplus", {
  flops: 5,
  lower: (writer, x) => writer.node("Softplus", [x]),
  host: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  slope: (x) => sigmoid(x),
});

/** log(1 + e^x), also where e^x overflows. ONNX operator Softplus. */
export function softplus(x: LazyArray): LazyArray {
  return applyOp(SOFTPLUS, [x])[0];
}

interface Alpha extends Attributes {
  readonly alpha: number;
}

const ELU: Op<Alpha> = activation("Elu", {
  flops: 4,
  lower: (writer, x, { alpha }) => writer.node("Elu", [x], { attributes: { alpha: float(alpha) } }),
  host: (x, { alpha }) => x > 0 ? x : alpha * Math.expm1(x),
  // From x, not from y + alpha: near -alpha the difference would lose its digits.
  slope: (x, _y, { alpha }) => {
    const below = exp(minimum(x, like(x, 0)));
    return alpha === 1 ? below : add(step(x), mul(notPositive(x), mul(below, like(x, alpha))));
  },
});

/** x where positive, else alpha (e^x - 1). ONNX operator Elu. */
export function elu(x: LazyArray, alpha = 1): LazyArray {
  return applyOp(ELU, [x], { alpha })[0];
}

const CELU: Op<Alpha> = activation("Celu", {
  flops: 5,
  // The operator knows float32 only.
  lower: (writer, x, { alpha }, dtype) => {
    const celu = (x: string) => writer.node("Celu", [x], { attributes: { alpha: float(alpha) } });
    if (dtype === "float32" || (dtype === "float64" && writer.composesMissing)) return celu(x);
    return castNode(writer, celu(castNode(writer, x, "float32")), dtype);
  },
  host: (x, { alpha }) => x > 0 ? x : alpha * Math.expm1(x / alpha),
  slope: (x, _y, { alpha }) => exp(div(minimum(x, like(x, 0)), like(x, alpha))),
});

/** x where positive, else alpha (e^(x / alpha) - 1), which has no corner. ONNX operator Celu. */
export function celu(x: LazyArray, alpha = 1): LazyArray {
  return applyOp(CELU, [x], { alpha })[0];
}

/** The two values with which mean 0 and variance 1 are a fixed point (Klambauer et al. 2017). */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const SELU: Op = activation("Selu", {
  flops: 5,
  lower: (writer, x) =>
    writer.node("Selu", [x], {
      attributes: { alpha: float(SELU_ALPHA), gamma: float(SELU_SCALE) },
    }),
  host: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  slope: (x) =>
    add(
      mul(step(x), like(x, SELU_SCALE)),
      mul(notPositive(x), mul(exp(minimum(x, like(x, 0))), like(x, SELU_ALPHA * SELU_SCALE))),
    ),
});

/** The self-normalizing unit. ONNX operator Selu. */
export function selu(x: LazyArray): LazyArray {
  return applyOp(SELU, [x])[0];
}
