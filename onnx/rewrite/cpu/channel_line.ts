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
import { HARDTANH, relu } from "../../ops/activation.ts";
import { add, mul, neg, sub } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import { type Application, array, computedBy, named, node, rule } from "../pattern.ts";
import { activationOf } from "./convolution.ts";
import { behindUnblocked, blocked, inBlocks, NCHWC_DOMAIN, unblocked } from "./layout.ts";

interface LineAttributes extends Attributes {
  /** Which of the inputs behind the first there are: 1 or 0. */
  readonly scaled: number;
  readonly shifted: number;
  readonly added: number;
  readonly relu: number;
  /** With relu, what larger results become; Infinity if they stay. */
  readonly ceiling: number;
}

/** Inputs: blocked array [n, c, h, w], then of scale [c], shift [c] and another blocked array those that there are. */
export const LINE: Op<LineAttributes> = {
  name: "ChannelLine",
  infer: ([{ dtype, shape }]) => [{ dtype, shape }],
  flops: (_, [y], { scaled, shifted, added, relu }) =>
    sizeOf(y.shape) * (scaled + shifted + added + relu),
  lower: (writer, [x, ...rest], attributes, { inputs: [{ shape }] }) => {
    const { scaled, shifted, added, relu, ceiling } = attributes;
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
          ...activationOf({ relu, ceiling }),
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
  /** With relu, what larger results become; they stay unless given. */
  readonly ceiling?: number;
}

/** The parts of a blocked array that is a line. */
export function lineBehind(array: LazyArray): Line | undefined {
  const found = computedBy(LINE, array);
  return found && partsOf(found);
}

/** The parts of a line. */
export function partsOf({ inputs: [x, ...rest], attributes }: Application<LineAttributes>): Line {
  const { scaled, shifted, added, relu, ceiling } = attributes;
  return {
    x,
    scale: scaled ? rest.shift() : undefined,
    shift: shifted ? rest.shift() : undefined,
    other: added ? rest.shift() : undefined,
    relu: relu === 1,
    ceiling,
  };
}

/** A line, as short as can be; of what is a line already, one line. */
export function line({ x, scale, shift, other, relu, ceiling = Infinity }: Line): LazyArray {
  const inner = lineBehind(x);
  if (inner?.scale && !inner.other && !inner.relu) {
    const moved = inner.shift && (scale ? mul(inner.shift, scale) : inner.shift);
    return line({
      x: inner.x,
      scale: scale ? mul(inner.scale, scale) : inner.scale,
      shift: sumOf(moved, shift),
      other,
      relu,
      ceiling,
    });
  }
  const inputs = [x, scale, shift, other].filter((part) => part !== undefined);
  if (inputs.length === 1 && !relu) return x;
  return applyOp(LINE, inputs, {
    scaled: scale ? 1 : 0,
    shifted: shift ? 1 : 0,
    added: other ? 1 : 0,
    relu: relu ? 1 : 0,
    ceiling,
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

/** A blocked array and a plain one, which holds one number a channel. */
const WITH_NUMBERS = [
  inBlocks(array("x")),
  array("number", (other) => !behindUnblocked(other)),
] as const;

/** Sums of a blocked array and one number a channel. */
export const shiftByChannel = rule(node(add.op, WITH_NUMBERS), ({ x, number }) => {
  const shift = perChannel(number, x.shape);
  return shift && [unblocked(line({ x, shift }))];
});

/** Differences, that way round and the other. */
export const shiftBack = rule(node(sub.op, WITH_NUMBERS), ({ x, number }) => {
  const values = perChannel(number, x.shape);
  return values && [unblocked(line({ x, shift: neg(values) }))];
});
export const shiftFrom = rule(
  node(sub.op, [WITH_NUMBERS[1], WITH_NUMBERS[0]]),
  ({ x, number }) => {
    const shift = perChannel(number, x.shape);
    return shift && [unblocked(line({ x, scale: everywhere(-1, shift), shift }))];
  },
);

/** Products of a blocked array and one number a channel, or one number an image and channel. */
export const scaleByChannel = rule(node(mul.op, WITH_NUMBERS), ({ x, number }) => {
  const scale = perChannel(number, x.shape);
  return scale ? [unblocked(line({ x, scale }))] : perImage(x, number);
});

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

/** Sums and differences of a line and another blocked array: the line adds it. */
export const lineOfSum = rule(
  node([add.op, sub.op], [array("a"), array("b")]),
  ({ root: { op }, a, b }) => {
    if (!sameShape(a.shape, b.shape)) return undefined;
    const [left, right] = [behindUnblocked(a), behindUnblocked(b)];
    const [first, second] = [left && openLine(left), right && openLine(right)];
    const isSum = op === add.op;
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
  },
);

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

/** Relu of a line that nothing else reads. */
export const reluIntoLine = rule(
  node(relu.op, [named("whole", inBlocks(array("inner")))]),
  ({ whole, inner }, uses) => {
    const parts = uses(whole.array) === 1 ? lineBehind(inner) : undefined;
    return parts && [unblocked(line({ ...parts, relu: true }))];
  },
);

/** Relu with a bound above of such a line. */
export const clipIntoLine = rule(
  node(HARDTANH, [named("whole", inBlocks(array("inner")))], {
    where: ({ attributes: { low } }) => low === 0,
  }),
  ({ root: { attributes: { high } }, whole, inner }, uses) => {
    const parts = uses(whole.array) === 1 ? lineBehind(inner) : undefined;
    return parts && !parts.relu
      ? [unblocked(line({ ...parts, relu: true, ceiling: high }))]
      : undefined;
  },
);

/** Products of a blocked array and a scaled one: what is scaled is the product, which sums then pass by. */
export const scaleBehindProduct = rule(
  node(mul.op, [inBlocks(array("left")), inBlocks(array("right"))]),
  ({ left, right }) => {
    if (!sameShape(left.shape, right.shape)) return undefined;
    const [first, second] = [factorsOf(left), factorsOf(right)];
    if (!first.scale && !second.scale) return undefined;
    const scale = first.scale && second.scale
      ? mul(first.scale, second.scale)
      : first.scale ?? second.scale;
    return [unblocked(line({ x: mul(first.x, second.x), scale }))];
  },
);

/** A blocked array as one number a channel times another array. */
function factorsOf(array: LazyArray): Pick<Line, "x" | "scale"> {
  const parts = openLine(array);
  return parts?.scale && !parts.shift ? { x: parts.x, scale: parts.scale } : { x: array };
}
