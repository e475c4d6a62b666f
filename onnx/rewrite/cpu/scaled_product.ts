/**
 * A scaled product of matrices in a sum, as a dense layer's gradient goes into its momentum or its weights: the number goes into
 * whichever factor is small, instead of passing over the product once more.
 *
 *   m + s (a b)   ->   m + (s a) b
 *   m - s (a b)   ->   m + (-s a) b
 *
 * Gemm could add up as well, but it copies m first, and reads it again: of 1.6 million weights 1.4 ms where the product and the sum
 * with the momentum in one pass (scaled_sum.ts) take 1.2 ms.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { add, mul, neg, sub } from "../../ops/arithmetic.ts";
import { MATMUL, matmul } from "../../ops/linear_algebra.ts";
import { sameShape } from "../../shape.ts";
import { array, named, node, type Rule, rule } from "../pattern.ts";
import { FEWEST_SCALED_ELEMENTS } from "./costs.ts";

const product = named("product", node(MATMUL, [array("a"), array("b")]));
const scaled = named("scaled", node(mul.op, [product, array("number", ({ size }) => size === 1)]));

/** Such sums, of products that nobody else reads. */
export const scaledProduct: Rule = rule(
  node([add.op, sub.op], [array("onto"), scaled]),
  ({ root: { op }, onto, scaled, product, a, b, number }, uses) => {
    const { shape, size, dtype } = product.array;
    const isPlain = dtype === "float32" && a.shape.length === 2 && b.shape.length === 2 &&
      sameShape(onto.shape, shape) && sameShape(scaled.array.shape, shape);
    const isSpared = uses(scaled.array) === 1 && uses(product.array) === 1 &&
      size >= FEWEST_SCALED_ELEMENTS && 2 * Math.min(a.size, b.size) <= size;
    if (!isPlain || !isSpared) return undefined;
    const { transA, transB } = product.attributes;
    const factor = op === sub.op ? neg(number) : number;
    const factors: [LazyArray, LazyArray] = a.size < b.size
      ? [mul(a, factor), b]
      : [a, mul(b, factor)];
    return [add(onto, matmul(...factors, transA, transB))];
  },
);
