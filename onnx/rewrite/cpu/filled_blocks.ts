/**
 * Convolutions whose channels leave the last block unfilled: zeros fill it up (see filled_channels.ts), in filters as well, so that
 * they, and all between them, are computed in blocks. The plain kernels' im2col costs more than the products with zeros: 148
 * channels into 12, in windows of 3 by 3, take 17 instead of 26 ms, their gradient 14 instead of 20; convolutions channel by
 * channel, and their gradients, are several times as fast.
 * @module
 */
import { CONVOLUTION, FILLED } from "./costs.ts";
import { noFlops } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { CONV, CONV_INPUT_GRADIENT, type ConvGradientAttributes } from "../../ops/convolution.ts";
import { pad, slice, TRANSPOSE } from "../../ops/movement.ts";
import { sameShape, type Shape, sizeOf } from "../../shape.ts";
import { array, computedBy, named, node, type Rule, rule } from "../pattern.ts";
import { FILTER_GRADIENT, isChannelsLast } from "./channels_last_filters.ts";
import { hasWork, paddingBackward } from "./convolution.ts";
import { behindCut, behindFill, cut, CUT_CHANNELS, filled } from "./filled_channels.ts";
import { BLOCK, inBlocks, NCHWC_DOMAIN, TO_CHANNELS_FIRST, TO_CHANNELS_LAST } from "./layout.ts";

interface BlocksAttributes {
  readonly [name: string]: number | boolean;
  /** Of the result. */
  readonly channels: number;
  /** Whether the plain side is [n, h, w, c]. */
  readonly channelsLast: boolean;
}

/** Blocks of a plain array; of the last one the rest are zeros. */
export const FILL_BLOCKS: Op<BlocksAttributes> = {
  name: "FillBlocks",
  traits: ["relayout"],
  infer: ([{ dtype, shape }], { channels, channelsLast }) => {
    const [n, , ...sizes] = channelsLast ? TO_CHANNELS_FIRST.map((axis) => shape[axis]) : shape;
    return [{ dtype, shape: [n, channels, ...sizes] }];
  },
  flops: noFlops,
  lower: (writer, inputs, { channelsLast }) => [
    writer.node("ReorderInput", inputs, {
      domain: NCHWC_DOMAIN,
      attributes: { channels_last: channelsLast },
    }),
  ],
};

/** The plain array of blocks, without what filled up the last one. */
export const CUT_BLOCKS: Op<BlocksAttributes> = {
  name: "CutBlocks",
  traits: ["relayout"],
  infer: ([{ dtype, shape: [n, , ...sizes] }], { channels, channelsLast }) => [
    { dtype, shape: channelsLast ? [n, ...sizes, channels] : [n, channels, ...sizes] },
  ],
  flops: noFlops,
  lower: (writer, inputs, { channels, channelsLast }) => [
    writer.node("ReorderOutput", inputs, {
      domain: NCHWC_DOMAIN,
      attributes: { channels, channels_last: channelsLast },
    }),
  ],
};

/** ReorderInput takes channels by fours. */
const CHANNELS_AT_ONCE = 4;

/** What goes into blocks is filled up on the way. */
export const fillInBlocks = rule(node(BLOCK, [array("whole")]), ({ root, whole }) => {
  const plain = root.attributes.channelsLast ? undefined : behindFill(whole);
  if (!plain || plain.shape[1] % CHANNELS_AT_ONCE !== 0) return undefined;
  const moved = computedBy(TRANSPOSE, plain);
  const channelsLast = moved !== undefined &&
    sameShape(moved.attributes.permutation, TO_CHANNELS_FIRST);
  const inputs = channelsLast ? moved.inputs : [plain];
  return applyOp(FILL_BLOCKS, inputs, { channels: whole.shape[1], channelsLast });
});

/** What comes out of blocks is cut off on the way. */
export const cutFromBlocks = rule(
  node(CUT_CHANNELS, [inBlocks(array("x"))], { where: ({ attributes }) => attributes.axis === 1 }),
  ({ root: { attributes: { channels } }, x }) =>
    applyOp(CUT_BLOCKS, [x], { channels, channelsLast: false }),
);

/** The same on to channels last. */
export const cutToChannelsLast = rule(
  node(TRANSPOSE, [named("plain", node(CUT_BLOCKS, [array("x")]))], {
    where: ({ attributes }) => sameShape(attributes.permutation, TO_CHANNELS_LAST),
  }),
  ({ plain: { attributes }, x }) =>
    attributes.channelsLast
      ? undefined
      : applyOp(CUT_BLOCKS, [x], { ...attributes, channelsLast: true }),
);

/** The shape of filters whose channels are filled up, and how many groups there are then. */
interface Filling {
  readonly shape: Shape;
  readonly groups: number;
}

