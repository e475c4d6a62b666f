/**
 * Rounding, and the same values in another element type or in other memory.
 * @module
 */
import { type DType, isFloating, storageFrom } from "../dtype.ts";
import { noFlops } from "../flops.ts";
import { castNode } from "../export/graph_writer.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type Op } from "../op.ts";
import { add } from "./arithmetic.ts";
import { unary, zerosLike } from "./elementwise.ts";

/** Smallest integer not below x */
export const ceil = unary("Ceil", {
  host: Math.ceil,
  gradient: zerosLike,
});

/** Nearest integer, halves to the even one */
export const round = unary("Round", {
  host: (x) => {
    const low = Math.floor(x);
    if (x - low !== 0.5) return Math.round(x);
    return low % 2 === 0 ? low : low + 1;
  },
  gradient: zerosLike,
});

/** x without its fraction */
export const trunc = unary("Trunc", {
  host: Math.trunc,
  lower: (writer, x) => {
    const size = writer.node("Floor", [writer.node("Abs", [x])]);
    return writer.node("Mul", [writer.node("Sign", [x]), size]);
  },
  gradient: zerosLike,
});

export const CAST: Op<{ to: DType }> = {
  name: "Cast",
  traits: ["elementwise"],
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  flops: noFlops,
  lower: (writer, [x], { to }) => [castNode(writer, x, to)],
  host: ([x], { to }) => {
    const isLong = x.data instanceof BigInt64Array && !isFloating(to) && to !== "bool";
    // Shorter integers keep the last bits.
    const values = isLong
      ? Array.from(x.data as BigInt64Array, (value) => BigInt.asIntN(32, value))
      : Array.from(x.data, Number);
    return storageFrom(values, to);
  },
  gradient: ({ inputs: [x], upstream: [dy] }) => [isFloating(x.dtype) ? cast(dy!, x.dtype) : null],
};

/** The same values in another element type; fractions are cut off towards zero for integers. */
export function cast(x: LazyArray, to: DType): LazyArray {
  return x.dtype === to ? x : applyOp(CAST, [x], { to })[0];
}

/** A copy that shares no memory that the engine may use again. */
export function copy(x: LazyArray): LazyArray {
  if (x.dtype === "bool") return cast(cast(x, "uint8"), "bool");
  // -0 + 0 is 0, but x - 0 and x + -0 are x.
  return add(x, constant(isFloating(x.dtype) ? -0 : 0, x.dtype));
}
