/**
 * Sums in which one side is an array times one number, as optimizers take them of every parameter:
 *
 *   a + s b,   a - s b
 *
 * in one pass: a line (see channel_line.ts) over the elements in whatever shape fills a block.
 * @module
 */
import { FEWEST_SCALED_ELEMENTS } from "./costs.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { add, mul, neg, sub } from "../../ops/arithmetic.ts";
import { expand, reshape } from "../../ops/broadcast.ts";
import { sameShape } from "../../shape.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import { line } from "./channel_line.ts";

/** How long the rows are that threads share. */
const LONGEST_ROW = 1024;

/** Such sums. */
export function scaledSum(block: number): Rule {
  const scaled = node(mul.op, [array("x"), array("factor", ({ size }) => size === 1)]);
  return rule(
    node([add.op, sub.op], [array("other"), scaled]),
    ({ root: { op }, other, x, factor }) => {
      const suits = x.dtype === "float32" && sameShape(other.shape, x.shape) &&
        factor.shape.length <= x.shape.length &&
        x.size >= FEWEST_SCALED_ELEMENTS && x.size % block === 0;
      return suits ? [sumOf(other, x, factor, op === sub.op, block)] : undefined;
    },
  );
}

function sumOf(
  other: LazyArray,
  x: LazyArray,
  factor: LazyArray,
  isNegative: boolean,
  block: number,
): LazyArray {
  const elements = x.size / block;
  const row = commonDivisor(elements, LONGEST_ROW);
  const shape = [1, block, elements / row, row];
  const number = reshape(factor, [1]);
  const scale = expand(isNegative ? neg(number) : number, [block]);
  const sum = line({ x: reshape(x, shape), scale, other: reshape(other, shape) });
  return reshape(sum, other.shape);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
