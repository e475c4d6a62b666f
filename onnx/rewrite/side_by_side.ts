/**
 * Arrays that are summed up after zeros were put around them so that they do not meet lie side by side:
 *
 *   pad(a, behind) + pad(b, before)  =  concat(a, b)
 *
 * So are the gradients of parts that an array was cut into.
 * @module
 */
import { add } from "../ops/arithmetic.ts";
import { CONCAT, concat, PAD, pad } from "../ops/movement.ts";
import { sameShape } from "../shape.ts";
import { array, computedBy, named, node, rule } from "./pattern.ts";

const zeros = {
  where: ({ attributes }: { attributes: { value: number } }) => attributes.value === 0,
};

/** Sums of padded arrays, one of which begins where the other ends. */
export const sumSideBySide = rule(
  node(add.op, [
    named("left", node(PAD, [array("a")], zeros)),
    named("right", node(PAD, [array("b")], zeros)),
  ]),
  ({ left, right, a, b }, uses) => {
    if (!sameShape(left.array.shape, right.array.shape)) return undefined;
    if (uses(left.array) > 1 || uses(right.array) > 1) return undefined;
    const [begin, end] = [left.attributes, right.attributes].map(({ before }) => before);
    const padded = a.shape.flatMap((size, i) => size < left.array.shape[i] ? [i] : []);
    const [axis] = padded;
    const isAdjacent = padded.length === 1 && begin[axis] + a.shape[axis] === end[axis] &&
      b.shape.every((size, i) => i === axis || size === a.shape[i]);
    return isAdjacent
      ? [pad(concat([a, b], axis), left.attributes.before, right.attributes.after)]
      : undefined;
  },
);

/** Arrays side by side beside others along the same axis. */
export const mergeConcats = rule(
  node(CONCAT),
  ({ root: { inputs, attributes: { axis } } }, uses) => {
    const parts = inputs.flatMap((input) => {
      const inner = uses(input) === 1 ? computedBy(CONCAT, input) : undefined;
      return inner?.attributes.axis === axis ? inner.inputs : [input];
    });
    return parts.length > inputs.length ? [concat(parts, axis)] : undefined;
  },
);
