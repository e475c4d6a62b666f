/**
 * Gradients that a pooling spread out, summed up again (a bias' gradient): summed before they are spread, a quarter of
 * the elements.
 *
 *   sum over all places of unpool(dy, places)  =  sum over all windows of dy
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, type Op } from "../op.ts";
import { UNPOOL } from "../ops/pooling.ts";
import { SUM } from "../ops/broadcast.ts";

/** Rewrites sum(unpool(dy)) where all axes that the window moves along are folded. */
export function sumBeforeUnpool(
  op: Op,
  [x]: readonly LazyArray[],
  attributes: Attributes,
): LazyArray[] | undefined {
  if (op.name !== SUM || x.node?.op.name !== UNPOOL.name) return undefined;
  const axes = attributes.axes as readonly number[];
  const foldsAllPlaces = x.shape.every((_, axis) => axis < 2 || axes.includes(axis));
  return foldsAllPlaces ? applyOp(op, [x.node.inputs[0]], attributes) : undefined;
}
