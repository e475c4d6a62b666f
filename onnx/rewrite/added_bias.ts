/**
 * A bias added to a convolution or to a product of matrices goes into it, which starts its sums from the bias:
 *
 *   conv(x, w) + b[c, 1, 1]  =  conv(x, w, b[c])
 *   a b + c[n]               =  Gemm(a, b, c[n])
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { add } from "../ops/arithmetic.ts";
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import { CONV } from "../ops/convolution.ts";
import { MATMUL } from "../ops/linear_algebra.ts";
import { sameShape } from "../shape.ts";
import { array, named, node, rule } from "./pattern.ts";

/** The sum of a convolution without bias and an array with one number a channel. */
export const biasIntoConvolution = rule(
  node(add.op, [named("conv", node(CONV, [array("x"), array("w")])), array("bias")]),
  ({ conv, x, w, bias }) => {
    const channels = conv.array.shape[1];
    const axes = conv.array.shape.length;
    const onePerChannel = bias.size === channels && bias.dtype === x.dtype &&
      bias.shape.length <= axes && bias.shape.at(1 - axes) === channels;
    return onePerChannel
      ? applyOp(conv.op, [x, w, reshape(bias, [channels])], conv.attributes)
      : undefined;
  },
);

const PRODUCT = named(
  "product",
  node(MATMUL, [array("a", isPlainMatrix), array("b", isPlainMatrix)]),
);

function isPlainMatrix({ shape, dtype }: LazyArray): boolean {
  return shape.length === 2 && dtype === "float32";
}

/** The sum of a product of two matrices and an array with one number a column. */
export const biasIntoProduct = rule(
  node(add.op, [PRODUCT, array("bias")]),
  ({ product: { op, array: sum, attributes }, a, b, bias }) => {
    const columns = columnsIn(bias, sum);
    return columns && applyOp(op, [a, b, columns], attributes);
  },
);

/** The same where the product is seen as a batch of one. */
export const biasIntoBatchOfOne = rule(
  node(add.op, [named("batch", node(RESHAPE, [PRODUCT])), array("bias")]),
  ({ batch: { array: batch }, product: { op, array: sum, attributes }, a, b, bias }) => {
    const isBatchOfOne = sameShape(batch.shape, [1, ...sum.shape]);
    const columns = isBatchOfOne ? columnsIn(bias, batch) : undefined;
    return columns && [reshape(applyOp(op, [a, b, columns], attributes)[0], batch.shape)];
  },
);

/** A bias with one number a column of a sum, as [n]. */
function columnsIn(bias: LazyArray, sum: LazyArray): LazyArray | undefined {
  const columns = sum.shape.at(-1)!;
  const fits = bias.size === columns && bias.shape.at(-1) === columns &&
    bias.shape.length <= sum.shape.length && bias.dtype === sum.dtype;
  return fits ? reshape(bias, [columns]) : undefined;
}
