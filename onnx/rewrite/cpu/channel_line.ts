/**
 * What batch norm does to blocked channels, forward and back: every channel times a number, plus a number, plus another
 * array, negative results cut off. ONNX Runtime does all of it in one pass, as a convolution of each channel by itself with
 * a filter of one element:
 *
 *   line(x) = act(x scale[c] + shift[c] + other)
 *
 * Lines of lines are one line, except where a mere shift was meant to come first: x - mean is computed before it is scaled,
 * else digits cancel where the mean is much larger than the deviation.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { constant } from "../../lazy_array.ts";
import { applyOp, type Attributes, type Op } from "../../op.ts";
import { add, mul, neg } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import type { LocalRule, RewriteRule } from "../apply_rules.ts";
import { behindUnblocked, blocked, NCHWC_DOMAIN, unblocked } from "./layout.ts";

interface LineAttributes extends Attributes {
  /** Which of the inputs behind the first there are: 1 or 0. */
  readonly scaled: number;
  readonly shifted: number;
  readonly added: number;
  readonly relu: number;
}

/** Inputs: blocked array [n, c, h, w], then of scale [c], shift [c] and another blocked array those that there are. */
const LINE: Op<LineAttributes> = {
  name: "ChannelLine",
  infer: ([{ dtype, shape }]) => [{ dtype, shape }],
  flops: (_, [y], { scaled, shifted, added, relu }) =>
    sizeOf(y.shape) * (scaled + shifted + added + relu),
  lower: (writer, [x, ...rest], { scaled, shifted, added, relu }, { inputs: [{ shape }] }) => {
    const c = shape[1];
    const scale = scaled
      ? writer.node("Reshape", [rest.shift()!, writer.int64s([c, 1, 1, 1])])
      : writer.constant(new Array<number>(c).fill(1), "float32", [c, 1, 1, 1]);
    const shift = shifted ? [rest.shift()!] : added ? [""] : [];
    return [
      writer.node("Conv", [x, scale, ...shift, ...(added ? [rest.shift()!] : [])], {
        domain: NCHWC_DOMAIN,
        attributes: {
          strides: [1, 1],
          pads: [0, 0, 0, 0],
          dilations: [1, 1],
          kernel_shape: [1, 1],
          group: c,
          activation: relu ? "Relu" : undefined,
        },
      }),
    ];
  },
};

/** A line taken apart. */
export interface Line {
  /** Blocked. */
  readonly x: LazyArray;
  /** One number a channel, [c]. */
  readonly scale?: LazyArray;
  readonly shift?: LazyArray;
  /** Blocked. */
  readonly other?: LazyArray;
  readonly relu?: boolean;
}

/** The parts of a blocked array that is a line. */
export function lineBehind(array: LazyArray): Line | undefined {
  const { node } = array;
  if (node?.op.name !== LINE.name) return undefined;
  const { scaled, shifted, added, relu } = node.attributes as LineAttributes;
  const [x, ...rest] = node.inputs;
  return {
    x,
    scale: scaled ? rest.shift() : undefined,
    shift: shifted ? rest.shift() : undefined,
    other: added ? rest.shift() : undefined,
    relu: relu === 1,
  };
}

/** A line, as short as can be; of what is a line already, one line. */
export function line({ x, scale, shift, other, relu }: Line): LazyArray {
  const inner = lineBehind(x);
  if (inner?.scale && !inner.other && !inner.relu) {
    const moved = inner.shift && (scale ? mul(inner.shift, scale) : inner.shift);
    return line({
      x: inner.x,
      scale: scale ? mul(inner.scale, scale) : inner.scale,
      shift: sumOf(moved, shift),
      other,
      relu,
    });
  }
  const inputs = [x, scale, shift, other].filter((part) => part !== undefined);
  if (inputs.length === 1 && !relu) return x;
  return applyOp(LINE, inputs, {
    scaled: scale ? 1 : 0,
    shifted: shift ? 1 : 0,
    added: other ? 1 : 0,
    relu: relu ? 1 : 0,
  })[0];
}

function sumOf(a: LazyArray | undefined, b: LazyArray | undefined): LazyArray | undefined {
  return a && b ? add(a, b) : a ?? b;
}

/** An array with one number for each channel of [n, c, h, w], as [c]. */
export function perChannel(array: LazyArray, [, c]: readonly number[]): LazyArray | undefined {
  const { shape, size, dtype } = array;
  const fits = dtype === "float32" && size === c && c > 1 && shape.length <= 4 &&
    shape.at(-3) === c;
  return fits ? reshape(array, [c]) : undefined;
}

