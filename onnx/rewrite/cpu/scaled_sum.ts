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
import { neg } from "../../ops/arithmetic.ts";
import { expand, reshape } from "../../ops/broadcast.ts";
import { sameShape } from "../../shape.ts";
import type { LocalRule } from "../apply_rules.ts";
import { line } from "./channel_line.ts";

/** How long the rows are that threads share. */
const LONGEST_ROW = 1024;

/** Rewrites such sums. */
export function scaledSum(block: number): LocalRule {
  return (op, [a, b]) => {
    if (op.name !== "Add" && op.name !== "Sub") return undefined;
    const suits = a.dtype === "float32" && sameShape(a.shape, b.shape) &&
      a.size >= FEWEST_SCALED_ELEMENTS && a.size % block === 0;
    if (!suits) return undefined;
    const right = scaledArray(b);
    if (right) return [sumOf(a, right, op.name === "Sub", block)];
    const left = op.name === "Add" ? scaledArray(a) : undefined;
    return left && [sumOf(b, left, false, block)];
  };
}

interface Scaled {
  readonly x: LazyArray;
  /** One number, of whatever shape. */
  readonly factor: LazyArray;
}

function scaledArray({ node, shape }: LazyArray): Scaled | undefined {
  if (node?.op.name !== "Mul") return undefined;
  const [a, b] = node.inputs;
  if (b.size === 1 && sameShape(a.shape, shape)) return { x: a, factor: b };
  return a.size === 1 && sameShape(b.shape, shape) ? { x: b, factor: a } : undefined;
}

function sumOf(
  other: LazyArray,
  { x, factor }: Scaled,
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
