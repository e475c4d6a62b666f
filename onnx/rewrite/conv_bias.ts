/**
 * A bias added to a convolution goes into the convolution, which adds it while the sums are at hand:
 *
 *   conv(x, w) + b[c, 1, 1]  =  conv(x, w, b[c])
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { CONV } from "../ops/convolution.ts";
import { reshape } from "../ops/broadcast.ts";
import { addedBias } from "./added_bias.ts";

/** Rewrites the sum of a convolution without bias and an array with one number a channel. */
export const biasIntoConvolution = addedBias(rewrite);

function rewrite(sum: LazyArray, bias: LazyArray): LazyArray[] | undefined {
  const conv = sum.node;
  if (conv?.op.name !== CONV.name || conv.inputs.length !== 2) return undefined;
  const channels = sum.shape[1];
  const axes = sum.shape.length;
  const onePerChannel = bias.size === channels && bias.dtype === sum.dtype &&
    bias.shape.length <= axes && bias.shape.at(1 - axes) === channels;
  if (!onePerChannel) return undefined;
  return applyOp(conv.op, [...conv.inputs, reshape(bias, [channels])], conv.attributes);
}
