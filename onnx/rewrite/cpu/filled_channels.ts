/**
 * Channels that leave the last block unfilled, filled up with zeros, and what they become, cut off again:
 *
 *   f(cut(x)) = cut(f(x))        fill(cut(x)) = x
 *
 * What is cut off never meets the other channels: filters are 0 there. For that to come to nothing it has to be finite, so only
 * ops go on in filled channels that make finite numbers of all finite ones.
 * @module
 */
import { FILLED } from "./costs.ts";
import { noFlops } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { add } from "../../ops/arithmetic.ts";
import { EXPAND, expand } from "../../ops/broadcast.ts";
import { CONV_INPUT_GRADIENT } from "../../ops/convolution.ts";
import { PAD, SLICE } from "../../ops/movement.ts";
import { BATCH_NORMALIZATION, STANDARDIZE } from "../../ops/normalization.ts";
import { array, computedBy, named, node, type Rule, rule } from "../pattern.ts";
import { elementwiseBefore, type Relayout } from "../relayout.ts";
import { isFiniteOfFinite } from "./finite_of_finite.ts";

interface ChannelAttributes {
  readonly [name: string]: number;
  readonly axis: number;
  /** Of the result. */
  readonly channels: number;
}

const withChannels: Op<ChannelAttributes>["infer"] = ([{ dtype, shape }], { axis, channels }) => [
  { dtype, shape: shape.map((size, i) => i === axis ? channels : size) },
];

/** An array with zeros behind its channels. Pad would do it on one thread. */
export const FILL_CHANNELS: Op<ChannelAttributes> = {
  name: "FillChannels",
  traits: ["relayout"],
  infer: withChannels,
  flops: noFlops,
  lower: (writer, [x], { axis, channels }, { inputs: [{ dtype, shape }] }) => {
    const rest = shape.map((size, i) => i === axis ? channels - size : size);
    const zeros = writer.node("Expand", [writer.scalar(0, dtype), writer.int64s(rest)]);
    return [writer.node("Concat", [x, zeros], { attributes: { axis } })];
  },
};

/** The first channels of an array. Slice would take them on one thread. */
export const CUT_CHANNELS: Op<ChannelAttributes> = {
  name: "CutChannels",
  traits: ["relayout"],
  infer: withChannels,
  flops: noFlops,
  lower: (writer, [x], { axis, channels }, { inputs: [{ shape }] }) => {
    const parts = writer.int64s([channels, shape[axis] - channels]);
    return [writer.nodes("Split", [x, parts], { attributes: { axis }, outputs: 2 })[0]];
  },
};

/** An array whose channels, along an axis, are so many: what it was cut from, if it was, else with zeros. */
export function filled(x: LazyArray, axis: number, channels: number): LazyArray {
  if (x.shape[axis] === channels) return x;
  const whole = behindCut(x, axis);
  return whole?.shape[axis] === channels
    ? whole
    : applyOp(FILL_CHANNELS, [x], { axis, channels })[0];
}

/** The first channels of an array along an axis. */
export function cut(x: LazyArray, axis: number, channels: number): LazyArray {
  return x.shape[axis] === channels ? x : applyOp(CUT_CHANNELS, [x], { axis, channels })[0];
}

/** What an array was cut from along an axis. */
export function behindCut(x: LazyArray, axis: number): LazyArray | undefined {
  const found = computedBy(CUT_CHANNELS, x);
  return found?.attributes.axis === axis ? found.inputs[0] : undefined;
}

/** What images were cut from, if it is hardly more: passes over all of it cost what they cost. */
function behindImages(images: LazyArray): LazyArray | undefined {
  const inner = images.shape.length === 4 ? behindCut(images, 1) : undefined;
  return inner && inner.size <= FILLED.mostPassed * images.size ? inner : undefined;
}

/** A pattern: such images. */
const CUT_IMAGES = array("images", (x) => behindImages(x) !== undefined);

const fillOfCut = rule(
  node(FILL_CHANNELS, [named("part", node(CUT_CHANNELS, [array("x")]))]),
  ({ root: { attributes: { axis, channels } }, part, x }) => {
    const isWhole = part.attributes.axis === axis && x.shape[axis] === channels;
    return isWhole ? [x] : undefined;
  },
);

/**
 * Cutting as a relayout: what computes element by element does so before. Gradients go on where what they meet lies: in filled
 * channels only if the network itself computed it there.
 */
