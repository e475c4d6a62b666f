/**
 * Filter gradients, image by image: what the filters meet of an image, times the gradient as a matrix, summed over the
 * images. In blocks of channels one filter element after the other, from shifted copies of the images:
 *
 *   dw[o, c, i, j] = sum over n, p q of dy[n, o, p q] shifted(i, j)[n, c / block, p q, c % block]
 *
 * else all elements at once, laid out by filters that are 1 at one element (im2col, on all threads):
 *
 *   dw[c i j, o] = sum over n, p q of columns[n, c i j, p q] dy[n, o, p q]
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import {
  conv,
  CONV_FILTER_GRADIENT,
  type ConvAttributes,
  type ConvGradientAttributes,
} from "../../ops/convolution.ts";
import { add } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { concat, transpose } from "../../ops/movement.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { LocalRule } from "../apply_rules.ts";
import { behindUnblocked, blocked } from "./layout.ts";
import { flatSumOfRows, sumOfRows } from "./sums.ts";
import { JOIN_PHASES } from "./pooling.ts";
import { shifted } from "./shift.ts";
import { phaseAttributes } from "./window_phases.ts";

/** Up to this many elements, products of single images are added up; more would take too much memory. */
const MOST_PARTIAL_ELEMENTS = 1 << 23;

/** Of larger filters the single products become too many. */
const MOST_SHIFTS = 25;

/** Of smaller images the single products become too short. */
const FEWEST_OUTPUTS = 128;

/** Rewrites filter gradients of convolutions without groups. */
export function filterGradientByImage(block: number | undefined): LocalRule {
  return (op, [x, dy], attributes) => {
    if (op.name !== CONV_FILTER_GRADIENT.name || x.dtype !== "float32") return undefined;
    const { shape, ...window } = attributes as ConvGradientAttributes;
    const partial = x.shape[0] * sizeOf(shape);
    if (x.shape.length !== 4 || window.groups !== 1 || partial > MOST_PARTIAL_ELEMENTS) {
      return undefined;
    }
    const gradient = { x, dy, shape, window: window as ConvAttributes };
    return [
      block === undefined ? gradientOfColumns(gradient) : gradientInBlocks(gradient, block),
    ];
  };
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
  const suitsShifts = c % block === 0 && kh * kw > 1 && kh * kw <= MOST_SHIFTS &&
    p * q >= FEWEST_OUTPUTS;
  if (suitsShifts) return gradientOfShifts(gradient, block);
  const inner = behindUnblocked(gradient.dy);
  return inner ? gradientOfPhases(gradient, inner, block) : gradientOfColumns(gradient);
}

function gradientOfShifts({ x, dy, shape, window }: FilterGradient, block: number): LazyArray {
  const [n, o, p, q] = dy.shape;
  const [, c, kh, kw] = shape;
  const images = blocked(x);
  const rows = reshape(dy, [n, 1, o, p * q]);
  const elements = Array.from({ length: kh * kw }, (_, k) => {
    const met = shifted(images, [Math.floor(k / kw), k % kw], window, [p, q], block);
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

/** From a gradient in blocks. One that was joined from phases is taken apart again: of few channels that costs less. */
function gradientOfPhases(
  { x, shape, window }: FilterGradient,
  dy: LazyArray,
  block: number,
): LazyArray {
  const join = dy.node?.op.name === JOIN_PHASES.name ? dy.node : undefined;
  const phases = join && phaseAttributes({
    attributes: window,
    input: x.shape,
    filter: shape,
    window: join.attributes.window as readonly number[],
    outputSizes: join.inputs[0].shape.slice(2),
  });
  const [parts, windows] = phases ? [join.inputs, phases] : [[dy], [window]];
  const products = parts.map((part, k) => {
    const [n, o] = part.shape;
    return matmul(columnsOf(x, shape, windows[k]), reshape(part, [n, o / block, -1, block]));
  });
  return sumOfProducts(products.reduce((sum, product) => add(sum, product)), shape);
}

/** What every filter element meets: [n, 1, c kh kw, p q]. */
function columnsOf(x: LazyArray, [, c, kh, kw]: Shape, window: ConvAttributes): LazyArray {
  const { stride, padding, dilation } = window;
  const meetsAll = kh * kw === 1 && stride.every((s) => s === 1) && padding.every((n) => n === 0);
  const taken = meetsAll
    ? x
    : conv(x, oneElementFilters(c, kh, kw), { stride, padding, dilation, groups: c });
  return reshape(taken, [x.shape[0], 1, c * kh * kw, -1]);
}

/** Products [n, blocks of o, c kh kw, o of a block] become the gradient [o, c, kh, kw]. */
function sumOfProducts(products: LazyArray, [o, c, kh, kw]: Shape): LazyArray {
  const sums = reshape(transpose(sumOfRows(products), [1, 0, 2]), [c, kh, kw, o]);
  return transpose(sums, [3, 0, 1, 2]);
}

/** For every channel, filters [c * kh * kw, 1, kh, kw] of which each is 1 at another element. */
function oneElementFilters(c: number, kh: number, kw: number): LazyArray {
  const elements = kh * kw;
  const filters = new Array<number>(c * elements * elements).fill(0);
  for (let i = 0; i < c * elements; i++) filters[i * elements + i % elements] = 1;
  return constant(filters, "float32", [c * elements, 1, kh, kw]);
}
