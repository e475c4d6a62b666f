/**
 * Elements around a tensor.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";

/** What elements around a tensor are: one value, the tensor mirrored, its edge, or its other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /** "constant" unless given. */
  readonly mode?: PadMode;
  /** The value for mode "constant", 0 unless given. */
  readonly value?: number;
}

/** Padding of one axis. */
interface AxisPadding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

const PAD = signature("pad", ["input", tensorKind], ["pad", kinds.integers], [
  "mode",
  kinds.oneOf("constant", "reflect", "replicate", "circular"),
  undefined,
], ["value", kinds.number, undefined]);

/**
 * Puts elements around a tensor, or (negative numbers) cuts some off.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 *
 * @param pad how many before and after the last axis, then the last but one, ...
 * @throws {Error} if there are more values than axes, or mode "reflect" or "circular" asks for more than there is.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const row = torch.tensor([1, 2, 3]);
 * torch.nn.functional.pad(row, [2, 1], { mode: "reflect" }); // 3 2 1 2 3 2
 * ```
 */
export function pad(
  ...given: Call<typeof PAD, PadOptions, [input: Tensor, pad: readonly number[]]>
): Tensor {
  const { input, pad, mode = "constant", value = 0 } = PAD.read(given);
  const axes = axesOf(input, pad);
  if (mode !== "constant") axes.forEach((axis) => checkFits(input, axis, mode));
  return apply("Pad", [input], ([x]) => {
    if (mode === "constant") return padConstant(crop(x, axes), axes, value);
    if (mode === "circular") return axes.reduce(wrapAxis, crop(x, axes));
    return axes.reduce((result, axis) => extendAxis(result, axis, mode), x);
  });
}

function axesOf(input: Tensor, padding: readonly number[]): AxisPadding[] {
  const whole = padding.every(Number.isInteger);
  if (!whole || padding.length % 2 !== 0 || padding.length > 2 * input.ndim) {
    throw new Error(
      `Padding length should be an even number of integers, at most two for each dimension, got ` +
        `${showShape(padding)} for input of size ${showShape(input.shape)}`,
    );
  }
  return Array.from({ length: padding.length / 2 }, (_, i) => ({
    axis: input.ndim - 1 - i,
    before: padding[2 * i],
    after: padding[2 * i + 1],
  }));
}

function checkFits(input: Tensor, { axis, before, after }: AxisPadding, mode: PadMode): void {
  const dimension = input.shape[axis];
  const size = dimension + before + after;
  const least = mode === "circular" ? 0 : 1;
  if (size < least || Math.min(before, after) < -dimension && mode === "circular") {
    throw new Error(
      `Padding (${before}, ${after}) leaves ${size} of dimension ${axis} of input ${
        showShape(input.shape)
      }, expected at least ${least}, and no end to lose more than there is`,
    );
  }
  const most = mode === "reflect" ? dimension - 1 : mode === "circular" ? dimension : Infinity;
  if (dimension > 0 && Math.max(before, after) <= most) return;
  const rule = mode === "circular"
    ? "Padding value causes wrapping around more than once"
    : "Padding size should be less than the corresponding input dimension";
  throw new Error(
    `${rule}, but got: padding (${before}, ${after}) at dimension ${axis} of input ${
      showShape(input.shape)
    }`,
  );
}

function crop(x: LazyArray, axes: readonly AxisPadding[]): LazyArray {
  const begin = x.shape.map(() => 0);
  const end = [...x.shape];
  for (const { axis, before, after } of axes) {
    begin[axis] = Math.max(0, -before);
    end[axis] = x.shape[axis] - Math.max(0, -after);
  }
  return ops.slice(x, begin, end);
}

function padConstant(x: LazyArray, axes: readonly AxisPadding[], value: number): LazyArray {
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  for (const own of axes) {
    before[own.axis] = Math.max(0, own.before);
    after[own.axis] = Math.max(0, own.after);
  }
  return ops.pad(x, before, after, value);
}

/** Part of an axis. */
function runOf(x: LazyArray, axis: number) {
  return (begin: number, end: number) =>
    ops.slice(
      x,
      x.shape.map((_, i) => i === axis ? begin : 0),
      x.shape.map((n, i) => i === axis ? end : n),
    );
}

/** The other end on each side, of what negative padding left. */
function wrapAxis(x: LazyArray, { axis, before, after }: AxisPadding): LazyArray {
  const dimension = x.shape[axis];
  const [first, last] = [Math.max(0, before), Math.max(0, after)];
  if (first === 0 && last === 0) return x;
  if (Math.max(first, last) > dimension) {
    throw new Error(
      `Padding value causes wrapping around more than once, but got: padding (${before}, ${after}) at dimension ${axis}, of which ${dimension} are left`,
    );
  }
  const run = runOf(x, axis);
  const pieces = [run(dimension - first, dimension), x, run(0, last)];
  return ops.concat(pieces.filter((piece) => piece.shape[axis] > 0), axis);
}

/** Mirrored elements, or the last one again, on each side. Negative padding moves the sides inwards, not the mirror. */
function extendAxis(
  x: LazyArray,
  { axis, before, after }: AxisPadding,
  mode: PadMode,
): LazyArray {
  const dimension = x.shape[axis];
  const run = runOf(x, axis);
  /** The element that stands at a position outside. */
  const single = (position: number) => {
    const mirrored = position < 0 ? -position : 2 * (dimension - 1) - position;
    const clipped = Math.min(Math.max(position, 0), dimension - 1);
    const inside = mode === "replicate" ? clipped : mirrored;
    return run(inside, inside + 1);
  };
  const singles = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => single(from + i));
  const [begin, end] = [-before, dimension + after];
  const [first, last] = [Math.max(begin, 0), Math.min(end, dimension)];
  const pieces = [
    ...singles(begin, Math.min(end, 0)),
    ...(first < last ? [run(first, last)] : []),
    ...singles(Math.max(begin, dimension), end),
  ];
  return ops.concat(pieces, axis);
}
