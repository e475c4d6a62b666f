/**
 * Filter gradients, picture by picture: what each filter element meets of the picture (im2col), times the gradient as a
 * matrix, summed over the pictures. A convolution with filters that are 1 in one place lays the elements out, on all threads.
 *
 *   dw[c i j, o] = sum over n of columns[n, c i j, p q] dy[n, o, p q]
 *
 * A gradient in blocks is [o / block, p q, block] a picture: multiplied as it is, block by block.
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import {
  conv2d,
  CONV2D_FILTER_GRADIENT,
  type ConvAttributes,
  type ConvGradientAttributes,
} from "../../ops/convolution.ts";
import { add } from "../../ops/elementwise.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { reshape, transpose } from "../../ops/movement.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { LocalRule } from "../rule.ts";
import { behindUnblocked } from "./layout.ts";
import { sumOfRows } from "./leading_sum.ts";
import { JOIN_PHASES } from "./pooling.ts";
import { phaseAttributes } from "./window_phases.ts";

/** Up to this many elements, products of single pictures are added up; more would take too much memory. */
const MOST_PARTIAL_ELEMENTS = 1 << 23;

/** Rewrites filter gradients of convolutions without groups. */
export function filterGradientByPicture(block: number | undefined): LocalRule {
  return (op, [x, dy], attributes) => {
    if (op.name !== CONV2D_FILTER_GRADIENT.name || x.dtype !== "float32") return undefined;
    const { shape, ...window } = attributes as ConvGradientAttributes;
    const partial = x.shape[0] * sizeOf(shape);
    if (window.groups !== 1 || partial > MOST_PARTIAL_ELEMENTS) return undefined;
    const inner = block && behindUnblocked(dy);
    const gradient = inner
      ? gradientInBlocks(x, inner, shape, window as ConvAttributes, block)
      : gradientOfPictures(x, reshape(dy, [x.shape[0], 1, shape[0], -1]), shape, window, true);
    return [transpose(gradient, [3, 0, 1, 2])];
  };
}

function gradientInBlocks(
  x: LazyArray,
  dy: LazyArray,
  shape: Shape,
  attributes: ConvAttributes,
  block: number,
): LazyArray {
  const [n, o] = dy.shape;
  const blocksOf = (array: LazyArray) => reshape(array, [n, o / block, -1, block]);
  const join = dy.node?.op.name === JOIN_PHASES.name ? dy.node : undefined;
  // Of few channels it costs less to lay each phase out than to join the phases.
  const phases = join && x.shape[1] < block && phaseAttributes({
    attributes,
    input: x.shape,
    filter: shape,
    window: join.attributes.window as readonly number[],
    places: join.inputs[0].shape.slice(2),
  });
  if (!phases) return gradientOfPictures(x, blocksOf(dy), shape, attributes, false);
  return join.inputs
    .map((phase, k) => gradientOfPictures(x, blocksOf(phase), shape, phases[k], false))
    .reduce((sum, part) => add(sum, part));
}

/**
 * The gradient [c, kh, kw, o], from dy seen as [n, blocks, places, channels] or, if `channelsFirst`,
 * [n, blocks, channels, places].
 */
function gradientOfPictures(
  x: LazyArray,
  dy: LazyArray,
  [o, c, kh, kw]: Shape,
  attributes: ConvAttributes,
  channelsFirst: boolean,
): LazyArray {
  const { stride, padding, dilation } = attributes;
  const taken = conv2d(x, onePlaceFilters(c, kh, kw), { stride, padding, dilation, groups: c });
  const columns = reshape(taken, [x.shape[0], 1, c * kh * kw, -1]);
  const products = sumOfRows(matmul(columns, dy, false, channelsFirst));
  return reshape(transpose(products, [1, 0, 2]), [c, kh, kw, o]);
}

/** For every channel, filters [c * kh * kw, 1, kh, kw] of which each is 1 in another place. */
function onePlaceFilters(c: number, kh: number, kw: number): LazyArray {
  const places = kh * kw;
  const filters = new Array<number>(c * places * places).fill(0);
  for (let i = 0; i < c * places; i++) filters[i * places + i % places] = 1;
  return constant(filters, "float32", [c * places, 1, kh, kw]);
}