function imagesBehind(images: LazyArray): Relayout | undefined {
  const inner = behindImages(images);
  return inner && {
    inner,
    lay: (x) => cut(x, 1, images.shape[1]),
    undo: (operand) =>
      operand.size === images.size && isGradient(inner) && !behindCut(operand, 1)
        ? undefined
        : filledOperand(operand, images.shape[1], inner),
    fits: (result) =>
      result.dtype === "float32" && result.size === inner.size && isFiniteOfFinite(result),
  };
}

/** What convolutions carried back, and sums of that. */
function isGradient(x: LazyArray): boolean {
  const both = computedBy(add.op, x)?.inputs;
  return both ? both.every(isGradient) : computedBy(CONV_INPUT_GRADIENT, x) !== undefined;
}

/** What meets images, channel by channel or whatever the channel. */
function filledOperand(x: LazyArray, channels: number, { shape }: LazyArray) {
  const axis = x.shape.length - 3;
  if (axis > 1) return undefined;
  if (axis < 0 || x.shape[axis] === 1) return x;
  return x.shape[axis] === channels ? filled(x, axis, shape[1]) : undefined;
}

/** Reductions of each channel by itself. */
const reduceBeforeCut = rule(node("reduction", [CUT_IMAGES]), ({ root, images }) => {
  const axes = root.attributes.axes as readonly number[];
  if (axes.includes(1)) return undefined;
  const axis = root.attributes.keepDims || !axes.includes(0) ? 1 : 0;
  const channels = images.shape[1];
  return [cut(applyOp(root.op, [behindImages(images)!], root.attributes)[0], axis, channels)];
});

const standardizeBeforeCut = rule(
  node(STANDARDIZE, [CUT_IMAGES], {
    // Of a channel of zeros the factor is 1 / sqrt(epsilon).
    where: ({ attributes: { axes, epsilon } }) => !axes.includes(1) && epsilon > 0,
  }),
  ({ root: { op, attributes }, images }) =>
    applyOp(op, [behindImages(images)!], attributes).map((each) => cut(each, 1, images.shape[1])),
);

const batchNormBeforeCut = rule(
  node(BATCH_NORMALIZATION, [
    CUT_IMAGES,
    array("weight"),
    array("bias"),
    array("middle"),
    array("variance"),
  ], { where: ({ attributes: { epsilon } }) => epsilon > 0 }),
  ({ root, images, weight, bias, middle, variance }) => {
    const x = behindImages(images)!;
    const numbers = [weight, bias, middle, variance].map((each) => filled(each, 0, x.shape[1]));
    const [y] = applyOp(BATCH_NORMALIZATION, [x, ...numbers], root.attributes);
    return [cut(y, 1, weight.size)];
  },
);

const expandBeforeCut = rule(node(EXPAND, [CUT_IMAGES]), ({ root, images }) => {
  const [n, channels, ...sizes] = root.attributes.shape;
  const x = behindImages(images)!;
  return channels === images.shape[1]
    ? [cut(expand(x, [n, x.shape[1], ...sizes]), 1, channels)]
    : undefined;
});

/** Some images, rows and columns. */
const sliceBeforeCut = rule(node(SLICE, [CUT_IMAGES]), ({ root, images }) => {
  const { begin, end, step } = root.attributes;
  const x = behindImages(images)!;
  const channels = images.shape[1];
  if (begin[1] !== 0 || end[1] !== channels || step[1] !== 1) return undefined;
  const whole = end.map((last, i) => i === 1 ? x.shape[1] : last);
  return [cut(applyOp(SLICE, [x], { begin, end: whole, step })[0], 1, channels)];
});

/** Something around images, rows and columns. */
const padBeforeCut = rule(node(PAD, [CUT_IMAGES]), ({ root, images }) => {
  const { before, after, value } = root.attributes;
  if (before[1] !== 0 || after[1] !== 0 || !Number.isFinite(value)) return undefined;
  return [cut(applyOp(PAD, [behindImages(images)!], root.attributes)[0], 1, images.shape[1])];
});

/** Cutting moves towards the outputs, until it meets what fills up. */
export const sinkCuts: Readonly<Record<string, Rule>> = {
  fillOfCut,
  elementwiseBeforeCut: elementwiseBefore(imagesBehind),
  reduceBeforeCut,
  standardizeBeforeCut,
  batchNormBeforeCut,
  expandBeforeCut,
  sliceBeforeCut,
  padBeforeCut,
};

/** Filled-up images: what they were filled from. */
export function behindFill(x: LazyArray): LazyArray | undefined {
  const found = computedBy(FILL_CHANNELS, x);
  return found?.attributes.axis === 1 && x.shape.length === 4 ? found.inputs[0] : undefined;
}
