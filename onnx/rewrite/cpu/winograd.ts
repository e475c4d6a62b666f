/**
 * Convolutions by fewer multiplications (Winograd). A filter of 3 rows meets m rows of a result at once, by m + 2 products
 * instead of 3 m:
 *
 *   y = Aᵀ ((G w) * (Bᵀ x))
 *
 * Bᵀ makes m + 2 images of fewer rows of each image, G as many filters of one row of each filter; the products are
 * convolutions along the columns, and Aᵀ puts their sums together to the rows of the result. Columns stay as they are: to
 * save there too costs more passes over the images, and digits, than it saves.
 *
 * The gradient of the filters is the same read backwards: dw = Gᵀ ((A dy) * (Bᵀ x)).
 *
 * Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), https://arxiv.org/abs/1509.09308.
 * @module
 */
import { WINOGRAD } from "./costs.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { relu } from "../../ops/activation.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import type { ConvAttributes } from "../../ops/convolution.ts";
import { slice } from "../../ops/movement.ts";
import type { Shape } from "../../shape.ts";
import { node, type Rule, rule } from "../pattern.ts";
import { BLOCKED_CONV, NOTHING_MORE } from "./convolution.ts";
import { JOIN_PHASES } from "./join_phases.ts";

export type Matrix = readonly (readonly number[])[];

/** How m rows of a result are computed at once. */
export interface Transform {
  /** m */
  readonly rows: number;
  /** Bᵀ [m + 2, m + 2]: what each product reads of the images. */
  readonly images: Matrix;
  /** G [m + 2, 3], times the divisor: what it reads of the filters. */
  readonly filters: Matrix;
  /** What the results are divided by at last: so whole numbers stay whole on the way, and the results are exact. */
  readonly divisor: number;
  /** Aᵀ [m, m + 2]: what each row of the result reads of the products. */
  readonly results: Matrix;
  /** The rows of the result, by as few passes as possible. */
  combine(product: ProductOf): LazyArray[];
}

/** A product by its number, plus another array in the same pass if one is given. */
type ProductOf = (k: number, added?: LazyArray) => LazyArray;

/** The transforms themselves, without how a result is combined. */
export type Matrices = Omit<Transform, "combine">;

export const TWO_ROWS: Transform = {
  rows: 2,
  images: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
  filters: [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, -1]],
  divisor: 1,
  results: [[1, 1, 1, 0], [0, 1, -1, 1]],
  combine(product) {
    const [first, second] = [product(1), product(2)];
    return [product(0, add(first, second)), product(3, sub(first, second))];
  },
};

export const FOUR_ROWS: Transform = {
  rows: 4,
  images: [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ],
  filters: [
    [3 / 4, 0, 0],
    [-1 / 2, -1 / 2, -1 / 2],
    [-1 / 2, 1 / 2, -1 / 2],
    [1 / 8, 1 / 4, 1 / 2],
    [1 / 8, -1 / 4, 1 / 2],
    [0, 0, 3],
  ],
  divisor: 3,
  results: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ],
  combine(product) {
    const [first, second, third, fourth] = [1, 2, 3, 4].map((k) => product(k));
    const [near, far] = [add(first, second), add(third, fourth)];
    const [nearApart, farApart] = [sub(first, second), sub(third, fourth)];
    const times = (array: LazyArray, factor: number) => mul(array, constant(factor));
    return [
      product(0, add(near, far)),
      add(nearApart, times(farApart, 2)),
      add(near, times(far, 4)),
      product(5, add(nearApart, times(farApart, 8))),
    ];
  },
};

/** The transform by which results of so many rows take the fewest products; undefined if none saves enough. */
function transformFor(resultRows: number): Transform | undefined {
  const share = ({ rows }: Transform) =>
    Math.ceil(resultRows / rows) * (rows + 2) / (3 * resultRows);
  const best = share(FOUR_ROWS) <= share(TWO_ROWS) ? FOUR_ROWS : TWO_ROWS;
  return share(best) <= WINOGRAD.mostProducts ? best : undefined;
}

