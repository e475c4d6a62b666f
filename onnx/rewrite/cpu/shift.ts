/**
 * What one element of a filter meets as it moves over an image, in blocks: a convolution channel by channel, with a filter
 * that is 1 there. Of the filter only as much is left as makes the result's dimensions come out right.
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import type { ConvAttributes } from "../../ops/convolution.ts";
import { BLOCKED_CONV } from "./convolution.ts";

/** How a filter of one element moves along one axis. */
interface Reach {
  /** Size of the filter, and where it is 1. */
  readonly dimension: number;
  readonly one: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Along an axis: element k of the result is element `k stride + offset` of the input, 0 outside.
 *
 * @param length of the input, `outputSize` of the result
 */
function reachOf(offset: number, length: number, outputSize: number, stride: number): Reach {
  const before = Math.max(0, -offset);
  const one = Math.max(0, offset);
  const dimension = Math.max(one + 1, length + before - outputSize * stride + 1);
  const after = Math.max(0, (outputSize - 1) * stride + dimension - length - before);
  return { dimension, one, before, after };
}

/** What element `at` [i, j] of a filter meets of blocked images [n, c, h, w]: [n, c, ...outputSizes], blocked. */
export function shifted(
  x: LazyArray,
  at: readonly number[],
  { stride, padding, dilation }: ConvAttributes,
  outputSizes: readonly number[],
  block: number,
): LazyArray {
  const [rows, columns] = [0, 1].map((i) =>
    reachOf(at[i] * dilation[i] - padding[i], x.shape[2 + i], outputSizes[i], stride[i])
  );
  const [, c] = x.shape;
  const one = rows.one * columns.dimension + columns.one;
  const filter = Array.from(
    { length: rows.dimension * columns.dimension },
    (_, k) => k === one ? 1 : 0,
  )
    .flatMap((value) => new Array<number>(block).fill(value));
  const filters = Array.from({ length: c / block }, () => filter).flat();
  return applyOp(BLOCKED_CONV, [
    x,
    constant(filters, "float32", [c, 1, rows.dimension, columns.dimension]),
  ], {
    stride,
    padding: [rows.before, columns.before, rows.after, columns.after],
    dilation: [1, 1],
    groups: c,
    relu: 0,
  })[0];
}
