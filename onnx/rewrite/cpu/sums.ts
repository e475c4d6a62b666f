/**
 * Sums over the first axis, and over images and windows of a blocked array (a bias' gradient). ONNX Runtime's ReduceSum walks that axis element by element (0.58 ms for [32, 18432] on 2 cores);
 * a row of ones times the matrix is the same sum (0.03 ms).
 * @module
 */
import { SUMS } from "./costs.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { mean } from "../../ops/reduction.ts";
import { lineBehind } from "./channel_line.ts";
import { inBlocks } from "./layout.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { reshape, sum } from "../../ops/broadcast.ts";
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

/** Sums that fold the first axis, alone or with others. */
export const rowsByProduct = rule(
  node(sum.op, [array("x", ({ dtype }) => dtype === "float32")]),
  ({ root: { attributes: { axes, keepDims } }, x }) => {
    const fits = axes.includes(0) && x.size >= SUMS.fewestElements && x.shape[0] > 1 &&
      x.shape[0] <= SUMS.mostRows;
    if (!fits) return undefined;
    const others = axes.flatMap((axis) => axis > 0 ? [axis - 1] : []);
    const result = sum(sumOfRows(x), { axes: others, keepDims });
    return [keepDims ? reshape(result, [1, ...result.shape]) : result];
  },
);

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

/** Sums and means over [n, h, w], and over [h, w]. */
export function channelSumInBlocks(block: number): Rule {
  return rule(
    node([sum.op, mean.op], [inBlocks(array("inner"))]),
    ({ root: { op, attributes: { axes, keepDims } }, inner }) => {
      const [n, c] = inner.shape;
      const isSum = op === sum.op;
      if (sameShape(axes, [0, 2, 3])) {
        const result = isSum ? channelSum(inner, block) : channelMean(inner, block);
        return [reshape(result, keepDims ? [1, c, 1, 1] : [c])];
      }
      if (!sameShape(axes, [2, 3])) return undefined;
      const images = reshape(inner, [n * c / block, -1, block]);
      const result = (isSum ? sum : mean)(images, { axes: 1 });
      return [reshape(result, keepDims ? [n, c, 1, 1] : [n, c])];
    },
  );
}
