/**
 * Filter gradients, image by image: what the filters meet of an image, times the gradient as a matrix, summed over the
 * images. In blocks of channels one filter element after the other, from shifted copies of the images:
 *
 *   dw[o, c, i, j] = sum over n, p q of dy[n, o, p q] shifted(i, j)[n, c / block, p q, c % block]
 *
 * else all elements at once, laid out by filters that are 1 at one element (im2col, on all threads):
 *
 *   dw[c i j, o] = sum over n, p q of columns[n, c i j, p q] dy[n, o, p q]
 *
 * and of few channels so with the gradient laid out instead of the images.
 * @module
 */
import { CONVOLUTION } from "./costs.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { conv, type ConvAttributes } from "../../ops/convolution.ts";
import { add } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { concat, slice, transpose } from "../../ops/movement.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { windowElements } from "../../ops/window.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { computedBy, type Rule, rule } from "../pattern.ts";
import { applyOp } from "../../op.ts";
import { FILTER_GRADIENT, fromElements, inOrderOf } from "./channels_last_filters.ts";
import { BLOCKED_CONV, NOTHING_MORE, paddingBackward } from "./convolution.ts";
import { behindUnblocked, blocked, rowsOfChannels, rowsOfPlaces } from "./layout.ts";
import { flatSumOfRows, sumOfRows } from "./sums.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { type Shift, shifted } from "./shift.ts";
import { phaseAttributes } from "./window_phases.ts";

/**
 * Filter gradients of convolutions channel by channel: a convolution of every channel of every image by itself, with
 * its gradient as the filter.
 *
 *   dw[c, i, j] = sum over n of (x[n, c] * dy[n, c])[i, j]
 *
 * In blocks images and channels lie so that they are the channels of one image without being moved.
 */
export function depthwiseFilterGradient(block: number): Rule {
  return rule(FILTER_GRADIENT, ({ root, x, dy }) => {
    const { shape, stride, padding, dilation, groups } = root.attributes;
    const [o, c, ...kernel] = shape;
    if (kernel.length !== 2 || c !== 1 || groups === 1 || o !== groups || o % block !== 0) {
      return undefined;
    }
    const [n, , ...sizes] = x.shape;
    const windows = dy.shape.slice(2);
    // As much padding at the end as makes every filter element come out; more may, and is cut off.
    const after = kernel.map((size, i) => {
      const reach = (size - 1) * dilation[i] + (windows[i] - 1) * stride[i] + 1;
      return Math.max(0, reach - sizes[i] - padding[i]);
    });
    const [products] = applyOp(BLOCKED_CONV, [
      reshape(blocked(x), [1, n * o, ...sizes]),
      reshape(blocked(dy), [n * o, 1, ...windows]),
    ], {
      stride: dilation,
      dilation: stride,
      padding: [...padding.slice(0, 2), ...after],
      groups: n * o,
      ...NOTHING_MORE,
    });
    const [, , rows, columns] = products.shape;
    const sums = flatSumOfRows(reshape(products, [n, o * rows * columns]));
    const apart = transpose(reshape(sums, [o / block, rows, columns, block]), [0, 3, 1, 2]);
    const whole = reshape(apart, [o, 1, rows, columns]);
    return [inOrderOf(root.op, slice(whole, [0, 0, 0, 0], [o, 1, ...kernel]))];
  });
}

/** Of small images single images' products are too short, and all filter elements' too many to lay out. */
function suitsElements([, c, ...kernel]: Shape, [n, , p, q]: Shape, block: number): boolean {
  return c % block === 0 && sizeOf(kernel) > 1 && p * q < CONVOLUTION.fewestShiftedOutputs &&
    n * p * q >= CONVOLUTION.fewestSummedOutputs;
}

