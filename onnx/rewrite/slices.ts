/**
 * Slices of slices, one an axis as PyTorch's `x[:, ::2, ::2]` takes them, are one slice; and so for their gradients.
 * @module
 */
import { DILATE, dilate, endOf, SLICE, slice } from "../ops/movement.ts";
import { array, named, node, rule } from "./pattern.ts";

/** slice(slice(x)) */
export const mergeSlices = rule(
  node(SLICE, [named("inner", node(SLICE, [array("x")]))]),
  ({ root, inner, x }) => {
    const { shape } = root.op.infer([inner.array], root.attributes)[0];
    const { begin, step } = inner.attributes;
    const from = begin.map((at, i) => at + root.attributes.begin[i] * step[i]);
    const by = step.map((s, i) => s * root.attributes.step[i]);
    return [slice(x, from, from.map((at, i) => endOf(at, by[i], shape[i])), by)];
  },
);

/** dilate(dilate(x)) */
export const mergeDilations = rule(
  node(DILATE, [named("inner", node(DILATE, [array("x")]))]),
  ({ root: { attributes: { shape, begin, step } }, inner, x }) => {
    const from = begin.map((at, i) => at + inner.attributes.begin[i] * step[i]);
    return [dilate(x, shape, from, step.map((s, i) => s * inner.attributes.step[i]))];
  },
);
