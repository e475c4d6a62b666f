/**
 * Gradients of slices that take every other row and column of blocked channels: what was taken is one phase, the others are
 * zeros. Where another array in phases is added, as the gradient of a strided convolution beside the slice is, only
 * that phase is.
 * @module
 */
import { DILATED } from "./costs.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { add } from "../../ops/arithmetic.ts";
import { EXPAND, expand } from "../../ops/broadcast.ts";
import { DILATE } from "../../ops/movement.ts";
import { sameShape, type Shape } from "../../shape.ts";
import { array, computedBy, named, node, type Rule, rule } from "../pattern.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { blocked, unblocked } from "./layout.ts";

/** A phase of nothing. */
export function zeroPhase(shape: Shape): LazyArray {
  return expand(constant(0), shape);
}

function isZeroPhase(array: LazyArray): boolean {
  const source = computedBy(EXPAND, array)?.inputs[0];
  return source !== undefined && source.isConstant && Object.is(source.buffer.data[0], 0);
}

/** Images that are taken apart by zeros. */
export function dilationInBlocks(block: number): Rule {
  return rule(
    node(DILATE, [array("x", ({ dtype }) => dtype === "float32")]),
    ({ root: { attributes: { shape, begin, step } }, x }) => {
      const suits = shape.length === 4 && x.shape[1] % block === 0 &&
        shape.every((size, i) =>
          size === x.shape[i] * step[i] && begin[i] < step[i] && (i > 1 || step[i] === 1)
        );
      const [, , rows, columns] = step;
      if (!suits || rows * columns > DILATED.mostPhases) return undefined;
      const own = begin[2] * columns + begin[3];
      const parts = Array.from(
        { length: rows * columns },
        (_, k) => k === own ? blocked(x) : zeroPhase(x.shape),
      );
      return [unblocked(applyOp(JOIN_PHASES, parts, { window: [rows, columns], block })[0])];
    },
  );
}

/** Sums of arrays in phases, where some phases are nothing. */
export const sumOfPhases = rule(
  node(add.op, [
    named("left", node(JOIN_PHASES)),
    named("right", node(JOIN_PHASES)),
  ]),
  ({ left, right }, uses) => {
    const fits = sameShape(left.array.shape, right.array.shape) &&
      sameShape(left.attributes.window, right.attributes.window) &&
      uses(left.array) === 1 && uses(right.array) === 1;
    if (!fits || ![...left.inputs, ...right.inputs].some(isZeroPhase)) return undefined;
    const parts = left.inputs.map((part, k) => {
      const other = right.inputs[k];
      return isZeroPhase(part) ? other : isZeroPhase(other) ? part : add(part, other);
    });
    return applyOp(JOIN_PHASES, parts, left.attributes);
  },
);
