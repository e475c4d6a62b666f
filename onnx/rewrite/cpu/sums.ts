/**
 * Sums over the first axis, and over images and windows of a blocked array (a bias' gradient). ONNX Runtime's ReduceSum walks that axis element by element (0.58 ms for [32, 18432] on 2 cores);
 * a row of ones times the matrix is the same sum (0.03 ms).
 * @module
 */
import { SUMS } from "./costs.ts";
import type { LocalRule } from "../apply_rules.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { MEAN, mean } from "../../ops/reduction.ts";
import { lineBehind } from "./channel_line.ts";
import { behindUnblocked } from "./layout.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { reshape, SUM, sum } from "../../ops/broadcast.ts";
import { sameShape } from "../../shape.ts";

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
    x.size >= SUMS.fewestElements && x.shape[0] > 1 && x.shape[0] <= SUMS.mostRows;
  if (!fits) return undefined;
  const others = axes.flatMap((axis) => axis > 0 ? [axis - 1] : []);
  const keepDims = attributes.keepDims as boolean;
  const result = sum(sumOfRows(x), { axes: others, keepDims });
  return [keepDims ? reshape(result, [1, ...result.shape]) : result];
};

/** Sum over images, rows and columns of a blocked array, times a factor: [c]. What a line scales and shifts is summed before. */
export function channelSum(x: LazyArray, block: number, factor = 1): LazyArray {
  const [n, c] = x.shape;
  const parts = lineBehind(x);
  if (parts && !parts.other && !parts.relu) {
    const inner = channelSum(parts.x, block, factor);
    const scaled = parts.scale ? mul(inner, parts.scale) : inner;
    const count = constant(factor * x.size / c);
    return parts.shift ? add(scaled, mul(parts.shift, count)) : scaled;
  }
  if (n > SUMS.mostRows) {
    const total = sum(reshape(x, [n, c / block, -1, block]), { axes: [0, 2] });
    return mul(reshape(total, [c]), constant(factor));
  }
  const weights = constant(new Array<number>(n).fill(factor), "float32", [1, n]);
  const images = matmul(weights, reshape(x, [n, x.size / n]));
  return reshape(sum(reshape(images, [c / block, -1, block]), { axes: 1 }), [c]);
}

/** Mean over images, rows and columns of a blocked array: [c]. */
export function channelMean(x: LazyArray, block: number): LazyArray {
  return channelSum(x, block, x.shape[1] / x.size);
}

/** Rewrites sums and means over [n, h, w], and over [h, w]. */
export function channelSumInBlocks(block: number): LocalRule {
  return (op, [x], { axes, keepDims }) => {
    const inner = behindUnblocked(x);
    if (op.name !== SUM && op.name !== MEAN || !inner) return undefined;
    const [n, c] = x.shape;
    if (sameShape(axes as readonly number[], [0, 2, 3])) {
      const result = op.name === SUM ? channelSum(inner, block) : channelMean(inner, block);
      return [reshape(result, keepDims ? [1, c, 1, 1] : [c])];
    }
    if (!sameShape(axes as readonly number[], [2, 3])) return undefined;
    const images = reshape(inner, [n * c / block, -1, block]);
    const result = op.name === SUM ? sum(images, { axes: 1 }) : mean(images, { axes: 1 });
    return [reshape(result, keepDims ? [n, c, 1, 1] : [n, c])];
  };
}
