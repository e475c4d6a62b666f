/**
 * Filters that a network keeps as [kh, kw, c, o] (Keras' order). What computes with them, and their gradients, takes that order
 * as it is: to move large filters number by number costs as much as a convolution.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type ArrayType, type Op } from "../../op.ts";
import { reshape } from "../../ops/broadcast.ts";
import { CONV_FILTER_GRADIENT, type ConvGradientAttributes } from "../../ops/convolution.ts";
import { inversePermutation, TRANSPOSE, transpose } from "../../ops/movement.ts";
import { sameShape, type Shape } from "../../shape.ts";
import { array, computedBy, named, node, rule } from "../pattern.ts";

/** [o, c, kh, kw] as [kh, kw, c, o], for any number of axes. */
function toChannelsLast(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, i) => 2 + i), 1, 0];
}

function inOtherOrder({ dtype, shape }: ArrayType): ArrayType {
  return {
    dtype,
    shape: inversePermutation(toChannelsLast(shape.length)).map((axis) => shape[axis]),
  };
}

/** A filter gradient as [kh, kw, c, o]; its attribute `shape` stays [o, c, kh, kw]. */
const CHANNELS_LAST_FILTER_GRADIENT: Op<ConvGradientAttributes> = {
  name: "ChannelsLastFilterGradient",
  infer: ([{ dtype }], { shape }) => [
    { dtype, shape: toChannelsLast(shape.length).map((axis) => shape[axis]) },
  ],
  // As many as in the other order: the gradient's size counts.
  flops: (inputs, outputs, attributes) =>
    CONV_FILTER_GRADIENT.flops(inputs, outputs.map(inOtherOrder), attributes),
  lower: (writer, inputs, attributes, types) => {
    const [gradient] = CONV_FILTER_GRADIENT.lower(writer, inputs, attributes, types);
    const perm = toChannelsLast(attributes.shape.length);
    return [writer.node("Transpose", [gradient], { attributes: { perm } })];
  },
};

/** Filter gradients that are wanted in that order alone. */
export const channelsLastFilterGradient = rule(
  node(TRANSPOSE, [named("gradient", node(CONV_FILTER_GRADIENT))]),
  ({ root, gradient }, uses) => {
    const { array: { shape }, inputs, attributes } = gradient;
    const fits = uses(gradient.array) === 1 &&
      sameShape(root.attributes.permutation, toChannelsLast(shape.length));
    return fits ? applyOp(CHANNELS_LAST_FILTER_GRADIENT, inputs, attributes) : undefined;
  },
);

/** The filter gradients that rules are for, in either order. */
export const FILTER_GRADIENT = node([CONV_FILTER_GRADIENT, CHANNELS_LAST_FILTER_GRADIENT], [
  array("x", ({ dtype }) => dtype === "float32"),
  array("dy"),
]);

/** Whether a filter gradient is wanted as [kh, kw, c, o]. */
export function isChannelsLast(op: Op<ConvGradientAttributes>): boolean {
  return op === CHANNELS_LAST_FILTER_GRADIENT;
}

/** A filter gradient [o, c, kh, kw] in the order in which it is wanted. */
export function inOrderOf(op: Op<ConvGradientAttributes>, gradient: LazyArray): LazyArray {
  return isChannelsLast(op) ? transpose(gradient, toChannelsLast(gradient.shape.length)) : gradient;
}

/** A filter gradient [elements, o, c] in the order in which it is wanted. */
export function fromElements(
  op: Op<ConvGradientAttributes>,
  gradient: LazyArray,
  kernel: Shape,
): LazyArray {
  const [, o, c] = gradient.shape;
  return isChannelsLast(op)
    ? reshape(transpose(gradient, [0, 2, 1]), [...kernel, c, o])
    : reshape(transpose(gradient, [1, 2, 0]), [o, c, ...kernel]);
}

/** The filters [kh, kw, c, o] that filters [o, c, kh, kw] were made from. */
export function behindChannelsFirst(w: LazyArray): LazyArray | undefined {
  const moved = computedBy(TRANSPOSE, w);
  const back = inversePermutation(toChannelsLast(w.shape.length));
  return moved && sameShape(moved.attributes.permutation, back) ? moved.inputs[0] : undefined;
}
