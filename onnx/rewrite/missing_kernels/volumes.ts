/**
 * Convolutions over volumes where a provider convolves them without groups only, or does not transpose them:
 *
 *   groups                the parts of x with the parts of w, one after the other
 *   transposed            dy with zeros between its elements and around, convolved with the filter turned round
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { CONV, CONV_FILTER_GRADIENT, CONV_INPUT_GRADIENT } from "../../ops/convolution.ts";
import { gather } from "../../ops/indexing.ts";
import { concat, dilate, pad, slice, transpose } from "../../ops/movement.ts";
import { array, node, rule } from "../pattern.ts";

/** Equal parts of an array along an axis. */
function parts(x: LazyArray, count: number, axis: number): LazyArray[] {
  const size = x.shape[axis] / count;
  return Array.from({ length: count }, (_, i) => {
    const begin = x.shape.map((_, k) => k === axis ? i * size : 0);
    return slice(x, begin, x.shape.with(axis, (i + 1) * size));
  });
}

const isVolume = ({ shape }: LazyArray) => shape.length >= 5;

/** Convolutions over volumes in groups. */
export const volumeInGroups = rule(node(CONV), ({ root: { op, inputs, attributes } }) => {
  const [x, w, bias] = inputs;
  const { groups } = attributes;
  if (!isVolume(x) || groups === 1) return undefined;
  const [xs, filters] = [parts(x, groups, 1), parts(w, groups, 0)];
  const biases = bias && parts(bias, groups, 0);
  const results = xs.map((part, i) =>
    applyOp(op, [part, filters[i], ...(biases ? [biases[i]] : [])], { ...attributes, groups: 1 })[0]
  );
  return [concat(results, 1)];
});

/** Their gradients for the filters. */
export const volumeFiltersInGroups = rule(
  node(CONV_FILTER_GRADIENT, [array("x", isVolume), array("dy")]),
  ({ root: { op, attributes }, x, dy }) => {
    const { groups, shape } = attributes;
    if (groups === 1) return undefined;
    const single = { ...attributes, groups: 1, shape: shape.with(0, shape[0] / groups) };
    const gradients = parts(dy, groups, 1);
    const results = parts(x, groups, 1).map((part, i) =>
      applyOp(op, [part, gradients[i]], single)[0]
    );
    return [concat(results, 0)];
  },
);

const TRANSPOSED = node(CONV_INPUT_GRADIENT, [array("dy", isVolume), array("w")]);

/** Transposed convolutions over volumes. */
export const volumeTransposed = rule(TRANSPOSED, ({ root: { op, attributes }, dy, w }) => {
  const { groups, shape, stride, padding, dilation } = attributes;
  if (groups > 1) {
    const part = { ...attributes, groups: 1, shape: shape.with(1, shape[1] / groups) };
    const filters = parts(w, groups, 0);
    const results = parts(dy, groups, 1).map((each, i) => applyOp(op, [each, filters[i]], part)[0]);
    return [concat(results, 1)];
  }
  const spread = dy.shape.map((size, i) => i < 2 ? size : (size - 1) * stride[i - 2] + 1);
  const apart = dilate(dy, spread, spread.map(() => 0), [1, 1, ...stride]);
  const reach = w.shape.slice(2).map((size, i) => dilation[i] * (size - 1));
  const before = reach.map((span, i) => span - padding[i]);
  const after = reach.map((span, i) => shape[2 + i] - spread[2 + i] - before[i] + span);
  const around = padOrCut(apart, [0, 0, ...before], [0, 0, ...after]);
  const turned = reach.reduce((filter, _, i) => flipped(filter, 2 + i), transposeFilters(w));
  return applyOp(CONV, [around, turned], {
    stride: stride.map(() => 1),
    padding: padding.map(() => 0),
    dilation,
    groups: 1,
  });
});

function transposeFilters(w: LazyArray): LazyArray {
  return transpose(w, w.shape.map((_, i) => i < 2 ? 1 - i : i));
}

function flipped(x: LazyArray, axis: number): LazyArray {
  const size = x.shape[axis];
  return gather(x, constant(Array.from({ length: size }, (_, i) => size - 1 - i), "int32"), axis);
}

/** Zeros around an array, or less of it where there are to be fewer than none. */
function padOrCut(x: LazyArray, before: readonly number[], after: readonly number[]): LazyArray {
  const positive = (widths: readonly number[]) => widths.map((n) => Math.max(0, n));
  const begin = positive(before.map((n) => -n));
  const end = x.shape.map((size, i) => size - Math.max(0, -after[i]));
  return pad(slice(x, begin, end), positive(before), positive(after));
}
