/**
 * Which ops compute each image of a batch by itself: from what lies in memory of an image's inputs, what lies there of its outputs.
 * The first axis counts images, or parts of them in order (n c / block).
 * @module
 */
import type { GraphNode } from "../../lazy_array.ts";
import { type ArrayType, type Attributes, hasTrait, type Op } from "../../op.ts";
import { RESHAPE } from "../../ops/broadcast.ts";
import { CONCAT, PAD, SLICE, TRANSPOSE } from "../../ops/movement.ts";
import { STANDARDIZE } from "../../ops/normalization.ts";
import { BLOCKED_MAX_POOL } from "./blocked_max_pool.ts";
import { LINE } from "./channel_line.ts";
import { BLOCKED_CONV } from "./convolution.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { BLOCK, UNBLOCK } from "./layout.ts";
import { CUT_BLOCKS, FILL_BLOCKS } from "./filled_blocks.ts";
import { CUT_CHANNELS, FILL_CHANNELS } from "./filled_channels.ts";
import { REPEAT_ELEMENTS } from "./repeated_elements.ts";
import { SHIFT } from "./shift.ts";

/** How a node computes some of the images. */
export interface ImageWise {
  /** Its attributes then. */
  readonly attributes: Attributes;
  /** Which inputs hold images; the others are read whole. */
  readonly ofImages: readonly boolean[];
}

/** Undefined if a node looks at several images. Attributes stay, and all inputs hold images, unless given. */
type ImageRule = (
  node: GraphNode,
  /** A dimension, of some of the images. */
  ofPart: (dimension: number) => number,
) => Partial<ImageWise> | undefined;

type Lists = Readonly<Record<string, readonly number[]>>;

const always: ImageRule = () => ({});
const unlessAlongFirst: ImageRule = ({ attributes: { axis } }) => axis === 0 ? undefined : {};
const unlessOverFirst: ImageRule = ({ attributes }) =>
  (attributes as Lists).axes.includes(0) ? undefined : {};

/** What has as many images as the result, and what is the same for all of them. */
const elementwise: ImageRule = ({ inputs, outputs: [{ shape }] }) => ({
  ofImages: inputs.map((x) => x.shape.length === shape.length && x.shape[0] === shape[0]),
});

/** Images, and maybe others that are added to the result; between them what is the same for all images. */
const withAdded: ImageRule = ({ inputs, attributes: { added } }) => ({
  ofImages: inputs.map((_, i) => i === 0 || (added === 1 && i === inputs.length - 1)),
});

/** Filters of several channels are so large that they are better read once for all images. */
const channelByChannel: ImageRule = (node, ofPart) =>
  node.attributes.groups === node.inputs[0].shape[1] ? withAdded(node, ofPart) : undefined;

const reshaped: ImageRule = ({ attributes }, ofPart) => {
  const [first, ...others] = (attributes as Lists).shape;
  return { attributes: { shape: [ofPart(first), ...others] } };
};

const sliced: ImageRule = ({ inputs: [{ shape: [all] }], attributes }, ofPart) => {
  const { begin, end, step } = attributes as Lists;
  if (begin[0] !== 0 || end[0] !== all || step[0] !== 1) return undefined;
  return { attributes: { begin, end: [ofPart(all), ...end.slice(1)], step } };
};

const padded: ImageRule = ({ attributes }) => {
  const { before, after } = attributes as Lists;
  return before[0] === 0 && after[0] === 0 ? {} : undefined;
};

const transposed: ImageRule = ({ attributes }) =>
  (attributes as Lists).permutation[0] === 0 ? {} : undefined;

const RULES = new Map<unknown, ImageRule>([
  [BLOCK, always],
  [UNBLOCK, always],
  [FILL_BLOCKS, always],
  [CUT_BLOCKS, always],
  [FILL_CHANNELS, unlessAlongFirst],
  [CUT_CHANNELS, unlessAlongFirst],
  [SHIFT, always],
  [BLOCKED_MAX_POOL, always],
  [JOIN_PHASES, always],
  [REPEAT_ELEMENTS, always],
  [LINE, withAdded],
  [BLOCKED_CONV, channelByChannel],
  [RESHAPE, reshaped],
  [TRANSPOSE, transposed],
  [SLICE, sliced],
  [PAD, padded],
  [CONCAT, unlessAlongFirst],
  [STANDARDIZE, unlessOverFirst],
]);

function ruleOf(op: Op): ImageRule | undefined {
  if (hasTrait(op, "elementwise")) return elementwise;
  return hasTrait(op, "reduction") ? unlessOverFirst : RULES.get(op);
}

/**
 * How a node computes a part of its images, of which there are `parts` equal ones.
 *
 * @returns undefined if it does not compute each of so many images by itself
 */
export function imageWise(node: GraphNode, images: number, parts: number): ImageWise | undefined {
  // Results of bfloat16 are rounded as they are written, which is not done twice.
  const isOfImages = ({ dtype, shape }: ArrayType) =>
    shape.length > 1 && shape[0] % images === 0 && dtype !== "bfloat16";
  if (!node.outputs.every(isOfImages)) return undefined;
  const found = ruleOf(node.op)?.(node, (dimension) => dimension / parts);
  if (!found) return undefined;
  const { attributes = node.attributes, ofImages = node.inputs.map(() => true) } = found;
  const read = node.inputs.filter((_, i) => ofImages[i]);
  return read.length > 0 && read.every(isOfImages) ? { attributes, ofImages } : undefined;
}
