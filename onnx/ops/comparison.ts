/**
 * Comparison, logic and choice, element by element.
 * @module
 */
import { flopsPerOutput } from "../flops.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import { add, mul, sign, sub } from "./arithmetic.ts";
import { sumTo } from "./broadcast.ts";
import { binary, castNode, like, mapHost, unary, UNARY_OPS } from "./elementwise.ts";

/** Truth of "is not a number" */
export const isNaN = unary("IsNaN", { host: (x) => Number.isNaN(x) ? 1 : 0, result: "bool" });

/** Logical not */
export const logicalNot = unary("Not", { host: (x) => x ? 0 : 1, integers: true, result: "bool" });

const STEP: Op = {
  name: "Step",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  flops: flopsPerOutput(1),
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
  flops: flopsPerOutput(1),
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