/** The transform for convolutions by filters [o, c, kh, kw] with results [n, o, p, q]; undefined if none pays. */
export function transformOf(
  [o, c, rows, columns]: Shape,
  [n, , p, q]: Shape,
  { stride, dilation, groups }: ConvAttributes,
): Transform | undefined {
  const outputs = n * p * q;
  const channels = WINOGRAD.fewestChannels *
    (outputs * Math.max(o, c) > WINOGRAD.mostCachedElements ? 2 : 1);
  const suits = rows === 3 && columns <= 3 && groups === 1 &&
    [...stride, ...dilation].every((step) => step === 1) &&
    Math.min(o, c) >= channels && outputs >= WINOGRAD.fewestOutputs;
  return suits ? transformFor(p) : undefined;
}

/** How many rows are computed beyond those of a result. */
export function rowsLeftOver(resultRows: number, rows: number): number {
  return Math.ceil(resultRows / rows) * rows - resultRows;
}

/** Bᵀ x of blocked images: for each product an array [n, c, rows of the result / m, w]. */
export function transformedImages(
  x: LazyArray,
  { rows, images }: Transform,
  [top, , bottom]: readonly number[],
  block: number,
): LazyArray[] {
  const after = bottom + rowsLeftOver(x.shape[2] + top + bottom - 2, rows);
  return images.map((factors) =>
    weightedRows(x, factors, { step: rows, before: top, after }, block)
  );
}

/** How a sum of rows moves down an image, and how many rows of zeros lie around it. */
interface Steps {
  readonly step: number;
  readonly before: number;
  readonly after: number;
}

/** Sums of as many rows of a blocked array as there are factors, each times its factor. */
export function weightedRows(
  x: LazyArray,
  factors: readonly number[],
  { step, before, after }: Steps,
  block: number,
): LazyArray {
  const [, c] = x.shape;
  const ofBlock = factors.flatMap((factor) => new Array<number>(block).fill(factor));
  const filters = new Array<readonly number[]>(c / block).fill(ofBlock).flat();
  return applyOp(BLOCKED_CONV, [x, constant(filters, "float32", [c, 1, factors.length, 1])], {
    stride: [step, 1],
    dilation: [1, 1],
    padding: [before, 0, after, 0],
    groups: c,
    ...NOTHING_MORE,
  })[0];
}

/** G w: blocked filters of one row for each product. A block's rows lie as those of an image. */
function transformedFilters(w: LazyArray, { filters }: Transform, block: number): LazyArray[] {
  const [o, c, rows, columns] = w.shape;
  const apart = reshape(w, [o * c / block ** 2, block, rows, columns * block]);
  const still = { step: 1, before: 0, after: 0 };
  return filters.map((factors) =>
    reshape(weightedRows(apart, factors, still, block), [o, c, 1, columns])
  );
}

/** The first rows of blocked images. */
function firstRows(x: LazyArray, count: number, block: number): LazyArray {
  const [n, o, rows, columns] = x.shape;
  if (rows === count) return x;
  const apart = reshape(x, [n * o / block, rows, columns * block]);
  const kept = slice(apart, [0, 0, 0], [apart.shape[0], count, apart.shape[2]]);
  return reshape(kept, [n, o, count, columns]);
}

/** What was computed times a transform's divisor. */
export function divided(array: LazyArray, divisor: number): LazyArray {
  return divisor === 1 ? array : div(array, constant(divisor));
}

/** Convolutions of enough channels by filters of 3 rows. The bias is part of product 1, which every row has once. */
export function convolutionByFewerProducts(block: number): Rule {
  return rule(node(BLOCKED_CONV), ({ root: { inputs, attributes } }) => {
    const [x, w, bias] = inputs;
    const [{ shape: result }] = BLOCKED_CONV.infer(inputs, attributes);
    const transform = transformOf(w.shape, result, attributes);
    if (!transform || attributes.added === 1 || attributes.ceiling < Infinity) return undefined;
    const { padding: [, left, , right] } = attributes;
    const images = transformedImages(x, transform, attributes.padding, block);
    const filters = transformedFilters(w, transform, block);
    const along = { ...attributes, ...NOTHING_MORE, padding: [0, left, 0, right] } as const;
    const offset = bias ? [mul(bias, constant(transform.divisor))] : [];
    const parts = transform.combine((k, added) => {
      const all = [images[k], filters[k], ...(k === 1 ? offset : []), ...(added ? [added] : [])];
      return applyOp(BLOCKED_CONV, all, { ...along, added: added ? 1 : 0 })[0];
    });
    const [whole] = applyOp(JOIN_PHASES, parts, { window: [transform.rows, 1], block });
    const rows = divided(firstRows(whole, result[2], block), transform.divisor);
    return [attributes.relu ? relu(rows) : rows];
  });
}
