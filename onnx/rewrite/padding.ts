/**
 * Zeros around what is convolved are the convolution's own padding:
 *
 *   conv(pad(x), w) = conv(x, w, padding)      and so for the filters' gradient
 *   slice(convInputGradient(dy, w)) = convInputGradient(dy, w, padding)      the gradient of the padded convolution
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
import { PAD, SLICE, TRANSPOSE, transpose } from "../ops/movement.ts";
import { array, computedBy, named, node, rule } from "./pattern.ts";

/** Convolutions of padded arrays, and their filter gradients. */
export const padIntoConvolution = rule(
  node<ConvAttributes, []>([CONV, CONV_FILTER_GRADIENT as unknown as typeof CONV]),
  ({ root: { op, inputs: [x, ...rest], attributes } }) => {
    const padded = paddedArray(x);
    if (!padded || padded.around.some((widths) => widths[0] + widths[1] !== 0)) return undefined;
    const more = padded.around.flatMap((widths) => widths.slice(2));
    return applyOp(op, [padded.inner, ...rest], widened(attributes, more));
  },
);

interface Padded {
  readonly inner: LazyArray;
  /** Zeros before, and after, each axis. */
  readonly around: readonly (readonly number[])[];
}

/** What an array is without the zeros around it, which may have been put there before its axes were exchanged. */
function paddedArray(array: LazyArray): Padded | undefined {
  const moved = computedBy(TRANSPOSE, array);
  const pad = computedBy(PAD, moved ? moved.inputs[0] : array);
  if (pad?.attributes.value !== 0) return undefined;
  const [inner] = pad.inputs;
  const around = [pad.attributes.before, pad.attributes.after];
  if (!moved) return { inner, around };
  const order = moved.attributes.permutation;
  return {
    inner: transpose(inner, order),
    around: around.map((widths) => order.map((axis) => widths[axis])),
  };
}

function widened<A extends ConvAttributes>(attributes: A, more: readonly number[]): A {
  return { ...attributes, padding: attributes.padding.map((width, i) => width + more[i]) };
}

/** Parts of input gradients. */
export const sliceOfInputGradient = rule(
  node(SLICE, [named("whole", node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]))]),
  ({ root: { attributes: { begin, end, step } }, whole, dy, w }) => {
    const { shape } = whole.attributes;
    const isInner = shape.every((size, i) =>
      step[i] === 1 && (i > 1 || (begin[i] === 0 && end[i] === size))
    );
    if (!isInner) return undefined;
    const more = [...begin.slice(2), ...shape.slice(2).map((size, i) => size - end[2 + i])];
    const part = shape.map((_, i) => end[i] - begin[i]);
    return applyOp(whole.op, [dy, w], { ...widened(whole.attributes, more), shape: part });
  },
);