/** Filter gradients of convolutions without groups. */
export function filterGradientByImage(block: number | undefined): Rule {
  return rule(FILTER_GRADIENT, ({ root, x, dy }) => {
    const { shape, ...window } = root.attributes;
    const partial = x.shape[0] * sizeOf(shape);
    if (x.shape.length !== 4 || window.groups !== 1 || partial > CONVOLUTION.mostPartialElements) {
      return undefined;
    }
    if (block !== undefined && suitsElements(shape, dy.shape, block)) return undefined;
    const gradient = { x, dy, shape, window: window as ConvAttributes };
    const result = gradientOfFewChannels(gradient) ??
      (block === undefined ? gradientOfColumns(gradient) : gradientInBlocks(gradient, block));
    return [inOrderOf(root.op, result)];
  });
}

/**
 * Filter gradients of so many channels that products of single images would take too much memory: one product over all images
 * for each filter element,
 *
 *   dw[o, c, i, j] = sum over n p q of dy[o, n p q] shifted(i, j)[n p q, c]
 */
export function filterGradientByElement(block: number): Rule {
  return rule(FILTER_GRADIENT, ({ root, x, dy }) => {
    const { shape, groups } = root.attributes;
    const [o, c, ...kernel] = shape;
    const elements = windowElements(kernel);
    const suits = kernel.length === 2 && groups === 1 && c % block === 0 &&
      elements.length <= CONVOLUTION.mostShifts;
    if (!suits) return undefined;
    const images = blocked(x);
    const rows = rowsOfChannels(dy, 1);
    const products = elements.map((at) => {
      const met = shifted(images, shiftOf(at, root.attributes, dy.shape.slice(2)), block);
      return matmul(rows, rowsOfPlaces(met, 1));
    });
    // Channels last as well the products are taken in this order: others take ONNX Runtime 1.4 times as long.
    const whole = reshape(concat(products), [elements.length, o, c]);
    return [fromElements(root.op, whole, kernel)];
  });
}

interface FilterGradient {
  readonly x: LazyArray;
  readonly dy: LazyArray;
  /** The filters' shape [o, c, kh, kw]. */
  readonly shape: Shape;
  readonly window: ConvAttributes;
}

function gradientInBlocks(gradient: FilterGradient, block: number): LazyArray {
  const [, c, kh, kw] = gradient.shape;
  const [, , p, q] = gradient.dy.shape;
  if (kh * kw === 1 && gradient.window.padding.every((n) => n === 0) && c % block === 0) {
    const points = gradientOfPoints(gradient, block);
    if (points) return points;
  }
  const suitsShifts = c % block === 0 && kh * kw > 1 && kh * kw <= CONVOLUTION.mostShifts &&
    p * q >= CONVOLUTION.fewestShiftedOutputs;
  if (suitsShifts) return gradientOfShifts(gradient, block);
  const inner = behindUnblocked(gradient.dy);
  return inner ? gradientOfPhases(gradient, inner, block) : gradientOfColumns(gradient);
}

/** Of filters of one element: one product of matrices over all images and places, from channels-last arrays. */
function gradientOfPoints(
  { x, dy, shape, window }: FilterGradient,
  block: number,
): LazyArray | undefined {
  const images = behindUnblocked(x);
  if (!images || !behindUnblocked(dy)) return undefined;
  const [, , p, q] = dy.shape;
  const met = window.stride.every((s) => s === 1)
    ? images
    : shifted(images, shiftOf([0, 0], window, [p, q]), block);
  return reshape(matmul(rowsOfChannels(dy, 1), rowsOfPlaces(met, 1)), shape);
}

/** How element `at` [i, j] of a filter meets images. */
function shiftOf(
  at: readonly number[],
  { stride, padding, dilation }: ConvAttributes,
  outputSizes: readonly number[],
): Shift {
  return { offset: at.map((i, axis) => i * dilation[axis] - padding[axis]), stride, outputSizes };
}

function gradientOfShifts({ x, dy, shape, window }: FilterGradient, block: number): LazyArray {
  const [n, o, p, q] = dy.shape;
  const [, c, kh, kw] = shape;
  const images = blocked(x);
  const rows = reshape(dy, [n, 1, o, p * q]);
  const elements = Array.from({ length: kh * kw }, (_, k) => {
    const shift = shiftOf([Math.floor(k / kw), k % kw], window, [p, q]);
    const met = shifted(images, shift, block);
    const columns = reshape(met, [n, c / block, p * q, block]);
    return flatSumOfRows(matmul(rows, columns));
  });
  const sums = reshape(concat(elements), [kh, kw, c / block, o, block]);
  const channelsLast = reshape(transpose(sums, [0, 1, 2, 4, 3]), [kh, kw, c, o]);
  return transpose(channelsLast, [3, 2, 0, 1]);
}

