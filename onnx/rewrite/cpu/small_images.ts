/**
 * Convolutions of images of few elements by large filters, and both gradients, as products of matrices over all images at
 * once; image by image the filters would be read from memory again and again, and in blocks rearranged before.
 *
 * With x [c n, h w], and the matrix S [h w, (i j) (p q)] that is 1 where filter element i j meets an image's element for
 * result p q:
 *
 *   columns [c (i j), n (p q)]  =  x S, with axes exchanged
 *   y  = w columns            dw = dy columnsᵀ            dx = (wᵀ dy, with axes exchanged) Sᵀ
 * @module
 */
import { SMALL_IMAGES } from "./costs.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { add } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { CONV, CONV_INPUT_GRADIENT, type ConvAttributes } from "../../ops/convolution.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { transpose } from "../../ops/movement.ts";
import { windowElements } from "../../ops/window.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import { isFreeToLayOut } from "./convolution.ts";
import { behindChannelsFirst, FILTER_GRADIENT, isChannelsLast } from "./channels_last_filters.ts";
import { blocked, unblocked } from "./layout.ts";

export interface Shapes {
  /** [n, c, h, w] */
  readonly x: Shape;
  /** [o, c, kh, kw] */
  readonly w: Shape;
  /** [n, o, p, q] */
  readonly y: Shape;
}

/** Whether images are so small, and filters so large. */
export function suitsSmall(
  { x, w, y }: Shapes,
  { groups }: ConvAttributes,
  mostElements: number = SMALL_IMAGES.mostElements,
): boolean {
  const [elements, ...sizes] = [w, x, y].map((shape) => sizeOf(shape.slice(2)));
  return w.length === 4 && groups === 1 && elements > 1 &&
    sizeOf(w) >= SMALL_IMAGES.fewestFilterElements &&
    sizes.every((size) => size <= mostElements);
}

/** S [h w, kh kw p q] */
function meetings({ x, w, y }: Shapes, window: ConvAttributes): LazyArray {
  const { stride, padding, dilation } = window;
  const [, , h, width] = x;
  const taps = windowElements(w.slice(2));
  const outputs = windowElements(y.slice(2));
  const columns = taps.length * outputs.length;
  const values = new Array<number>(h * width * columns).fill(0);
  taps.forEach((tap, k) =>
    outputs.forEach((output, l) => {
      const [row, column] = tap.map((i, axis) =>
        output[axis] * stride[axis] + i * dilation[axis] - padding[axis]
      );
      const isInside = row >= 0 && row < h && column >= 0 && column < width;
      if (isInside) values[(row * width + column) * columns + k * outputs.length + l] = 1;
    })
  );
  return constant(values, "float32", [h * width, columns]);
}

/** [n, c, ...] as [c, n, elements], or back. */
function channelsFirst(array: LazyArray): LazyArray {
  const [n, c, ...sizes] = array.shape;
  return transpose(reshape(array, [n, c, sizeOf(sizes)]), [1, 0, 2]);
}

/** Columns in the order of filters [o, c, kh, kw], or of [kh, kw, c, o]. */
function columnsOf(
  x: LazyArray,
  shapes: Shapes,
  window: ConvAttributes,
  channelsLast: boolean,
): LazyArray {
  const [n, c, ...sizes] = shapes.x;
  const pixels = sizeOf(sizes);
  const taps = sizeOf(shapes.w.slice(2));
  const each = transpose(reshape(meetings(shapes, window), [pixels, taps, -1]), [1, 0, 2]);
  const rows = reshape(channelsFirst(x), channelsLast ? [c * n, pixels] : [c, 1, n, pixels]);
  return reshape(matmul(rows, each), [c * taps, -1]);
}

/** A plain result as it is, or in blocks for what follows. */
export function result(array: LazyArray, block: number | undefined): LazyArray {
  return block !== undefined && array.shape[1] % block === 0 ? unblocked(blocked(array)) : array;
}

/** Convolutions of small images. */
export function smallConvolution(block: number | undefined): Rule {
  return rule(node(CONV), ({ root: { inputs: [x, w, bias], attributes: window } }) => {
    if (x.dtype !== "float32") return undefined;
    const [{ shape }] = CONV.infer([x, w], window);
    if (isFreeToLayOut(w, shape)) return undefined;
    const shapes = { x: x.shape, w: w.shape, y: shape };
    if (!suitsSmall(shapes, window)) return undefined;
    const [n, o] = shape;
    const last = behindChannelsFirst(w);
    const columns = columnsOf(x, shapes, window, last !== undefined);
    const products = last
      ? matmul(reshape(last, [-1, o]), columns, true)
      : matmul(reshape(w, [o, -1]), columns);
    const y = reshape(transpose(reshape(products, [o, n, -1]), [1, 0, 2]), shape);
    return [result(bias ? add(y, reshape(bias, [1, o, 1, 1])) : y, block)];
  });
}

/** Input gradients of such convolutions. */
export function smallInputGradient(block: number | undefined): Rule {
  return rule(node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]), ({ root, dy, w }) => {
    if (dy.dtype !== "float32") return undefined;
    const { shape, ...rest } = root.attributes;
    const window = rest as ConvAttributes;
    const shapes = { x: shape, w: w.shape, y: dy.shape };
    if (!suitsSmall(shapes, window)) return undefined;
    const [n, c] = shape;
    const [o] = w.shape;
    const rows = reshape(channelsFirst(dy), [o, -1]);
    const taps = sizeOf(w.shape.slice(2));
    const last = behindChannelsFirst(w);
    const exchanged = last
      ? transpose(reshape(matmul(reshape(last, [-1, o]), rows), [taps, c, n, -1]), [1, 2, 0, 3])
      : transpose(
        reshape(matmul(reshape(w, [o, -1]), rows, true), [c, taps, n, -1]),
        [0, 2, 1, 3],
      );
    const met = reshape(exchanged, [c * n, -1]);
    const dx = reshape(matmul(met, meetings(shapes, window), false, true), [c, n, -1]);
    return [result(reshape(transpose(dx, [1, 0, 2]), shape), block)];
  });
}

/** Filter gradients of such convolutions. */
export const smallFilterGradient = rule(FILTER_GRADIENT, ({ root, x, dy }) => {
  const { shape, ...rest } = root.attributes;
  const window = rest as ConvAttributes;
  const shapes = { x: x.shape, w: shape, y: dy.shape };
  if (!suitsSmall(shapes, window)) return undefined;
  const rows = reshape(channelsFirst(dy), [shape[0], -1]);
  const isLast = isChannelsLast(root.op);
  const columns = columnsOf(x, shapes, window, isLast);
  if (!isLast) return [reshape(matmul(rows, columns, false, true), shape)];
  const [o, c, ...kernel] = shape;
  return [reshape(matmul(columns, rows, false, true), [...kernel, c, o])];
});
