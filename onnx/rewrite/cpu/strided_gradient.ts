/**
 * Input gradients of convolutions with a longer stride, in blocks. What lies at element `a` of every stride meets only every
 * stride-th filter element, so it is a convolution of its own with those; the phases are then put side by side:
 *
 *   dx[P s + a]  =  sum over t of  w[i + s t] dy[P + q - t]      i = (a + padding) mod s,  q = (a + padding - i) / s
 *
 * A transposed convolution computes the same, on one thread and with a detour by columns.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { CONV_INPUT_GRADIENT, type ConvGradientAttributes } from "../../ops/convolution.ts";
import { windowElements } from "../../ops/window.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import {
  backwardFilters,
  BLOCKED_CONV,
  fillsBlocks,
  hasWork,
  NOTHING_MORE,
  windowPart,
} from "./convolution.ts";
import { zeroPhase } from "./dilation.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { blocked, unblocked } from "./layout.ts";

/** Along one axis: which filter elements a phase meets, and how the convolution with them is padded. */
interface Taps {
  readonly first: number;
  readonly count: number;
  readonly before: number;
  readonly after: number;
}

function tapsOf(
  axis: number,
  phase: number,
  filter: number,
  windows: number,
  { stride, padding, shape }: ConvGradientAttributes,
): Taps {
  const s = stride[axis];
  const first = (phase + padding[axis]) % s;
  const count = Math.max(0, Math.ceil((filter - first) / s));
  const before = count - 1 - (phase + padding[axis] - first) / s;
  return { first, count, before, after: shape[2 + axis] / s - windows - before + count - 1 };
}

/** Input gradients of strided convolutions whose channels fill blocks. */
export function stridedGradientInBlocks(block: number): Rule {
  return rule(node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]), ({ root, dy, w }) => {
    const all = root.attributes;
    const { stride, dilation, groups, shape } = all;
    const isStrided = stride.some((s) => s > 1) && dilation.every((d) => d === 1);
    const isWhole = stride.every((s, i) => shape[2 + i] % s === 0);
    if (!isStrided || !isWhole || !fillsBlocks(w, groups, block) || !hasWork(shape, w)) {
      return undefined;
    }
    const phases = windowElements(stride).map((phase) =>
      phase.map((at, axis) => tapsOf(axis, at, w.shape[2 + axis], dy.shape[2 + axis], all))
    );
    const isPadded = ({ count, before, after }: Taps) => count === 0 || (before >= 0 && after >= 0);
    if (!phases.every((taps) => taps.every(isPadded))) return undefined;
    const sizes = stride.map((s, i) => shape[2 + i] / s);
    const inner = blocked(dy);
    const filters = backwardFilters(w, groups, block);
    const parts = phases.map(([rows, columns]) =>
      rows.count * columns.count === 0
        ? zeroPhase([shape[0], shape[1], ...sizes])
        : phaseOf(inner, filters, [rows, columns], all, block)
    );
    return [unblocked(applyOp(JOIN_PHASES, parts, { window: stride, block })[0])];
  });
}

/** @param filters as they carry gradients back, flipped */
function phaseOf(
  dy: LazyArray,
  filters: LazyArray,
  [rows, columns]: readonly Taps[],
  { stride, groups }: ConvGradientAttributes,
  block: number,
): LazyArray {
  const taps = [rows, columns];
  const begin = taps.map(({ first, count }, i) =>
    filters.shape[2 + i] - 1 - first - stride[i] * (count - 1)
  );
  const count = taps.map((along) => along.count);
  return applyOp(BLOCKED_CONV, [dy, windowPart(filters, begin, count, stride, block)], {
    stride: [1, 1],
    dilation: [1, 1],
    padding: [rows.before, columns.before, rows.after, columns.after],
    groups,
    ...NOTHING_MORE,
  })[0];
}
