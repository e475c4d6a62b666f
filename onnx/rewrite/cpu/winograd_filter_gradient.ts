/**
 * Filter gradients by fewer multiplications, as the convolutions themselves (see winograd.ts): with dM = A dy, and the
 * images Bᵀ x that the convolution reads too,
 *
 *   dw[i, j] = Gᵀ (sum over n, p q of dM[n, o, p q] (Bᵀ x)[n, c, p, q + j])
 *
 * @module
 */
import { constant, type LazyArray } from "../../lazy_array.ts";
import { reshape } from "../../ops/broadcast.ts";
import type { ConvAttributes } from "../../ops/convolution.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { concat } from "../../ops/movement.ts";
import { type Rule, rule } from "../pattern.ts";
import { FILTER_GRADIENT, fromElements } from "./channels_last_filters.ts";
import { blocked, rowsOfChannels, rowsOfPlaces, unblocked } from "./layout.ts";
import { shifted } from "./shift.ts";
import {
  divided,
  rowsLeftOver,
  type Transform,
  transformedImages,
  transformOf,
  weightedRows,
} from "./winograd.ts";

/** Gradients of filters of 3 rows. */
export function filterGradientByFewerProducts(block: number): Rule {
  return rule(FILTER_GRADIENT, ({ root, x, dy }) => {
    const { shape, ...rest } = root.attributes;
    const window = rest as ConvAttributes;
    const [o, c, ...kernel] = shape;
    const transform = transformOf(shape, dy.shape, window);
    if (!transform || o % block !== 0 || c % block !== 0) return undefined;
    const products = transform.images.length;
    // All products at once: of each by itself threads wait for each other longer than they compute.
    const images = concat(transformedImages(blocked(x), transform, window.padding, block));
    const gradients = concat(transformedGradients(blocked(dy), transform, block));
    const rows = rowsOfChannels(unblocked(gradients), products);
    const elements = Array.from({ length: kernel[1] }, (_, column) => {
      const met = besides(images, column - window.padding[1], dy.shape[3], block);
      return reshape(matmul(rows, rowsOfPlaces(met, products)), [products, 1, o * c]);
    });
    const parts = reshape(concat(elements, 1), [products, kernel[1] * o * c]);
    const filters = transform.filters.flat();
    const combine = constant(filters, "float32", [products, kernel[0]]);
    const sums = divided(matmul(combine, parts, true), transform.divisor);
    return [fromElements(root.op, reshape(sums, [kernel[0] * kernel[1], o, c]), kernel)];
  });
}

/** A dy of a blocked gradient: for each product an array [n, o, rows / m, q]. */
function transformedGradients(
  dy: LazyArray,
  { rows, results, images }: Transform,
  block: number,
): LazyArray[] {
  const after = rowsLeftOver(dy.shape[2], rows);
  return images.map((_, k) =>
    weightedRows(dy, results.map((row) => row[k]), { step: rows, before: 0, after }, block)
  );
}

/** As many columns of blocked images as a result has, from some column on. */
function besides(x: LazyArray, first: number, columns: number, block: number): LazyArray {
  const [, , rows, own] = x.shape;
  if (first === 0 && own === columns) return x;
  return shifted(x, { offset: [0, first], stride: [1, 1], outputSizes: [rows, columns] }, block);
}
