/**
 * The layout that ONNX Runtime's fastest CPU kernels compute in ("NCHWc"): channels in blocks of 8 or 16, a block's
 * values side by side, so that one vector instruction meets them all.
 *
 *   x[n, c, h, w]  lies at  [n, c / block, h, w, c % block]
 *
 * Its operators (domain `com.microsoft.nchwc`) are ONNX Runtime's own: it puts them in itself where filters are
 * constants, which they are not in training. A blocked array bears the shape [n, c, h, w] as any other; it only ever stands
 * behind {@linkcode unblocked}, so what computes element by element goes on in blocks and all else is given the plain array.
 * @module
 */
import { noFlops } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { reshape } from "../../ops/broadcast.ts";
import {
  CONCAT,
  concat,
  PAD,
  pad,
  SLICE,
  slice,
  TRANSPOSE,
  transpose,
} from "../../ops/movement.ts";
import { sameShape } from "../../shape.ts";
import { array, computedBy, node, type Pattern, type Rule, rule } from "../pattern.ts";
import { elementwiseBefore, type Relayout } from "../relayout.ts";

/** ONNX Runtime's domain of operators on blocked channels. */
export const NCHWC_DOMAIN = "com.microsoft.nchwc";

interface LayoutAttributes {
  readonly [name: string]: boolean;
  /** Whether the plain side is [n, h, w, c]. */
  readonly channelsLast: boolean;
}

/** How [n, c, h, w] becomes [n, h, w, c], and back. */
export const TO_CHANNELS_LAST = [0, 2, 3, 1];
export const TO_CHANNELS_FIRST = [0, 3, 1, 2];

/** Blocks of a plain array. */
export const BLOCK: Op<LayoutAttributes> = {
  name: "Block",
  traits: ["relayout"],
  infer: ([{ dtype, shape }], { channelsLast }) => [{
    dtype,
    shape: channelsLast ? TO_CHANNELS_FIRST.map((axis) => shape[axis]) : shape,
  }],
  flops: noFlops,
  lower: (writer, inputs, { channelsLast }) => [
    writer.node("ReorderInput", inputs, {
      domain: NCHWC_DOMAIN,
      attributes: { channels_last: channelsLast },
    }),
  ],
};

/** The plain array of blocks. */
export const UNBLOCK: Op<LayoutAttributes> = {
  name: "Unblock",
  traits: ["relayout"],
  infer: ([{ dtype, shape }], { channelsLast }) => [{
    dtype,
    shape: channelsLast ? TO_CHANNELS_LAST.map((axis) => shape[axis]) : shape,
  }],
  flops: noFlops,
  lower: (writer, inputs, { channelsLast }, { inputs: [{ shape: [, channels] }] }) => [
    writer.node("ReorderOutput", inputs, {
      domain: NCHWC_DOMAIN,
      attributes: { channels, channels_last: channelsLast },
    }),
  ],
};

/** The plain array of a blocked one. */
export function unblocked(array: LazyArray, channelsLast = false): LazyArray {
  return applyOp(UNBLOCK, [array], { channelsLast })[0];
}

/** The blocked array that a plain one was made from. */
export function behindUnblocked(
  array: LazyArray | undefined,
  channelsLast = false,
): LazyArray | undefined {
  const found = array && computedBy(UNBLOCK, array);
  return found?.attributes.channelsLast === channelsLast ? found.inputs[0] : undefined;
}

/** A pattern: the plain array of a blocked one, which fits a pattern of its own. */
export function inBlocks<P extends Pattern>(inner: P) {
  return node(UNBLOCK, [inner], { where: ({ attributes }) => !attributes.channelsLast });
}

/** A plain array [n, c, h, w] in blocks: what it was made from, else rearranged, also straight from [n, h, w, c]. */
export function blocked(plain: LazyArray): LazyArray {
  const moved = computedBy(TRANSPOSE, plain);
  const isMoved = moved && sameShape(moved.attributes.permutation, TO_CHANNELS_FIRST);
  const last = isMoved ? moved.inputs[0] : undefined;
  return behindUnblocked(plain) ?? behindUnblocked(last, true) ??
    applyOp(BLOCK, [last ?? plain], { channelsLast: last !== undefined })[0];
}

/** Blocked images [products n, c, p, q] as a row for each place: [products, n p q, c]. */
export function rowsOfPlaces(x: LazyArray, products: number): LazyArray {
  const [, c] = x.shape;
  return reshape(unblocked(x, true), [products, x.size / (products * c), c]);
}

