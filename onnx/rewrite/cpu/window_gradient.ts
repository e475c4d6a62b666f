/**
 * The gradient of maximum pooling in blocks, from the maxima alone: ONNX Runtime takes longer to tell where they lay, and to
 * add up what overlapping windows send there, than for a convolution. A maximum over a window is one over its rows of the
 * maxima over its columns, and so is the gradient: first to the rows, then in each row to a column. Along one axis, with y[p] the
 * largest of x[p s + i d]:
 *
 *   g_i = rest where x[p s + i d] >= y[p], else 0;  rest = rest - g_i;  the last element takes what is left
 *   dx[p s + i d] = the sum of all g_i[p] that lie there
 *
 * So the first of equal maxima takes all, row by row, as everywhere.
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { expand, reshape } from "../../ops/broadcast.ts";
import { pad, slice } from "../../ops/movement.ts";
import type { PoolAttributes } from "../../ops/pooling.ts";
import { sameShape } from "../../shape.ts";
import { BLOCKED_MAX_POOL } from "./blocked_max_pool.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { shifted, shiftedReaches } from "./shift.ts";

/** What never is a maximum, and stays finite when it is multiplied by 0. */
const LOWEST = -3.4028234663852886e38;

/** How a window moves along one axis. */
interface AxisWindow {
  /** 0 for rows, 1 for columns. */
  readonly axis: 0 | 1;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Elements before the input that never win. */
  readonly before: number;
}

function windowAlong(axis: 0 | 1, attributes: PoolAttributes): AxisWindow {
  const [kernel, stride, dilation, before] = [
    attributes.kernel,
    attributes.stride,
    attributes.dilation,
    attributes.padding,
  ].map((list) => list[axis]);
  return { axis, kernel, stride, dilation, before };
}

/**
 * The gradient of a maximum pooling, all in blocks.
 *
 * @param dy of the maxima `y`
 * @param x what was pooled
 */
export function windowGradient(
  dy: LazyArray,
  x: LazyArray,
  y: LazyArray,
  attributes: PoolAttributes,
  block: number,
): LazyArray {
  const [rows, columns] = [windowAlong(0, attributes), windowAlong(1, attributes)];
  if (rows.kernel === 1 && rows.stride === 1) return axisGradient(dy, x, y, columns, block);
  const { kernel, stride, dilation, padding } = attributes;
  const [maxima] = applyOp(BLOCKED_MAX_POOL, [x], {
    kernel: [1, kernel[1]],
    stride: [1, stride[1]],
    dilation: [1, dilation[1]],
    padding: [0, padding[1], 0, padding[3]],
    ignoresNaN: true,
  });
  return axisGradient(axisGradient(dy, maxima, y, rows, block), x, maxima, columns, block);
}

function axisGradient(
  dy: LazyArray,
  x: LazyArray,
  y: LazyArray,
  window: AxisWindow,
  block: number,
): LazyArray {
  const { axis, stride } = window;
  const shares = sharesOf(dy, x, y, window, block);
  const whole = x.shape[2 + axis];
  const last = (y.shape[2 + axis] - 1) * stride + shares.at(-1)!.at;
  const size = Math.ceil((Math.min(last, whole - 1) + 1) / stride);
  const phases = Array.from({ length: stride }, (_, phase) => {
    const there = shares.flatMap(({ share, at }) =>
      (phase - at) % stride === 0 ? [{ share, offset: (phase - at) / stride }] : []
    );
    return sumOfShifted(there, size, axis, block) ??
      expand(constant(0), along(axis, size, y.shape));
  });
  const joined = stride === 1
    ? phases[0]
    : applyOp(JOIN_PHASES, phases, { window: pair(axis, stride, 1), block })[0];
  return ofSizes(joined, along(axis, whole, joined.shape).slice(2), block);
}

/** A blocked array with zeros after its rows and columns, or without what lies beyond these sizes. */
export function ofSizes(x: LazyArray, sizes: readonly number[], block: number): LazyArray {
  const [n, c, ...own] = x.shape;
  if (sameShape(own, sizes)) return x;
  const lines = reshape(x, [n * c / block, ...own, block]);
  const kept = own.map((size, i) => Math.min(size, sizes[i]));
  const part = slice(lines, [0, 0, 0, 0], [lines.shape[0], ...kept, block]);
  const after = sizes.map((size, i) => size - kept[i]);
  return reshape(pad(part, [0, 0, 0, 0], [0, ...after, 0]), [n, c, ...sizes]);
}

/** What each element of the window takes of the gradient, and where the first window's element lies in x. */
function sharesOf(
  dy: LazyArray,
  x: LazyArray,
  y: LazyArray,
  { axis, kernel, stride, dilation, before }: AxisWindow,
  block: number,
) {
  const windows = y.shape[2 + axis];
  const reach = (windows - 1) * stride + dilation * (kernel - 1) + 1;
  const after = Math.max(0, reach - before - x.shape[2 + axis]);
  const padded = paddedBelow(x, axis, before, after, block);
  let rest = dy;
  return Array.from({ length: kernel }, (_, i) => {
    const at = i * dilation - before;
    if (i === kernel - 1) return { share: rest, at };
    const shift = {
      offset: pair(axis, i * dilation, 0),
      stride: pair(axis, stride, 1),
      outputSizes: y.shape.slice(2),
    };
    const share = mul(rest, shiftedReaches(padded, shift, block, y));
    rest = sub(rest, share);
    return { share, at };
  });
}

function paddedBelow(
  x: LazyArray,
  axis: 0 | 1,
  before: number,
  after: number,
  block: number,
): LazyArray {
  const [n, c, ...sizes] = x.shape;
  const widths = (width: number) => [0, ...pair(axis, width, 0), 0];
  const lines = reshape(x, [n * c / block, ...sizes, block]);
  const padded = pad(lines, widths(before), widths(after), LOWEST);
  return reshape(padded, along(axis, sizes[axis] + before + after, x.shape));
}

interface Shifted {
  readonly share: LazyArray;
  /** Element k of the sum is element k + offset of the share. */
  readonly offset: number;
}

function sumOfShifted(
  parts: readonly Shifted[],
  size: number,
  axis: 0 | 1,
  block: number,
): LazyArray | undefined {
  const isInPlace = ({ share, offset }: Shifted) => offset === 0 && share.shape[2 + axis] === size;
  const ordered = [...parts].sort((a, b) => Number(isInPlace(b)) - Number(isInPlace(a)));
  return ordered.reduce<LazyArray | undefined>((sum, part) => {
    if (!sum && isInPlace(part)) return part.share;
    const outputSizes = along(axis, size, part.share.shape).slice(2);
    const shift = { offset: pair(axis, part.offset, 0), stride: [1, 1], outputSizes };
    return shifted(part.share, shift, block, sum);
  }, undefined);
}

/** One number for an axis, another for the other. */
function pair(axis: 0 | 1, own: number, other: number): [number, number] {
  return axis === 0 ? [own, other] : [other, own];
}

/** A shape with another size along an axis. */
function along(axis: 0 | 1, size: number, shape: readonly number[]): number[] {
  return shape.map((dimension, i) => i === 2 + axis ? size : dimension);
}
