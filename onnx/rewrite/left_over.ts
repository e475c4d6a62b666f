/**
 * The last rows and columns of a convolution that no window of the pooling behind it reaches (windows of 2x2 on images of 15x15)
 * are not computed, forward nor back:
 *
 *   maxPool(conv(x, w, padding)) = maxPool(conv(x, w, less padding at the end))
 *   unpool(dy, indices) = pad(unpool(dy, indices of the part), zeros at the end)
 *
 * What convolutions hand back of gradients with zeros at the end, they hand back of those without:
 *
 *   convFilterGradient(x, pad(dy), padding) = convFilterGradient(x, dy, less padding at the end)      and so for the input's
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { relu } from "../ops/activation.ts";
import { sum } from "../ops/broadcast.ts";
import {
  CONV,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvAttributes,
} from "../ops/convolution.ts";
import { PAD, pad } from "../ops/movement.ts";
import { MAX_POOL, type PoolAttributes, UNPOOL } from "../ops/pooling.ts";
import { coveredSize, windowSpan } from "../ops/window.ts";
import type { Shape } from "../shape.ts";
import { array, computedBy, named, node, rule, type Uses } from "./pattern.ts";

/** Maximum poolings of such a convolution. Whoever reads the indices finds them still. */
const poolingOfPart = rule(node(MAX_POOL, [array("x")]), ({ root, x }, uses) => {
  const { op, attributes } = root;
  const part = reachedPart(x, attributes, uses);
  return part && [applyOp(op, [part], attributes)[0], applyOp(op, [x], attributes)[1]];
});

/** Gradients of those poolings. */
const unpoolingOfPart = rule(
  node(UNPOOL, [array("dy"), named("pool", node(MAX_POOL, [array("x")], { output: 1 }))]),
  ({ root: { op, attributes }, dy, pool, x }, uses) => {
    const part = reachedPart(x, pool.attributes, uses);
    if (!part) return undefined;
    const [, indices] = applyOp(pool.op, [part], pool.attributes);
    const [inner] = applyOp(op, [dy, indices], { ...attributes, shape: part.shape });
    return [padAfter(inner, x.shape)];
  },
);

function padAfter(array: LazyArray, shape: Shape): LazyArray {
  return pad(array, shape.map(() => 0), shape.map((size, i) => size - array.shape[i]));
}

/** What windows reach of a convolution, with relu or without, that a pooling alone reads; undefined if that is all. */
function reachedPart(
  pooled: LazyArray,
  attributes: PoolAttributes,
  uses: Uses,
): LazyArray | undefined {
  if (uses(pooled) !== 1) return undefined;
  const active = computedBy(relu.op, pooled);
  const found = computedBy(CONV, active ? active.inputs[0] : pooled);
  if (!found || uses(found.array) !== 1) return undefined;
  const [, , ...sizes] = pooled.shape;
  const windows = MAX_POOL.infer([pooled], attributes)[0].shape.slice(2);
  const reached = sizes.map((size, i) => {
    const begun = coveredSize(windows[i], i, attributes) + attributes.padding[sizes.length + i];
    return Math.min(size, begun);
  });
  if (reached.every((size, i) => size === sizes[i])) return undefined;
  const [x, w] = found.inputs;
  const less = lessPadding(found.attributes, x.shape, w.shape, reached);
  if (!less) return undefined;
  const [part] = applyOp(CONV, found.inputs, less);
  return active ? relu(part) : part;
}

/** How a filter moves so that results have these sizes; undefined if it had to begin or end inside the images. */
function lessPadding<A extends ConvAttributes>(
  attributes: A,
  images: Shape,
  filter: Shape,
  results: readonly number[],
): A | undefined {
  const { stride, dilation, padding } = attributes;
  const before = padding.slice(0, stride.length);
  const after = results.map((count, i) => {
    const reach = (count - 1) * stride[i] + windowSpan(filter[2 + i], dilation[i]);
    const missing = reach - before[i] - images[2 + i];
    // What is less than a stride is left over without being cut off.
    return missing > -stride[i] ? Math.max(0, missing) : missing;
  });
  return after.every((width) => width >= 0)
    ? { ...attributes, padding: [...before, ...after] }
    : undefined;
}

/** A pattern: zeros at the end of rows and columns. */
const ENDING_IN_ZEROS = node(PAD, [array("inner")], {
  where: ({ attributes: { before, after, value } }) =>
    value === 0 && before.every((width) => width === 0) && after[0] + after[1] === 0,
});

const filterGradientOfPart = rule(
  node(CONV_FILTER_GRADIENT, [array("x"), ENDING_IN_ZEROS]),
  ({ root: { op, attributes }, x, inner }) => {
    const less = lessPadding(attributes, x.shape, attributes.shape, inner.shape.slice(2));
    return less && applyOp(op, [x, inner], less);
  },
);

const inputGradientOfPart = rule(
  node(CONV_INPUT_GRADIENT, [ENDING_IN_ZEROS, array("w")]),
  ({ root: { op, attributes }, inner, w }) => {
    const less = lessPadding(attributes, attributes.shape, w.shape, inner.shape.slice(2));
    return less && applyOp(op, [inner, w], less);
  },
);

/** Sums over all that has zeros at its end (a bias' gradient). */
const sumOfPart = rule(
  node(sum.op, [named("padded", node(PAD, [array("inner")]))]),
  ({ root: { op, attributes }, padded, inner }) => {
    const { before, after, value } = padded.attributes;
    const isFolded = before.every((width, axis) =>
      width + after[axis] === 0 || attributes.axes.includes(axis)
    );
    return value === 0 && isFolded ? applyOp(op, [inner], attributes) : undefined;
  },
);

export const leftOver = {
  poolingOfPart,
  unpoolingOfPart,
  filterGradientOfPart,
  inputGradientOfPart,
  sumOfPart,
};
