/**
 * Convolutions whose channels leave the last block unfilled: zeros fill it up, in images as in filters, and what they become
 * is cut off again. ONNX Runtime's reorders do both on the way, so the plain kernels' im2col costs more than the products with
 * zeros: 148 channels into 12, in windows of 3 by 3, take 17 instead of 26 ms, their gradient 14 instead of 20.
 * @module
 */
import { FILLED } from "./costs.ts";
import { noFlops } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { CONV, CONV_INPUT_GRADIENT, type ConvAttributes } from "../../ops/convolution.ts";
import { pad } from "../../ops/movement.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import {
  backwardFilters,
  BLOCKED_CONV,
  fillsBlocks,
  filtersInBlocks,
  hasWork,
  NOTHING_MORE,
  paddingBackward,
} from "./convolution.ts";
import { blocked, NCHWC_DOMAIN, unblocked } from "./layout.ts";

interface ChannelAttributes {
  readonly [name: string]: number;
  /** Of the result. */
  readonly channels: number;
}

const withChannels: Op<ChannelAttributes>["infer"] = (
  [{ dtype, shape: [n, , ...sizes] }],
  { channels },
) => [{ dtype, shape: [n, channels, ...sizes] }];

/** Blocks of a plain array; of the last one the rest are zeros. */
export const FILL_BLOCKS: Op<ChannelAttributes> = {
  name: "FillBlocks",
  traits: ["relayout"],
  infer: withChannels,
  flops: noFlops,
  lower: (writer, inputs) => [writer.node("ReorderInput", inputs, { domain: NCHWC_DOMAIN })],
};

/** The plain array of blocks, without what filled up the last one. */
export const CUT_BLOCKS: Op<ChannelAttributes> = {
  name: "CutBlocks",
  traits: ["relayout"],
  infer: withChannels,
  flops: noFlops,
  lower: (writer, inputs, attributes) => [
    writer.node("ReorderOutput", inputs, { domain: NCHWC_DOMAIN, attributes }),
  ],
};

/** ReorderInput takes channels by fours. */
const CHANNELS_AT_ONCE = 4;

/** Channels in whole blocks. */
function filledUp(channels: number, block: number): number {
  return Math.ceil(channels / block) * block;
}

function inFilledBlocks(x: LazyArray, block: number): LazyArray {
  const channels = filledUp(x.shape[1], block);
  return x.shape[1] === channels ? blocked(x) : applyOp(FILL_BLOCKS, [x], { channels })[0];
}

/** Filters, or a bias, of which more channels are zeros. */
function withZeros(w: LazyArray, block: number): LazyArray {
  const after = w.shape.map((size, axis) => axis < 2 ? filledUp(size, block) - size : 0);
  return pad(w, w.shape.map(() => 0), after);
}

/** Whether filters read, or write, an unfilled block, of which few products are with zeros. */
function suits(w: LazyArray, groups: number, block: number): boolean {
  if (w.shape.length !== 4 || w.dtype !== "float32" || groups !== 1) return false;
  if (fillsBlocks(w, groups, block)) return false;
  const [o, c] = w.shape;
  const products = filledUp(o, block) * filledUp(c, block);
  return Math.min(o, c) >= FILLED.fewestChannels && products <= FILLED.mostProducts * o * c;
}

/** Convolutions of unfilled blocks. */
export function convolutionInFilledBlocks(block: number): Rule {
  return rule(node(CONV), ({ root: { inputs: [x, w, ...bias], attributes } }) => {
    const [{ shape }] = CONV.infer([x, w], attributes);
    if (!suits(w, attributes.groups, block) || x.shape[1] % CHANNELS_AT_ONCE !== 0) {
      return undefined;
    }
    if (!hasWork(shape, w)) return undefined;
    const filters = filtersInBlocks(withZeros(w, block), block);
    const inputs = [inFilledBlocks(x, block), filters, ...bias.map((b) => withZeros(b, block))];
    return [convolved(inputs, attributes, w.shape[0])];
  });
}

/** Input gradients of convolutions of unfilled blocks, with stride 1. */
export function inputGradientInFilledBlocks(block: number): Rule {
  return rule(
    node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]),
    ({ root: { attributes }, dy, w }) => {
      const { shape, groups, ...window } = attributes;
      if (!suits(w, groups, block) || dy.shape[1] % CHANNELS_AT_ONCE !== 0) return undefined;
      const padding = paddingBackward(attributes, dy.shape, w.shape);
      if (!padding || !hasWork(shape, w)) return undefined;
      const filters = backwardFilters(withZeros(w, block), groups, block);
      return [
        convolved([inFilledBlocks(dy, block), filters], { ...window, padding, groups }, shape[1]),
      ];
    },
  );
}

function convolved(
  inputs: readonly LazyArray[],
  attributes: ConvAttributes,
  channels: number,
): LazyArray {
  const [y] = applyOp(BLOCKED_CONV, inputs, { ...attributes, ...NOTHING_MORE });
  return y.shape[1] === channels ? unblocked(y) : applyOp(CUT_BLOCKS, [y], { channels })[0];
}
