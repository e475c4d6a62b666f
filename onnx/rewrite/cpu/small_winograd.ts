/**
 * Convolutions of images of few elements by large filters of 3 x 3, and both gradients, by fewer multiplications (see
 * winograd.ts), along rows and columns: all that is left are products of matrices over all images,
 *
 *   y = Aᵀ (U V)     U [t, o, c] = G w     V [t, tiles, n, c] = Bᵀ x
 *
 * one for each of t combinations of filter elements and each part (tile) of a result. Read backwards, with dM = A dy:
 *
 *   dw = Gᵀ (dM Vᵀ)     dx = B (Uᵀ dM)
 *
 * Each transform is one product with a small constant matrix, over images as they lie.
 * @module
 */
import { SMALL_IMAGES, WINOGRAD } from "./costs.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { add } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { CONV, CONV_INPUT_GRADIENT, type ConvAttributes } from "../../ops/convolution.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { transpose } from "../../ops/movement.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import { isFreeToLayOut } from "./convolution.ts";
import { behindChannelsFirst, FILTER_GRADIENT, isChannelsLast } from "./channels_last_filters.ts";
import { result, type Shapes, suitsSmall } from "./small_images.ts";
import { divided, type Matrices, type Matrix, TWO_ROWS } from "./winograd.ts";

/** Images of 2 rows with a row of zeros before and after: of the 4 rows that a tile reads 2 are zeros. */
const TWO_OF_TWO: Matrices = {
  rows: 2,
  images: [[0, 1, 1, 0], [0, 0, 1, 0], [0, 1, 0, 0]],
  filters: [[0, 1, 0], [0, -1, 1], [1, -1, 0]],
  results: [[1, 1, 0], [1, 0, 1]],
  divisor: 1,
};

/**
 * Four elements of a result by the points 0, 1, -1, 1/2, -2 and infinity, which round less than those of FOUR_ROWS, whose
 * transforms take fewer passes.
 *
 * Source: Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks" (2018),
 * https://arxiv.org/abs/1803.10986.
 */
const FOUR: Matrices = {
  rows: 4,
  images: [
    [1, -3 / 2, -2, 3 / 2, 1, 0],
    [0, -1, 1 / 2, 5 / 2, 1, 0],
    [0, 1, -5 / 2, 1 / 2, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 1 / 2, -1, -1 / 2, 1, 0],
    [0, 1, -3 / 2, -2, 3 / 2, 1],
  ],
  filters: [[15, 0, 0], [5, 5, 5], [-5, 5, -5], [-16, -8, -4], [1, -2, 4], [0, 0, 15]],
  results: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 1 / 2, -2, 0],
    [0, 1, 1, 1 / 4, 4, 0],
    [0, 1, -1, 1 / 8, -8, 1],
  ],
  divisor: 15,
};

/** The transforms along one axis, or both, in full. Those of images and results have a row for each product and tile. */
interface Transforms {
  /** Bᵀ: for each product and tile, elements of an image. */
  readonly images: readonly Matrix[];
  /** G [products, elements of a filter], times the divisor. */
  readonly filters: Matrix;
  /** A: for each product and tile, elements of a result. */
  readonly results: readonly Matrix[];
  readonly divisor: number;
}

/** Along one axis with `size` elements of an image and `count` of a result, by the one of some transforms with the fewest products. */
function alongAxis(
  size: number,
  before: number,
  count: number,
  ...given: readonly Matrices[]
): Transforms {
  const isTwoOfTwo = size === 2 && count === 2 && before === 1;
  const products = ({ rows, filters }: Matrices) => Math.ceil(count / rows) * filters.length;
  const own = isTwoOfTwo
    ? TWO_OF_TWO
    : given.reduce((best, other) => products(other) < products(best) ? other : best);
  const { rows, images, filters, results, divisor } = own;
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  const firsts = range(Math.ceil(count / rows)).map((tile) => tile * rows);
  return {
    images: filters.map((_, k) =>
      firsts.map((first) => range(size).map((i) => images[k][i + before - first] ?? 0))
    ),
    filters,
    results: filters.map((_, k) =>
      firsts.map((first) => range(count).map((i) => results[i - first]?.[k] ?? 0))
    ),
    divisor,
  };
}

/** Every row of one matrix with every row of another: the products of all pairs of their elements. */
function pairs(a: Matrix, b: Matrix): Matrix {
  return a.flatMap((left) => b.map((right) => left.flatMap((x) => right.map((y) => x * y))));
}

/** The transforms along rows, then columns: every pair of products, and of tiles. */
function together(rows: Transforms, columns: Transforms): Transforms {
  const each = (a: readonly Matrix[], b: readonly Matrix[]) =>
    a.flatMap((left) => b.map((right) => pairs(left, right)));
  return {
    images: each(rows.images, columns.images),
    filters: pairs(rows.filters, columns.filters),
    results: each(rows.results, columns.results),
    divisor: rows.divisor * columns.divisor,
  };
}

/** The transforms for a convolution, or undefined if it is none of those that this is for. */
function transformsOf(shapes: Shapes, window: ConvAttributes): Transforms | undefined {
  const { x, w, y } = shapes;
  const suits = suitsSmall(shapes, window, SMALL_IMAGES.mostOfFewerProducts) && w[2] === 3 &&
    w[3] === 3 && y[2] > 1 && y[3] > 1 &&
    x[0] >= WINOGRAD.fewestImages &&
    [...window.stride, ...window.dilation].every((step) => step === 1);
  if (!suits) return undefined;
  const [top, left] = window.padding;
  const rows = alongAxis(x[2], top, y[2], TWO_ROWS, FOUR);
  // Along both axes by fours there are 36 combinations of 9 elements: as slow to make as two times two tiles are to multiply.
  const most = y[3] > FOUR.rows ? [FOUR] : [];
  return together(rows, alongAxis(x[3], left, y[3], TWO_ROWS, ...most));
}