function gradientOfColumns({ x, dy, shape, window }: FilterGradient): LazyArray {
  const [n, o] = dy.shape;
  const products = matmul(columnsOf(x, shape, window), reshape(dy, [n, 1, o, -1]), false, true);
  return sumOfProducts(products, shape);
}

/**
 * With the gradient laid out instead of the images, where it has few channels beside theirs (stride 1 alone):
 *
 *   dw[o, c, i, j] = sum over n, h w of columns of dy[n, o i j, h w] x[n, c, h w]
 */
function gradientOfFewChannels({ x, dy, shape, window }: FilterGradient): LazyArray | undefined {
  const [o, c, kh, kw] = shape;
  if (kh * kw === 1 || o * CONVOLUTION.fewerChannels > c) return undefined;
  const padding = paddingBackward({ ...window, shape: x.shape }, dy.shape, shape);
  if (!padding) return undefined;
  // The first element of a filter meets an image where the gradient meets the image by its last.
  const columns = columnsOf(dy, [c, o, kh, kw], { ...window, padding }, true);
  const products = matmul(columns, reshape(x, [x.shape[0], 1, c, -1]), false, true);
  return transpose(reshape(sumOfRows(products), [o, kh, kw, c]), [0, 3, 1, 2]);
}

/** From a gradient in blocks. One that was joined from phases is taken apart again: of few channels that costs less. */
function gradientOfPhases(
  { x, shape, window }: FilterGradient,
  dy: LazyArray,
  block: number,
): LazyArray {
  const join = computedBy(JOIN_PHASES, dy);
  const phases = join && phaseAttributes({
    attributes: window,
    input: x.shape,
    filter: shape,
    window: join.attributes.window,
    outputSizes: join.inputs[0].shape.slice(2),
  });
  const [parts, windows] = phases ? [join.inputs, phases] : [[dy], [window]];
  const products = parts.map((part, k) => {
    const [n, o] = part.shape;
    return matmul(columnsOf(x, shape, windows[k]), reshape(part, [n, o / block, -1, block]));
  });
  return sumOfProducts(products.reduce((sum, product) => add(sum, product)), shape);
}

/** What every filter element meets, maybe the last one first: [n, 1, c kh kw, p q]. */
function columnsOf(
  x: LazyArray,
  [, c, kh, kw]: Shape,
  window: ConvAttributes,
  lastFirst = false,
): LazyArray {
  const { stride, padding, dilation } = window;
  const meetsAll = kh * kw === 1 && stride.every((s) => s === 1) && padding.every((n) => n === 0);
  const taken = meetsAll
    ? x
    : conv(x, oneElementFilters(c, kh, kw, lastFirst), { stride, padding, dilation, groups: c });
  return reshape(taken, [x.shape[0], 1, c * kh * kw, -1]);
}

/** Products [n, blocks of o, c kh kw, o of a block] become the gradient [o, c, kh, kw]. */
function sumOfProducts(products: LazyArray, [o, c, kh, kw]: Shape): LazyArray {
  const sums = reshape(transpose(sumOfRows(products), [1, 0, 2]), [c, kh, kw, o]);
  return transpose(sums, [3, 0, 1, 2]);
}

/** For every channel, filters [c * kh * kw, 1, kh, kw] of which each is 1 at another element. */
function oneElementFilters(c: number, kh: number, kw: number, lastFirst: boolean): LazyArray {
  const elements = kh * kw;
  const filters = new Array<number>(c * elements * elements).fill(0);
  for (let i = 0; i < c * elements; i++) {
    const element = i % elements;
    filters[i * elements + (lastFirst ? elements - 1 - element : element)] = 1;
  }
  return constant(filters, "float32", [c * elements, 1, kh, kw]);
}
