/**
 * What is done with the gradients of a maximum pooling goes before the pooling's gradient, to a quarter of the elements.
 *
 * relu, then maximum pooling: the gradient passes relu where the pooled maximum was positive.
 *
 *   unpool(dy, indices) * step(r)  =  unpool(dy * step(p), indices)    with p, indices = maxPool(r)
 *
 * because unpool is zero everywhere but at the indices, where r equals p. A bias' gradient, summed over all windows:
 *
 *   sum(unpool(dy, indices))  =  sum(dy)
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { MAX_POOL, UNPOOL } from "../ops/pooling.ts";
import { SUM } from "../ops/broadcast.ts";
import { applyOp, type Attributes, type Op } from "../op.ts";
import { mul } from "../ops/arithmetic.ts";
import { step } from "../ops/comparison.ts";

/** Rewrites unpool(dy) * step(r) where r is what was pooled, or what relu made of it. */
export function maskBeforeUnpool(
  op: Op,
  inputs: readonly LazyArray[],
  _: Attributes,
): LazyArray[] | undefined {
  if (op.name !== "Mul") return undefined;
  const [a, b] = inputs;
  return rewrite(a, b) ?? rewrite(b, a);
}

function rewrite(gradient: LazyArray, mask: LazyArray): LazyArray[] | undefined {
  if (gradient.node?.op.name !== UNPOOL.name || mask.node?.op.name !== "Step") return undefined;
  const [dy, indices] = gradient.node.inputs;
  const pool = indices.node;
  if (pool?.op.name !== MAX_POOL.name) return undefined;
  const masked = mask.node.inputs[0];
  if (masked !== pool.inputs[0] && masked !== reluInput(pool.inputs[0])) return undefined;
  const pooled = pool.outputs[0];
  return applyOp(gradient.node.op, [mul(dy, step(pooled)), indices], gradient.node.attributes);
}

/** step(x) = step(relu(x)). */
function reluInput(array: LazyArray): LazyArray | undefined {
  return array.node?.op.name === "Relu" ? array.node.inputs[0] : undefined;
}

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
