/**
 * What one element of a filter or window meets as it moves over an image, in blocks: a convolution channel by channel, with a
 * filter that is 1 there. Of the filter only as much is left as makes the result's dimensions come out right. In the same pass
 * another array is added, or it is told where one, a limit, is reached.
 * @module
 */
import { floats } from "../../export/node_attributes.ts";
import { noFlops } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Attributes, type Op } from "../../op.ts";
import { add } from "../../ops/arithmetic.ts";
import { sameShape } from "../../shape.ts";
import { STEEP } from "./clipped_line.ts";
import { NCHWC_DOMAIN } from "./layout.ts";

/** Lists hold one number for rows and one for columns. */
export interface Shift {
  /** Element k of the result is element `k stride + offset` of the input, 0 outside. */
  readonly offset: readonly number[];
  readonly stride: readonly number[];
  readonly outputSizes: readonly number[];
}

interface ShiftAttributes extends Attributes, Shift {
  readonly [name: string]: readonly number[] | number;
  /** 1 if the result is 1 where what is met reaches what is added, a limit, else 0. */
  readonly clipped: 0 | 1;
  readonly block: number;
}

/** How a filter of one element moves along one axis. */
interface Reach {
  /** Size of the filter, and where it is 1. */
  readonly dimension: number;
  readonly one: number;
  readonly before: number;
  readonly after: number;
}

function reachOf(offset: number, length: number, outputSize: number, stride: number): Reach {
  const before = Math.max(0, -offset);
  const one = Math.max(0, offset);
  const dimension = Math.max(one + 1, length + before - outputSize * stride + 1);
  const after = Math.max(0, (outputSize - 1) * stride + dimension - length - before);
  return { dimension, one, before, after };
}

/** Inputs: blocked array [n, c, h, w], and another one [n, c, ...outputSizes] where one is added. */
export const SHIFT: Op<ShiftAttributes> = {
  name: "Shift",
  infer: ([{ dtype, shape: [n, c] }], { outputSizes }) => [
    { dtype, shape: [n, c, ...outputSizes] },
  ],
  flops: noFlops,
  lower: (writer, [x, ...added], attributes, { inputs: [{ shape: [, c, ...sizes] }] }) => {
    const { offset, stride, outputSizes, clipped, block } = attributes;
    const [rows, columns] = sizes.map((size, i) =>
      reachOf(offset[i], size, outputSizes[i], stride[i])
    );
    const elements = rows.dimension * columns.dimension;
    const one = rows.one * columns.dimension + columns.one;
    // In blocks: element by element for the channels of each block, all of which have the same filter.
    const filter = new Float32Array(c * elements);
    for (let first = 0; first < c; first += block) {
      filter.fill(
        clipped ? -1 : 1,
        first * elements + one * block,
        first * elements + (one + 1) * block,
      );
    }
    const shape = [c, 1, rows.dimension, columns.dimension];
    const inputs = [x, writer.initializer(filter, "float32", shape)];
    return [
      writer.node("Conv", added.length > 0 ? [...inputs, "", ...added] : inputs, {
        domain: NCHWC_DOMAIN,
        attributes: {
          strides: stride,
          pads: [rows.before, columns.before, rows.after, columns.after],
          dilations: [1, 1],
          kernel_shape: shape.slice(2),
          group: c,
          activation: clipped ? "HardSigmoid" : undefined,
          activation_params: clipped ? floats([-STEEP, 1]) : undefined,
        },
      }),
    ];
  },
};

/** What the shift meets of a blocked array, blocked; plus another array of that shape if given. */
export function shifted(x: LazyArray, shift: Shift, block: number, added?: LazyArray): LazyArray {
  if (movesNothing(x, shift)) return added ? add(x, added) : x;
  const attributes = { ...shift, clipped: 0, block } as const;
  return applyOp(SHIFT, added ? [x, added] : [x], attributes)[0];
}

/** The middle of a filter that keeps rows and columns meets the image itself. */
function movesNothing({ shape }: LazyArray, { offset, stride, outputSizes }: Shift): boolean {
  return offset.every((at, i) => at === 0 && stride[i] === 1) &&
    sameShape(shape.slice(2), outputSizes);
}

/** 1 where what the shift meets of x reaches a limit, else 0: clip(1 - 3e38 (limit - x), 0, 1). */
export function shiftedReaches(
  x: LazyArray,
  shift: Shift,
  block: number,
  limit: LazyArray,
): LazyArray {
  return applyOp(SHIFT, [x, limit], { ...shift, clipped: 1, block })[0];
}