function matrix(rows: Matrix): LazyArray {
  return constant(rows.flat(), "float32", [rows.length, rows[0].length]);
}

/** Bᵀ of images, or A of a result's gradient: [products, tiles, n, c]. */
function transformed(x: LazyArray, by: readonly Matrix[]): LazyArray {
  const [n, c] = x.shape;
  const images = reshape(x, [n * c, x.size / (n * c)]);
  return reshape(matmul(matrix(by.flat()), images, false, true), [by.length, by[0].length, n, c]);
}

/** G w: [products, 1, o, c], or [products, 1, c, o] of filters that are kept as [kh, kw, c, o]. */
function transformedFilters(w: LazyArray, { filters }: Transforms): LazyArray {
  const [o, c, ...kernel] = w.shape;
  const last = behindChannelsFirst(w);
  const elements = sizeOf(kernel);
  const combinations = last
    ? matmul(matrix(filters), reshape(last, [elements, c * o]))
    : matmul(matrix(filters), reshape(w, [o * c, elements]), false, true);
  return reshape(combinations, [filters.length, 1, ...(last ? [c, o] : [o, c])]);
}

/** A factor of the products with the transformed filters, and whether those are kept with that axis first. */
interface Products {
  readonly filters: LazyArray;
  /** [products, tiles, n, channels that are summed over] */
  readonly images: LazyArray;
  /** Whether the channels that are summed over are the filters' last axis. */
  readonly sumsLast: boolean;
}

/**
 * Products of images and filters, put together to arrays of a shape [n, channels, ...sizes]. Large filters are only ever read
 * as they lie, what is moved are the images.
 */
function combined(
  { filters, images, sumsLast }: Products,
  by: readonly Matrix[],
  shape: Shape,
): LazyArray {
  const [n, channels, ...sizes] = shape;
  const put = (products: LazyArray) =>
    matmul(reshape(products, [-1, n * channels]), matrix(by.flat()), true);
  if (!sumsLast) {
    // One product over all tiles: of each by itself ONNX Runtime would lay out the filters anew.
    const overTiles = reshape(images, [images.shape[0], -1, images.shape[3]]);
    return reshape(put(matmul(overTiles, reshape(filters, filters.shape.toSpliced(1, 1)))), shape);
  }
  const apart = reshape(put(matmul(filters, images, false, true)), [channels, n, sizeOf(sizes)]);
  return reshape(transpose(apart, [1, 0, 2]), shape);
}

/** Convolutions of small images. */
export function smallConvolutionByFewerProducts(block: number | undefined): Rule {
  return rule(node(CONV), ({ root: { inputs: [x, w, bias], attributes: window } }) => {
    if (x.dtype !== "float32") return undefined;
    const [{ shape }] = CONV.infer([x, w], window);
    if (isFreeToLayOut(w, shape)) return undefined;
    const all = transformsOf({ x: x.shape, w: w.shape, y: shape }, window);
    if (!all) return undefined;
    const images = transformed(x, all.images);
    const filters = transformedFilters(w, all);
    const sumsLast = behindChannelsFirst(w) === undefined;
    const sums = combined({ filters, images, sumsLast }, all.results, shape);
    const y = divided(sums, all.divisor);
    return [result(bias ? add(y, reshape(bias, [1, w.shape[0], 1, 1])) : y, block)];
  });
}

/** Input gradients of such convolutions. */
export function smallInputGradientByFewerProducts(block: number | undefined): Rule {
  return rule(node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]), ({ root, dy, w }) => {
    if (dy.dtype !== "float32") return undefined;
    const { shape, ...window } = root.attributes;
    const shapes = { x: shape, w: w.shape, y: dy.shape };
    const all = transformsOf(shapes, window as ConvAttributes);
    if (!all) return undefined;
    const images = transformed(dy, all.results);
    const filters = transformedFilters(w, all);
    const sumsLast = behindChannelsFirst(w) !== undefined;
    const sums = combined({ filters, images, sumsLast }, all.images, shape);
    return [result(divided(sums, all.divisor), block)];
  });
}

/** Filter gradients of such convolutions. */
export const smallFilterGradientByFewerProducts = rule(FILTER_GRADIENT, ({ root, x, dy }) => {
  const { shape, ...window } = root.attributes;
  const all = transformsOf({ x: x.shape, w: shape, y: dy.shape }, window as ConvAttributes);
  if (!all) return undefined;
  const products = all.filters.length;
  const [o, c, ...kernel] = shape;
  const overImages = (array: LazyArray) => reshape(array, [products, -1, array.shape[3]]);
  const images = overImages(transformed(x, all.images));
  const gradient = overImages(transformed(dy, all.results));
  if (!isChannelsLast(root.op)) {
    const parts = reshape(matmul(gradient, images, true), [products, o * c]);
    return [reshape(divided(matmul(parts, matrix(all.filters), true), all.divisor), shape)];
  }
  const parts = reshape(matmul(images, gradient, true), [products, c * o]);
  const sums = divided(matmul(matrix(all.filters), parts, true), all.divisor);
  return [reshape(sums, [...kernel, c, o])];
});
