/**
 * A product of matrices added onto a scaled array, as a dense layer's gradient goes into its momentum or its weights:
 *
 *   beta m + a b,   beta m - s (a b)   ->   Gemm(a s, b, m)
 *
 * The product is never written by itself: the gradient of 1.6 million weights, its scaling and its sum with the momentum take 3.0 ms
 * apart, 1.8 ms so. The number s goes into whichever factor is small.
 * @module
 */
import { float } from "../../export/node_attributes.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { add, mul, sub } from "../../ops/arithmetic.ts";
import { MATMUL, type TransposeAttributes } from "../../ops/linear_algebra.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import { array, computedBy, type Found, node, type Rule, rule, type Uses } from "../pattern.ts";
import { FEWEST_SCALED_ELEMENTS } from "./costs.ts";

interface OntoAttributes {
  readonly [name: string]: boolean | number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
}

/** alpha a b + beta m */
const PRODUCT_ONTO: Op<OntoAttributes> = {
  name: "ProductOnto",
  infer: ([, , { dtype, shape }]) => [{ dtype, shape }],
  flops: ([a], [y], { transA }) => 2 * sizeOf(y.shape) * (a.shape[transA ? 0 : 1] + 1),
  lower: (writer, inputs, { transA, transB, alpha, beta }) => [
    writer.node("Gemm", inputs, {
      attributes: { transA, transB, alpha: float(alpha), beta: float(beta) },
    }),
  ],
};

/** A number times an array. */
interface Scaled {
  readonly x: LazyArray;
  readonly factor?: LazyArray;
}

function scaledBehind(x: LazyArray): Scaled {
  const product = computedBy(mul.op, x);
  const factor = product?.inputs.findIndex(({ size }) => size === 1) ?? -1;
  const other = product?.inputs[1 - factor];
  // A factor of one element may have more axes than what it scales.
  const isScaled = factor >= 0 && x.size > 1 && sameShape(other!.shape, x.shape);
  return isScaled ? { x: other!, factor: product!.inputs[factor] } : { x };
}

/** The product, if nobody else reads it. */
function productBehind(x: LazyArray, uses: Uses): Found<TransposeAttributes> | undefined {
  const product = computedBy(MATMUL, x);
  const isPlain = product?.inputs.length === 2 && x.dtype === "float32" &&
    product.inputs.every(({ shape }) => shape.length === 2);
  return isPlain && uses(x) === 1 ? product : undefined;
}

/** Such sums. */
export const productOnto: Rule = rule(
  node([add.op, sub.op], [array("onto"), array("added")]),
  ({ root: { op }, onto, added }, uses) => {
    if (!sameShape(onto.shape, added.shape) || added.size < FEWEST_SCALED_ELEMENTS) {
      return undefined;
    }
    const term = scaledBehind(added);
    const product = productBehind(term.x, uses);
    if (!product || (term.factor && uses(added) > 1)) return undefined;
    const kept = scaledBehind(onto);
    const beta = kept.factor?.isConstant ? Number(kept.factor.buffer.data[0]) : undefined;
    // Without either the sum costs what it saves.
    if (beta === undefined && !term.factor) return undefined;
    const factors = scaledFactors(product.inputs, term.factor, added.size);
    return factors && applyOp(PRODUCT_ONTO, [...factors, beta === undefined ? onto : kept.x], {
      ...product.attributes,
      alpha: op === sub.op ? -1 : 1,
      beta: beta ?? 1,
    });
  },
);

/** Both factors, the small one times a number; undefined where neither is small beside the product. */
function scaledFactors(
  [a, b]: readonly LazyArray[],
  number: LazyArray | undefined,
  size: number,
): readonly LazyArray[] | undefined {
  if (!number) return [a, b];
  if (2 * Math.min(a.size, b.size) > size) return undefined;
  return a.size < b.size ? [mul(a, number), b] : [a, mul(b, number)];
}
