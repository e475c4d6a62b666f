/**
 * Elements at the rim of a filter that meet nothing but padding, wherever the filter goes (7x7 on images of 2x2), are left out:
 *
 *   conv(x, w, padding) = conv(x, part of w, less padding)      and so for the input's gradient
 *   convFilterGradient(x, dy) = pad(convFilterGradient(x, dy, part))
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import {
  CONV,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvAttributes,
} from "../ops/convolution.ts";
import { pad, slice } from "../ops/movement.ts";
import type { Shape } from "../shape.ts";
import { array, node, rule } from "./pattern.ts";

/** The part of a filter that meets something: elements [begin, end) along every axis of its shape. */
interface Part {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly padding: readonly number[];
}

/** @param outputs sizes of the convolution's result */
function reachedPart(
  filter: Shape,
  images: readonly number[],
  outputs: readonly number[],
  { stride, padding, dilation }: ConvAttributes,
): Part | undefined {
  const begin = [0, 0];
  const end = [...filter.slice(0, 2)];
  const less = [...padding];
  images.forEach((size, axis) => {
    const elements = Array.from({ length: filter[2 + axis] }, (_, i) => i).filter((i) =>
      Array.from({ length: outputs[axis] }, (_, p) => p * stride[axis] + i * dilation[axis])
        .some((at) => at >= padding[axis] && at < padding[axis] + size)
    );
    const first = elements.at(0) ?? 0;
    const last = elements.at(-1) ?? filter[2 + axis] - 1;
    begin.push(first);
    end.push(last + 1);
    less[axis] -= first * dilation[axis];
    less[images.length + axis] -= (filter[2 + axis] - 1 - last) * dilation[axis];
  });
  const isLess = end.some((last, axis) => last - begin[axis] < filter[axis]);
  return isLess && less.every((width) => width >= 0) ? { begin, end, padding: less } : undefined;
}

/** Convolutions. */
const ofConvolution = rule(node(CONV), ({ root: { op, inputs, attributes } }) => {
  const [x, w, ...bias] = inputs;
  const [{ shape }] = op.infer(inputs, attributes);
  const part = reachedPart(w.shape, x.shape.slice(2), shape.slice(2), attributes);
  return part && applyOp(op, [x, slice(w, part.begin, part.end), ...bias], {
    ...attributes,
    padding: part.padding,
  });
});

/** Gradients of their inputs. */
const ofInputGradient = rule(
  node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]),
  ({ root: { op, attributes }, dy, w }) => {
    const images = attributes.shape.slice(2);
    const part = reachedPart(w.shape, images, dy.shape.slice(2), windowOf(attributes));
    return part && applyOp(op, [dy, slice(w, part.begin, part.end)], {
      ...attributes,
      padding: part.padding,
    });
  },
);

/** Gradients of their filters: zero where nothing is met. */
const ofFilterGradient = rule(
  node(CONV_FILTER_GRADIENT, [array("x"), array("dy")]),
  ({ root: { op, attributes }, x, dy }): LazyArray[] | undefined => {
    const { shape } = attributes;
    const part = reachedPart(shape, x.shape.slice(2), dy.shape.slice(2), windowOf(attributes));
    if (!part) return undefined;
    const { begin, end, padding } = part;
    const [inner] = applyOp(op, [x, dy], {
      ...attributes,
      padding,
      shape: end.map((last, axis) => last - begin[axis]),
    });
    return [pad(inner, begin, shape.map((size, axis) => size - end[axis]))];
  },
);

function windowOf({ shape: _, ...window }: ConvAttributes & { readonly shape: Shape }) {
  return window as ConvAttributes;
}

export const unreachedFilter = {
  unreachedByConvolution: ofConvolution,
  unreachedByInputGradient: ofInputGradient,
  unreachedByFilterGradient: ofFilterGradient,
};
