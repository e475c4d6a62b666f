/**
 * Zeros around what is convolved are the convolution's own padding:
 *
 *   conv(pad(x), w) = conv(x, w, padding)      and so for the filters' gradient
 *   slice(convInputGradient(dy, w)) = convInputGradient(dy, w, padding)      the gradient of the padded convolution
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes } from "../op.ts";
import {
  CONV,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
} from "../ops/convolution.ts";
import { PAD, SLICE, TRANSPOSE, transpose } from "../ops/movement.ts";
import type { LocalRule } from "./apply_rules.ts";

/** Rewrites convolutions of padded arrays, and their filter gradients. */
export const padIntoConvolution: LocalRule = (op, [x, ...rest], attributes) => {
  if (op.name !== CONV.name && op.name !== CONV_FILTER_GRADIENT.name) return undefined;
  const padded = paddedArray(x);
  if (!padded || padded.around.some((widths) => widths[0] + widths[1] !== 0)) return undefined;
  const more = padded.around.flatMap((widths) => widths.slice(2));
  return applyOp(op, [padded.inner, ...rest], widened(attributes, more));
};

interface Padded {
  readonly inner: LazyArray;
  /** Zeros before, and after, each axis. */
  readonly around: readonly (readonly number[])[];
}

/** What an array is without the zeros around it, which may have been put there before its axes were exchanged. */
function paddedArray({ node }: LazyArray): Padded | undefined {
  const isMoved = node?.op.name === TRANSPOSE.name;
  const pad = isMoved ? node.inputs[0].node : node;
  if (pad?.op.name !== PAD.name || pad.attributes.value !== 0) return undefined;
  const [inner] = pad.inputs;
  const around = [pad.attributes.before, pad.attributes.after] as number[][];
  if (!isMoved) return { inner, around };
  const order = node!.attributes.permutation as readonly number[];
  return {
    inner: transpose(inner, order),
    around: around.map((widths) => order.map((axis) => widths[axis])),
  };
}

function widened(attributes: Attributes, more: readonly number[]): Attributes {
  const padding = attributes.padding as readonly number[];
  return { ...attributes, padding: padding.map((width, i) => width + more[i]) };
}

/** Rewrites parts of input gradients. */
export const sliceOfInputGradient: LocalRule = (op, [x]: readonly LazyArray[], attributes) => {
  const { node, shape } = x;
  if (op.name !== SLICE.name || node?.op.name !== CONV_INPUT_GRADIENT.name) return undefined;
  const [begin, end, step] = [attributes.begin, attributes.end, attributes.step] as number[][];
  const isInner = shape.every((size, i) =>
    step[i] === 1 && (i > 1 || (begin[i] === 0 && end[i] === size))
  );
  if (!isInner) return undefined;
  const more = [...begin.slice(2), ...shape.slice(2).map((size, i) => size - end[2 + i])];
  const own = node.attributes as ConvGradientAttributes;
  const part = shape.map((_, i) => end[i] - begin[i]);
  return applyOp(node.op, node.inputs, { ...widened(own, more), shape: part });
};