/** Rewrites sums and products of a blocked array and one number a channel, or one number an image and channel. */
export const channelLine: LocalRule = (op, [a, b]) => {
  if (op.name !== "Add" && op.name !== "Sub" && op.name !== "Mul") return undefined;
  const [left, right] = [behindUnblocked(a), behindUnblocked(b)];
  if (!left === !right) return undefined;
  const x = (left ?? right)!;
  const number = left ? b : a;
  const values = perChannel(number, x.shape);
  if (!values) return op.name === "Mul" ? perImage(x, number) : undefined;
  if (op.name === "Mul") return [unblocked(line({ x, scale: values }))];
  if (op.name === "Add") return [unblocked(line({ x, shift: values }))];
  if (left) return [unblocked(line({ x, shift: neg(values) }))];
  return [unblocked(line({ x, scale: everywhere(-1, values), shift: values }))];
};

function everywhere(value: number, { shape: [c] }: LazyArray): LazyArray {
  return constant(new Array<number>(c).fill(value));
}

/** Numbers [n, c, 1, 1] are numbers of n c channels of one image. */
function perImage(x: LazyArray, number: LazyArray): LazyArray[] | undefined {
  const [n, c, h, w] = x.shape;
  if (number.dtype !== "float32" || !sameShape(number.shape, [n, c, 1, 1])) return undefined;
  const single = reshape(x, [1, n * c, h, w]);
  const result = line({ x: single, scale: reshape(number, [n * c]) });
  return [unblocked(reshape(result, x.shape))];
}

/** Rewrites sums and differences of a line and another blocked array: the line adds it. */
export const lineOfSum: LocalRule = (op, [a, b]) => {
  if (op.name !== "Add" && op.name !== "Sub") return undefined;
  if (!sameShape(a.shape, b.shape)) return undefined;
  const [left, right] = [behindUnblocked(a), behindUnblocked(b)];
  const [first, second] = [left && openLine(left), right && openLine(right)];
  const isSum = op.name === "Add";
  if (first && second) {
    const sign = isSum ? second : negative(second);
    const other = sign.scale || !isSum ? line({ x: sign.x, scale: sign.scale }) : sign.x;
    return [unblocked(line({ ...first, shift: sumOf(first.shift, sign.shift), other }))];
  }
  if (first && isSum) return [unblocked(line({ ...first, other: blocked(b) }))];
  if (second) {
    return [unblocked(line({ ...(isSum ? second : negative(second)), other: blocked(a) }))];
  }
  return undefined;
};

/** A line that nothing is added to yet. */
function openLine(array: LazyArray): Line | undefined {
  const parts = lineBehind(array);
  return parts && !parts.other && !parts.relu ? parts : undefined;
}

function negative({ x, scale, shift }: Line): Line {
  const c = x.shape[1];
  return {
    x,
    scale: scale ? neg(scale) : constant(new Array<number>(c).fill(-1)),
    shift: shift && neg(shift),
  };
}

/** Rewrites relu of a line that nothing else reads. */
export const reluIntoLine: RewriteRule = (op, [x], _, { original, readers }) => {
  const inner = behindUnblocked(x);
  const parts = op.name === "Relu" && inner ? lineBehind(inner) : undefined;
  if (!parts || readers(original.inputs[0]) !== 1) return undefined;
  return [unblocked(line({ ...parts, relu: true }))];
};

/** Rewrites products of a blocked array and a scaled one: what is scaled is the product, which sums then pass by. */
export const scaleBehindProduct: LocalRule = (op, [a, b]) => {
  if (op.name !== "Mul" || !sameShape(a.shape, b.shape)) return undefined;
  const [left, right] = [behindUnblocked(a), behindUnblocked(b)];
  if (!left || !right) return undefined;
  const [first, second] = [factorsOf(left), factorsOf(right)];
  if (!first.scale && !second.scale) return undefined;
  const scale = first.scale && second.scale
    ? mul(first.scale, second.scale)
    : first.scale ?? second.scale;
  return [unblocked(line({ x: mul(first.x, second.x), scale }))];
};

/** A blocked array as one number a channel times another array. */
function factorsOf(array: LazyArray): Pick<Line, "x" | "scale"> {
  const parts = openLine(array);
  return parts?.scale && !parts.shift ? { x: parts.x, scale: parts.scale } : { x: array };
}
