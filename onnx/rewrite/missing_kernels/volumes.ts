/**
 * Convolutions over volumes where a provider convolves them without groups only, or does not transpose them:
 *
 *   groups                the parts of x with the parts of w, one after the other
 *   transposed            dy with zeros between its elements and around, convolved with the filter turned round
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import {
  CONV,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvAttributes,
  type ConvGradientAttributes,
} from "../../ops/convolution.ts";
import { gather } from "../../ops/indexing.ts";
import { concat, dilate, pad, slice, transpose } from "../../ops/movement.ts";
import type { LocalRule } from "../apply_rules.ts";

/** Equal parts of an array along an axis. */
function parts(x: LazyArray, count: number, axis: number): LazyArray[] {
  const size = x.shape[axis] / count;
  return Array.from({ length: count }, (_, i) => {
    const begin = x.shape.map((_, k) => k === axis ? i * size : 0);
    return slice(x, begin, x.shape.with(axis, (i + 1) * size));
  });
}

/** Rewrites convolutions over volumes in groups, and their gradients for the filters. */
export const volumeInGroups: LocalRule = (op, [x, other, bias], attributes) => {
  const { groups } = attributes as ConvAttributes;
  const isConv = op.name === CONV.name;
  if (!isConv && op.name !== CONV_FILTER_GRADIENT.name) return undefined;
  if (x.shape.length < 5 || groups === 1) return undefined;
  const xs = parts(x, groups, 1);
  const others = parts(other, groups, isConv ? 0 : 1);
  const biases = bias && parts(bias, groups, 0);
  const shape = (attributes as ConvGradientAttributes).shape;
  const single = {
    ...attributes,
    groups: 1,
    ...(shape ? { shape: shape.with(0, shape[0] / groups) } : {}),
  };
  const results = xs.map((part, i) =>
    applyOp(op, [part, others[i], ...(biases ? [biases[i]] : [])], single)[0]
  );
  return [concat(results, isConv ? 1 : 0)];
};

/** Rewrites transposed convolutions over volumes. */
export const volumeTransposed: LocalRule = (op, [dy, w], attributes) => {
  if (op.name !== CONV_INPUT_GRADIENT.name || dy.shape.length < 5) return undefined;
  const { groups, shape, stride, padding, dilation } = attributes as ConvGradientAttributes;
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
};

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
