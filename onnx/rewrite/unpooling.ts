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
import { applyOp } from "../op.ts";
import { relu } from "../ops/activation.ts";
import { mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { step } from "../ops/comparison.ts";
import { MAX_POOL, UNPOOL } from "../ops/pooling.ts";
import { array, computedBy, named, node, rule } from "./pattern.ts";

/** unpool(dy) * step(r) where r is what was pooled, or what relu made of it. */
export const maskBeforeUnpool = rule(
  node(mul.op, [
    named(
      "unpool",
      node(UNPOOL, [
        array("dy"),
        named("indices", node(MAX_POOL, [array("pooled")], { output: 1 })),
      ]),
    ),
    node(step.op, [array("masked")]),
  ]),
  ({ unpool, dy, indices, pooled, masked }) => {
    // step(x) = step(relu(x)).
    if (masked !== pooled && masked !== computedBy(relu.op, pooled)?.inputs[0]) return undefined;
    const maxima = indices.array.node!.outputs[0];
    return applyOp(unpool.op, [mul(dy, step(maxima)), indices.array], unpool.attributes);
  },
);

/** sum(unpool(dy)) where all axes that the window moves along are folded. */
export const sumBeforeUnpool = rule(
  node(sum.op, [named("unpool", node(UNPOOL))]),
  ({ root: { op, attributes }, unpool }) => {
    const foldsAllPlaces = unpool.array.shape.every((_, axis) =>
      axis < 2 || attributes.axes.includes(axis)
    );
    return foldsAllPlaces ? applyOp(op, [unpool.inputs[0]], attributes) : undefined;
  },
);
