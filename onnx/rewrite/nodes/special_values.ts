/**
 * Kernels that lose NaN, or make a number of what has no result (WGSL leaves that to each driver): their results are
 * replaced where that matters.
 * @module
 */
import type { NodeCall, NodeWriter } from "./node_writer.ts";
import { Expressions } from "./node_writer.ts";

/** Where a function has a result of its own choosing: conditions and values, the last one wins. */
type Corners = (e: Expressions, x: string) => [condition: string, value: string | number][];

const outside: Corners = (e, x) => [
  [e.greater(e.abs(x), 1), NaN],
  [e.equal(x, 1), Infinity],
  [e.equal(x, -1), -Infinity],
];

const CORNERS: Readonly<Record<string, Corners>> = {
  Log: (e, x) => [[e.less(x, 0), NaN], [e.equal(x, 0), -Infinity]],
  Acosh: (e, x) => [[e.less(x, 1), NaN]],
  Asinh: (e, x) => [[e.equal(e.abs(x), Infinity), x]],
  Atanh: outside,
};

/** The node, NaN where its input is; softmax and Pow have rules of their own. */
export function withSpecialValues(writer: NodeWriter, call: NodeCall): string {
  const [x, exponent] = call.inputs;
  const e = new Expressions(writer, call.types[0]);
  const [y] = writer.plain(call);
  if (call.type === "Softmax") return withNaNRows(e, call, y);
  if (call.type === "Pow") return powerOfNaN(e, x, exponent, y);
  const corners = CORNERS[call.type]?.(e, x) ?? [];
  const right = corners.reduce((value, [where, other]) => e.where(where, other, value), y);
  return e.where(e.equal(x, x), right, x);
}

/** A NaN makes its whole row NaN. */
function withNaNRows(e: Expressions, { inputs: [x], options }: NodeCall, y: string): string {
  const axis = options.attributes?.axis as number ?? -1;
  const strange = e.cast(e.isNaN(x), e.dtype);
  const some = e.writer.node("ReduceMax", [strange, e.writer.int64s([axis])], {
    attributes: { keepdims: 1 },
  });
  return e.where(e.greater(some, 0), e.number(NaN), y);
}

/** 1 to the power of NaN, and NaN to the power of 0, are 1; a negative number has no broken power. */
function powerOfNaN(e: Expressions, a: string, b: string, y: string): string {
  const strange = e.or(e.isNaN(a), e.isNaN(b));
  const isOne = e.or(e.equal(a, 1), e.equal(b, 0));
  const isBroken = e.and(e.less(e.floor(b), b), e.less(e.abs(b), Infinity));
  const isNegative = e.and(e.less(a, 0), e.greater(a, -Infinity));
  const hasNone = e.or(e.and(strange, e.not(isOne)), e.and(isBroken, isNegative));
  return e.where(hasNone, e.number(NaN), e.where(isOne, e.number(1), y));
}
