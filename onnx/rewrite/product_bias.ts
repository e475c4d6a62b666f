/**
 * A bias added to a product of matrices goes into the product, which starts its sums from it:
 *
 *   a b + c[n]  =  Gemm(a, b, c[n])
 * @module
 */
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { MATMUL } from "../ops/linear_algebra.ts";
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import { sameShape } from "../shape.ts";
import { addedBias } from "./added_bias.ts";

/** Rewrites the sum of a product of two matrices and an array with one number a column. */
export const biasIntoProduct = addedBias(rewrite);

function rewrite(sum: LazyArray, bias: LazyArray): LazyArray[] | undefined {
  const product = matricesBehind(sum);
  const columns = sum.shape.at(-1);
  const onePerColumn = bias.size === columns && bias.shape.at(-1) === columns &&
    bias.shape.length <= sum.shape.length && bias.dtype === sum.dtype;
  if (!product || !onePerColumn) return undefined;
  const inputs = [...product.inputs, reshape(bias, [columns])];
  return [reshape(applyOp(product.op, inputs, product.attributes)[0], sum.shape)];
}

/** The product of two matrices that an array is, maybe seen as a batch of one. */
function matricesBehind(array: LazyArray): GraphNode | undefined {
  const { node, shape } = array;
  const isBatchOfOne = node?.op.name === RESHAPE.name && shape.length === 3 && shape[0] === 1 &&
    sameShape(node.inputs[0].shape, shape.slice(1));
  const product = isBatchOfOne ? node.inputs[0].node : node;
  const isPlain = product?.op.name === MATMUL.name && product.inputs.length === 2 &&
    product.inputs.every((x) => x.shape.length === 2 && x.dtype === "float32");
  return isPlain ? product : undefined;
}