/** Channels in whole blocks. */
function filledUp(channels: number, block: number): number {
  return Math.ceil(channels / block) * block;
}

/** How filters are filled up; undefined if they fill blocks, or most of the products would be with zeros. */
function fillingOf(shape: Shape, groups: number, block: number): Filling | undefined {
  const [o, c, ...window] = shape;
  if (window.length !== 2 || o < FILLED.fewestChannels) return undefined;
  const isDepthwise = c === 1 && o === groups && o > 1;
  if (groups !== 1 && !isDepthwise) return undefined;
  // Few channels are read as they are.
  const isRead = c < FILLED.fewestChannels && sizeOf(window) > 1;
  if (!isDepthwise && !isRead && c < FILLED.fewestChannels) return undefined;
  const outputs = filledUp(o, block);
  const inputs = isDepthwise || isRead ? c : filledUp(c, block);
  const isFull = outputs === o && inputs === c;
  if (isFull || outputs * inputs > FILLED.mostProducts * o * c) return undefined;
  return { shape: [outputs, inputs, ...window], groups: isDepthwise ? outputs : 1 };
}

/** Channels of the images that filters meet. */
function inputsOf({ shape, groups }: Filling): number {
  return shape[1] * groups;
}

/** Filters, or a bias, of which more channels are zeros. */
function withZeros(w: LazyArray, shape: Shape): LazyArray {
  return pad(w, w.shape.map(() => 0), w.shape.map((size, axis) => shape[axis] - size));
}

/** Convolutions of unfilled blocks. */
export function fillConvolution(block: number): Rule {
  return rule(node(CONV), ({ root: { inputs: [x, w, ...bias], attributes } }) => {
    const filling = w.dtype === "float32"
      ? fillingOf(w.shape, attributes.groups, block)
      : undefined;
    const [{ shape }] = CONV.infer([x, w], attributes);
    if (!filling || !hasWork(shape, w)) return undefined;
    const inputs = [
      filled(x, 1, inputsOf(filling)),
      withZeros(w, filling.shape),
      ...bias.map((b) => withZeros(b, filling.shape)),
    ];
    const [y] = applyOp(CONV, inputs, { ...attributes, groups: filling.groups });
    return [cut(y, 1, shape[1])];
  });
}

/** Input gradients of convolutions of unfilled blocks. */
export function fillInputGradient(block: number): Rule {
  return rule(
    node(CONV_INPUT_GRADIENT, [array("dy"), array("w")]),
    ({ root: { attributes }, dy, w }) => {
      const { shape: [n, c, ...sizes], groups } = attributes;
      const filling = w.dtype === "float32" ? fillingOf(w.shape, groups, block) : undefined;
      if (!filling || c < FILLED.fewestChannels || !hasWork(attributes.shape, w)) return undefined;
      if (!isConvolution(attributes, dy.shape, w.shape)) return undefined;
      const inputs = [filled(dy, 1, filling.shape[0]), withZeros(w, filling.shape)];
      const [dx] = applyOp(CONV_INPUT_GRADIENT, inputs, {
        ...attributes,
        groups: filling.groups,
        shape: [n, inputsOf(filling), ...sizes],
      });
      return [cut(dx, 1, c)];
    },
  );
}

/** Whether convolutions in blocks carry a gradient back. */
function isConvolution(attributes: ConvGradientAttributes, dy: Shape, w: Shape): boolean {
  const { stride, dilation, shape } = attributes;
  return stride.every((s) => s === 1)
    ? paddingBackward(attributes, dy, w) !== undefined
    : dilation.every((d) => d === 1) && stride.every((s, i) => shape[2 + i] % s === 0);
}

/** Filter gradients of such convolutions, channel by channel, or where images, or what they became, are filled up already. */
export function fillFilterGradient(block: number): Rule {
  return rule(FILTER_GRADIENT, ({ root: { op, attributes }, x, dy }) => {
    const { shape, groups } = attributes;
    const filling = fillingOf(shape, groups, block);
    const [n, , ...places] = dy.shape;
    const hasWork = groups > 1 || n * sizeOf(places) >= CONVOLUTION.fewestOutputs;
    const isFilled = groups > 1 || [x, dy].some((images) => behindCut(images, 1));
    if (!filling || !hasWork || !isFilled) return undefined;
    const inputs = [filled(x, 1, inputsOf(filling)), filled(dy, 1, filling.shape[0])];
    const [whole] = applyOp(op, inputs, {
      ...attributes,
      shape: filling.shape,
      groups: filling.groups,
    });
    const [o, c, ...window] = shape;
    const kept = isChannelsLast(op) ? [...window, c, o] : shape;
    return [slice(whole, kept.map(() => 0), kept)];
  });
}
