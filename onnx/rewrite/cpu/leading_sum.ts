/**
 * Sums over the first axis. ONNX Runtime's ReduceSum walks that axis element by element (0.58 ms for [32, 18432] on 2 cores);
 * a row of ones times the matrix is the same sum (0.03 ms).
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { reshape, SUM, sum } from "../../ops/broadcast.ts";
import type { LocalRule } from "../rule.ts";

/** Below this many elements nothing is gained. */
const FEWEST_ELEMENTS = 4096;

/** Above this many rows the rounding of one running sum shows; ReduceSum adds up parts. */
const MOST_ROWS = 1024;

/** Sum over the first axis, flat: [1, elements of a row]. */
export function flatSumOfRows(x: LazyArray): LazyArray {
  const [rows] = x.shape;
  const ones = constant(new Array<number>(rows).fill(1), "float32", [1, rows]);
  return matmul(ones, reshape(x, [rows, x.size / rows]));
}

/** Sum over the first axis. */
export function sumOfRows(x: LazyArray): LazyArray {
  return reshape(flatSumOfRows(x), x.shape.slice(1));
}

/** Rewrites sums that fold the first axis, alone or with others. */
export const rowsByProduct: LocalRule = (op, [x], attributes) => {
  const axes = attributes.axes as readonly number[];
  const fits = op.name === SUM && x.dtype === "float32" && axes.includes(0) &&
    x.size >= FEWEST_ELEMENTS && x.shape[0] > 1 && x.shape[0] <= MOST_ROWS;
  if (!fits) return undefined;
  const others = axes.flatMap((axis) => axis > 0 ? [axis - 1] : []);
  const keepDims = attributes.keepDims as boolean;
  const result = sum(sumOfRows(x), { axes: others, keepDims });
  return [keepDims ? reshape(result, [1, ...result.shape]) : result];
};
