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
import { applyOp, type Attributes, type Op } from "../../op.ts";
import { BINARY_OPS, UNARY_OPS } from "../../ops/elementwise.ts";
import { CONCAT, concat, SLICE, slice, TRANSPOSE } from "../../ops/movement.ts";
import { sameShape } from "../../shape.ts";
import type { LocalRule } from "../apply_rules.ts";

/** ONNX Runtime's domain of operators on blocked channels. */
export const NCHWC_DOMAIN = "com.microsoft.nchwc";

interface LayoutAttributes {
  readonly [name: string]: boolean;
  /** Whether the plain side is [n, h, w, c]. */
  readonly channelsLast: boolean;
}

const TO_CHANNELS_LAST = [0, 2, 3, 1];
const TO_CHANNELS_FIRST = [0, 3, 1, 2];

const BLOCK: Op<LayoutAttributes> = {
  name: "Block",
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

const UNBLOCK: Op<LayoutAttributes> = {
  name: "Unblock",
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
  const node = array?.node;
  const fits = node?.op.name === UNBLOCK.name && node.attributes.channelsLast === channelsLast;
  return fits ? node.inputs[0] : undefined;
}

/** A plain array [n, c, h, w] in blocks: what it was made from, else rearranged, also straight from [n, h, w, c]. */
export function blocked(array: LazyArray): LazyArray {
  const last = isTransposed(array, TO_CHANNELS_FIRST) ? array.node!.inputs[0] : undefined;
  return behindUnblocked(array) ?? behindUnblocked(last, true) ??
    applyOp(BLOCK, [last ?? array], { channelsLast: last !== undefined })[0];
}

function isTransposed(array: LazyArray, order: readonly number[]): boolean {
  const { node } = array;
  return node?.op.name === TRANSPOSE.name && isOrder(node.attributes, order);
}

function isOrder(attributes: Attributes, order: readonly number[]): boolean {
  return sameShape(attributes.permutation as readonly number[], order);
}

/** f(unblocked(x)) and f(unblocked(x), unblocked(y)) are computed in blocks; so are the transposes to channels last. */
export const stayBlocked: LocalRule = (op, inputs, attributes) => {
  if (op.name === TRANSPOSE.name) {
    const inner = behindUnblocked(inputs[0]);
    return inner && isOrder(attributes, TO_CHANNELS_LAST) ? [unblocked(inner, true)] : undefined;
  }
  const isElementwise = UNARY_OPS.has(op.name) || BINARY_OPS.has(op.name);
  const leader = inputs.find((input) => behindUnblocked(input));
  if (!isElementwise || !leader) return undefined;
  const operands = inputs.map((input) => operandInBlocks(input, leader));
  if (operands.includes(undefined)) return undefined;
  const [result] = applyOp(op, operands as LazyArray[], attributes);
  return result.dtype === "float32" ? [unblocked(result)] : undefined;
};

/** Scalars, and numbers of whole images, meet elements in whatever order; other arrays must be of the same shape. */
function operandInBlocks(array: LazyArray, leader: LazyArray): LazyArray | undefined {
  if (array.size === 1 && array.shape.length <= leader.shape.length) return array;
  if (array.dtype !== "float32" || array.shape.length !== leader.shape.length) return undefined;
  if (array.size === array.shape[0]) return array;
  return sameShape(array.shape, leader.shape) ? blocked(array) : undefined;
}

/** Arrays put side by side along the channels, and parts of them, where the seams lie between blocks. */
export function channelsInBlocks(block: number): LocalRule {
  return (op, inputs, attributes) => {
    if (op.name === CONCAT.name) {
      const suits = attributes.axis === 1 && inputs.some((x) => behindUnblocked(x)) &&
        inputs.every((x) => x.shape.length === 4 && x.shape[1] % block === 0);
      return suits ? [unblocked(concat(inputs.map(blocked), 1))] : undefined;
    }
    const inner = behindUnblocked(inputs[0]);
    if (op.name !== SLICE.name || !inner) return undefined;
    const [begin, end, step] = ["begin", "end", "step"].map((name) =>
      attributes[name] as readonly number[]
    );
    const isWhole = inner.shape.every((size, i) =>
      step[i] === 1 &&
      (i === 1
        ? begin[i] % block === 0 && end[i] % block === 0
        : i === 0 || (begin[i] === 0 && end[i] === size))
    );
    return isWhole ? [unblocked(slice(inner, begin, end))] : undefined;
  };
}
