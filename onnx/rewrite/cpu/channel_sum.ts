/**
 * Sums over images and places, one number a channel (a bias' gradient), of a blocked array.
 * @module
 */
import { reshape, SUM, sum } from "../../ops/broadcast.ts";
import { sameShape } from "../../shape.ts";
import type { LocalRule } from "../rule.ts";
import { behindUnblocked } from "./layout.ts";
import { sumOfRows } from "./leading_sum.ts";

/** Rewrites sums over [n, h, w]. */
export function channelSumInBlocks(block: number): LocalRule {
  return (op, [x], { axes, keepDims }) => {
    const inner = behindUnblocked(x);
    if (op.name !== SUM || !inner || !sameShape(axes as readonly number[], [0, 2, 3])) {
      return undefined;
    }
    const [n, c] = x.shape;
    const images = sumOfRows(reshape(inner, [n, c / block, -1, block]));
    return [reshape(sum(images, { axes: 1 }), keepDims ? [1, c, 1, 1] : [c])];
  };
}
