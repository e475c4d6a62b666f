/**
 * relu, then maximum pooling: the gradient passes relu where the pooled maximum was positive, so the mask can
 * be applied before the gradients are spread out again, to a quarter of the elements.
 *
 *   unpool(dy, places) * step(r)  =  unpool(dy * step(p), places)    with p, places = maxPool(r)
 *
 * because unpool is zero everywhere but at the places, where r equals p.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, type Op } from "../op.ts";
import { mul } from "../ops/arithmetic.ts";
import { step } from "../ops/comparison.ts";
import { MAX_POOL, UNPOOL } from "../ops/pooling.ts";

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
  const [dy, places] = gradient.node.inputs;
  const pool = places.node;
  if (pool?.op.name !== MAX_POOL.name) return undefined;
  const masked = mask.node.inputs[0];
  if (masked !== pool.inputs[0] && masked !== reluInput(pool.inputs[0])) return undefined;
  const pooled = pool.outputs[0];
  return applyOp(gradient.node.op, [mul(dy, step(pooled)), places], gradient.node.attributes);
}

/** step(x) = step(relu(x)). */
function reluInput(array: LazyArray): LazyArray | undefined {
  return array.node?.op.name === "Relu" ? array.node.inputs[0] : undefined;
}
