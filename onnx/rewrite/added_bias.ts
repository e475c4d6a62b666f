/**
 * A bias added to a convolution or to a product of matrices goes into it, which starts its sums from the bias:
 *
 *   conv(x, w) + b[c, 1, 1]  =  conv(x, w, b[c])
 *   a b + c[n]               =  Gemm(a, b, c[n])
 * @module
 */
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import { CONV } from "../ops/convolution.ts";
import { MATMUL } from "../ops/linear_algebra.ts";
import { sameShape } from "../shape.ts";
import type { LocalRule } from "./apply_rules.ts";

/** A rule for sums, tried with either part as the bias. */
function addedBias(
  rewrite: (sum: LazyArray, bias: LazyArray) => LazyArray[] | undefined,
): LocalRule {
  return (op, [a, b]) => op.name === "Add" ? rewrite(a, b) ?? rewrite(b, a) : undefined;
}

/** Rewrites the sum of a convolution without bias and an array with one number a channel. */
export const biasIntoConvolution = addedBias(intoConvolution);

function intoConvolution(sum: LazyArray, bias: LazyArray): LazyArray[] | undefined {
  const conv = sum.node;
  if (conv?.op.name !== CONV.name || conv.inputs.length !== 2) return undefined;
  const channels = sum.shape[1];
  const axes = sum.shape.length;
  const onePerChannel = bias.size === channels && bias.dtype === sum.dtype &&
    bias.shape.length <= axes && bias.shape.at(1 - axes) === channels;
  if (!onePerChannel) return undefined;
  return applyOp(conv.op, [...conv.inputs, reshape(bias, [channels])], conv.attributes);
}

/** Rewrites the sum of a product of two matrices and an array with one number a column. */
export const biasIntoProduct = addedBias(intoProduct);

function intoProduct(sum: LazyArray, bias: LazyArray): LazyArray[] | undefined {
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
