/**
 * Comparison, logic and choice, element by element.
 * @module
 */
import { flopsPerOutput } from "../flops.ts";
import type { DType } from "../dtype.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, failShape, type Op } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import { div, mul } from "./arithmetic.ts";
import { sumTo } from "./broadcast.ts";
import { negativeNode } from "./sign_node.ts";
import { binary, like, mapHost, unary, zerosLike } from "./elementwise.ts";

/** Whether each element is "not a number", bool. */
export const isNaN = unary("IsNaN", { host: (x) => Number.isNaN(x) ? 1 : 0, result: "bool" });

/** Logical not */
export const logicalNot = unary("Not", {
  host: (x) => x ? 0 : 1,
  lower: (writer, x, dtype) => writer.node("Not", [truth(writer, x, dtype)]),
  integers: true,
  result: "bool",
});

/** Whether numbers are not 0. */
function truth(writer: GraphWriter, x: string, dtype: DType): string {
  return dtype === "bool" ? x : castNode(writer, x, "bool");
}

/** 1 where x > 0, else 0, in x's own type: relu's mask. */
export const step = unary("Step", {
  host: (x) => x > 0 ? 1 : 0,
  integers: true,
  lower: (writer, x, dtype) =>
    castNode(writer, writer.node("Greater", [x, writer.scalar(0, dtype)]), dtype),
  gradient: (_x, _y, dy) => zerosLike(dy),
});

/** The larger one, NaN if one is. Where both are equal each takes half of the gradient, as in PyTorch. */
export const maximum = binary("Max", {
  commutative: true,
  host: (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b),
  integers: { int64: (a, b) => a > b ? a : b },
  gradient: (a, b, _y, dy) => [() => shareOf(dy, a, b, less), () => shareOf(dy, b, a, less)],
});

/** The smaller one, NaN if one is. Where both are equal each takes half of the gradient, as in PyTorch. */
export const minimum = binary("Min", {
  commutative: true,
  host: (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b),
  integers: { int64: (a, b) => a < b ? a : b },
  gradient: (a, b, _y, dy) => [() => shareOf(dy, a, b, greater), () => shareOf(dy, b, a, greater)],
});

/** What of a gradient goes to `own`: nothing where it loses, half where both are equal. */
function shareOf(dy: LazyArray, own: LazyArray, other: LazyArray, loses: typeof less): LazyArray {
  const half = where(equal(own, other), mul(dy, like(dy, 0.5)), dy);
  return where(loses(own, other), like(dy, 0), half);
}

/** Declares an op that compares two elements. */
function comparison(name: string, holds: (a: number | bigint, b: number | bigint) => boolean) {
  const host = (a: number | bigint, b: number | bigint) => holds(a, b) ? 1 : 0;
  return binary(name, { host, integers: { int64: host }, result: "bool" });
}

/** a = b, as bool */
export const equal = comparison("Equal", (a, b) => a === b);
/** a > b, as bool */
export const greater = comparison("Greater", (a, b) => a > b);
/** a >= b, as bool */
export const greaterEqual = comparison("GreaterOrEqual", (a, b) => a >= b);
/** a < b, as bool */
export const less = comparison("Less", (a, b) => a < b);
/** a <= b, as bool */
export const lessEqual = comparison("LessOrEqual", (a, b) => a <= b);

/** Declares an op on two truth values, or numbers that are true where they are not 0. */
function connective(name: string, holds: (a: boolean, b: boolean) => boolean) {
  return binary(name, {
    host: (a, b) => holds(a !== 0, b !== 0) ? 1 : 0,
    lower: (writer, inputs, dtype) => writer.node(name, inputs.map((x) => truth(writer, x, dtype))),
    result: "bool",
  });
}

/** Logical and */
export const logicalAnd = connective("And", (a, b) => a && b);
/** Logical or */
export const logicalOr = connective("Or", (a, b) => a || b);

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

/** a where the condition holds, else b. ONNX Runtime gives 0 for -0 of a (that of b stays). */
export function where(condition: LazyArray, a: LazyArray, b: LazyArray): LazyArray {
  return applyOp(WHERE, [condition, a, b])[0];
}

interface ClampAttributes extends Attributes {
  readonly low: number | null;
  readonly high: number | null;
}

const CLAMP: Op<ClampAttributes> = {
  name: "Clamp",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  flops: flopsPerOutput(2),
  // Not Clip: NaN as a bound makes everything NaN.
  lower: (writer, [x], { low, high }, { inputs: [{ dtype }] }) => {
    const raised = low === null ? x : writer.node("Max", [x, writer.scalar(low, dtype)]);
    return [high === null ? raised : writer.node("Min", [raised, writer.scalar(high, dtype)])];
  },
  host: ([x], { low, high }, output) => {
    if (!(x.data instanceof BigInt64Array)) {
      const [least, most] = [low ?? -Infinity, high ?? Infinity];
      const isNumber = !Number.isNaN(least) && !Number.isNaN(most);
      return mapHost(x, output, (v) => {
        if (!isNumber) return NaN;
        const raised = v < least ? least : v;
        return raised > most ? most : raised;
      });
    }
    const [least, most] = [low, high].map((bound) =>
      bound === null ? null : BigInt(Math.trunc(bound))
    );
    return x.data.map((value) => {
      const raised = least !== null && value < least ? least : value;
      return most !== null && raised > most ? most : raised;
    });
  },
  gradient: ({ inputs: [x], attributes: { low, high }, upstream: [dy] }) => {
    const none = like(dy!, 0);
    const above = low === null ? dy! : where(greater(x, like(x, low)), dy!, none);
    return [high === null ? above : where(less(x, like(x, high)), above, none)];
  },
};

/** x between two values (null: no bound); NaN stays. No gradient on and beyond the bounds, as in PyTorch. */
export function clamp(x: LazyArray, low: number | null, high: number | null): LazyArray {
  return applyOp(CLAMP, [x], { low, high })[0];
}

/** |a| with the sign of b, -0 counting as negative. */
export const copySign = binary("CopySign", {
  floatingOnly: true,
  host: (a, b) => b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a),
  lower: (writer, [a, b], dtype) => {
    const size = writer.node("Abs", [a]);
    const [minus, plus] = [-1, 1].map((side) => writer.scalar(side, dtype));
    const side = writer.node("Where", [negativeNode(writer, b, dtype), minus, plus]);
    return writer.node("Mul", [size, side]);
  },
  gradient: (a, b, y, dy) => [
    () => where(equal(a, like(a, 0)), like(a, 0), mul(dy, div(y, a))),
    () => zerosLike(b),
  ],
});