/**
 * Plain images as a row for each channel: [products, c, n p q]. Whole images are moved: ONNX Runtime's Transpose of a row for each
 * place moves number by number, which takes it seven times as long.
 */
export function rowsOfChannels(x: LazyArray, products: number): LazyArray {
  const [images, c, p, q] = x.shape;
  const apart = reshape(x, [products, images / products, c, p * q]);
  return reshape(transpose(apart, [0, 2, 1, 3]), [products, c, x.size / (products * c)]);
}

/** Unblocking as a relayout: what computes element by element goes on in blocks. */
function blocksBehind(array: LazyArray): Relayout | undefined {
  const inner = behindUnblocked(array);
  return inner && {
    inner,
    lay: (x) => unblocked(x),
    undo: (operand) => operandInBlocks(operand, inner),
    fits: ({ dtype }) => dtype === "float32",
  };
}

/** Scalars, and numbers of whole images, meet elements in whatever order; other arrays must be of the same shape. */
function operandInBlocks(array: LazyArray, leader: LazyArray): LazyArray | undefined {
  if (array.size === 1 && array.shape.length <= leader.shape.length) return array;
  if (array.dtype !== "float32" || array.shape.length !== leader.shape.length) return undefined;
  if (array.size === array.shape[0]) return array;
  return sameShape(array.shape, leader.shape) ? blocked(array) : undefined;
}

/** f(unblocked(x), unblocked(y)) is computed in blocks. */
export const stayBlocked = elementwiseBefore(blocksBehind);

/** Blocks go to channels last in one move. */
export const unblockToChannelsLast = rule(
  node(TRANSPOSE, [inBlocks(array("inner"))], {
    where: ({ attributes }) => sameShape(attributes.permutation, TO_CHANNELS_LAST),
  }),
  ({ inner }) => [unblocked(inner, true)],
);

/** Arrays put side by side along the channels, where the seams lie between blocks. */
export function concatInBlocks(block: number): Rule {
  return rule(node(CONCAT), ({ root: { inputs, attributes } }) => {
    const suits = attributes.axis === 1 && inputs.some((x) => behindUnblocked(x)) &&
      inputs.every((x) => x.shape.length === 4 && x.shape[1] % block === 0);
    return suits ? [unblocked(concat(inputs.map(blocked), 1))] : undefined;
  });
}

/** Some images, channels of whole blocks, rows and columns. */
export function sliceInBlocks(block: number): Rule {
  return rule(node(SLICE, [inBlocks(array("inner"))]), ({ root, inner }) => {
    const { begin, end, step } = root.attributes;
    if (step[1] !== 1 || begin[1] % block !== 0 || end[1] % block !== 0) return undefined;
    const isWhole = inner.shape.slice(2).every((size, i) =>
      begin[2 + i] === 0 && end[2 + i] === size && step[2 + i] === 1
    );
    if (isWhole) return [unblocked(slice(inner, begin, end, step))];
    const part = slice(
      reshape(inner, inBlocksOf(inner.shape, block, block)),
      inBlocksOf(begin, block, 0),
      inBlocksOf(end, block, block),
      [...step, 1],
    );
    return [unblocked(withoutBlocks(part))];
  });
}

/** Something around rows and columns, more images, and channels of whole blocks. */
export function padInBlocks(block: number): Rule {
  return rule(node(PAD, [inBlocks(array("inner"))]), ({ root, inner }) => {
    const { before, after, value } = root.attributes;
    if (before[1] % block !== 0 || after[1] % block !== 0) return undefined;
    const around = [before, after].map((widths) => inBlocksOf(widths, block, 0));
    const apart = reshape(inner, inBlocksOf(inner.shape, block, block));
    const padded = pad(apart, around[0], around[1], value);
    return [unblocked(withoutBlocks(padded))];
  });
}

/** Numbers for the axes [n, c, h, w] as numbers for [n, c / block, h, w, c % block]. */
function inBlocksOf(
  [n, c, ...others]: readonly number[],
  block: number,
  last: number,
): number[] {
  return [n, c / block, ...others, last];
}

/** [n, c / block, h, w, block] seen as [n, c, h, w] again. */
function withoutBlocks(array: LazyArray): LazyArray {
  const [n, blocks, h, w, block] = array.shape;
  return reshape(array, [n, blocks * block, h, w]);
}
