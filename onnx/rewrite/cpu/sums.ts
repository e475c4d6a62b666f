/**
 * Sums over the first axis, and over images and windows of a blocked array (a bias' gradient). ONNX Runtime's ReduceSum walks that axis element by element (0.58 ms for [32, 18432] on 2 cores);
 * a row of ones times the matrix is the same sum (0.03 ms).
 * @module
 */
import { SUMS } from "./costs.ts";
import { array, computedBy, named, node, type Rule, rule } from "../pattern.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { mean } from "../../ops/reduction.ts";
import { applyOp } from "../../op.ts";
import { lineBehind } from "./channel_line.ts";
import { BLOCKED_CONV, NOTHING_MORE } from "./convolution.ts";
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

/**
 * Sum over images, rows and columns of a blocked array: [c]. What a line scales and shifts is summed before.
 *
 * @param isRead whether the array itself is read too
 */
export function channelSum(x: LazyArray, block: number, isRead: boolean): LazyArray {
  const [n, c] = x.shape;
  const parts = lineBehind(x);
  if (parts && !parts.other && !parts.relu) {
    const inner = channelSum(parts.x, block, isRead);
    const scaled = parts.scale ? mul(inner, parts.scale) : inner;
    return parts.shift ? add(scaled, mul(parts.shift, constant(x.size / c))) : scaled;
  }
  const factors = isRead ? undefined : computedBy(mul.op, x)?.inputs;
  if (factors?.every(({ shape }) => sameShape(shape, x.shape))) {
    return reshape(sumOfImages(productsOfImages(factors[0], factors[1])), [c]);
  }
  if (n > SUMS.mostRows) {
    return reshape(sum(reshape(x, [n, c / block, -1, block]), { axes: [0, 2] }), [c]);
  }
  return reshape(sum(reshape(flatSumOfRows(x), [c / block, -1, block]), { axes: 1 }), [c]);
}

/**
 * For every image and channel, the sum over rows and columns of one blocked array times another: [n, c]. It is a convolution of each
 * channel of each image by itself, with the other array as the filter: the products are never written down.
 */
function productsOfImages(x: LazyArray, y: LazyArray): LazyArray {
  const [n, c, ...sizes] = x.shape;
  const inputs = [reshape(x, [1, n * c, ...sizes]), reshape(y, [n * c, 1, ...sizes])];
  const [products] = applyOp(BLOCKED_CONV, inputs, {
    stride: [1, 1],
    dilation: [1, 1],
    padding: [0, 0, 0, 0],
    groups: n * c,
    ...NOTHING_MORE,
  });
  return reshape(products, [n, c]);
}

function sumOfImages(x: LazyArray): LazyArray {
  return x.shape[0] > SUMS.mostRows ? sum(x, { axes: 0 }) : flatSumOfRows(x);
}

/** Mean over images, rows and columns of a blocked array: [c]. The sum itself is often wanted too. */
export function channelMean(x: LazyArray, block: number, isRead: boolean): LazyArray {
  return mul(channelSum(x, block, isRead), constant(x.shape[1] / x.size));
}

/** Sums and means over [n, h, w], and over [h, w]. */
export function channelSumInBlocks(block: number): Rule {
  return rule(
    node([sum.op, mean.op], [named("whole", inBlocks(array("inner")))]),
    ({ root: { op, attributes: { axes, keepDims } }, whole, inner }, uses) => {
      const [n, c] = inner.shape;
      const isSum = op === sum.op;
      if (sameShape(axes, [0, 2, 3])) {
        const result = (isSum ? channelSum : channelMean)(inner, block, uses(whole.array) > 1);
        return [reshape(result, keepDims ? [1, c, 1, 1] : [c])];
      }
      if (!sameShape(axes, [2, 3])) return undefined;
      const images = reshape(inner, [n * c / block, -1, block]);
      const result = (isSum ? sum : mean)(images, { axes: 1 });
      return [reshape(result, keepDims ? [n, c, 1, 1] : [n, c])];
    },
  );
}
