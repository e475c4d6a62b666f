/**
 * Ops that move elements without computing: transpose, slice, concatenate, pad, tile.
 * @module
 */
import { createStorage, type TypedArray } from "../dtype.ts";
import { noFlops } from "../flops.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type HostArray, type Op } from "../op.ts";
import { normalizeAxis, type Shape, showShape, sizeOf, stridesOf } from "../shape.ts";
import { reshape, sum } from "./broadcast.ts";

interface PermutationAttribute {
  readonly [name: string]: readonly number[];
  readonly permutation: readonly number[];
}

/** Transpose. */
export const TRANSPOSE: Op<PermutationAttribute> = {
  name: "Transpose",
  traits: ["relayout"],
  infer: (
    [x],
    { permutation },
  ) => [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]) }],
  flops: noFlops,
  lower: (writer, [x], { permutation }) => [
    writer.node("Transpose", [x], { attributes: { perm: permutation } }),
  ],
  host: ([x], { permutation }, output) => {
    const strides = stridesOf(x.shape);
    return copyStrided(x, output.shape, permutation.map((axis) => strides[axis]), 0);
  },
  gradient: (
    { attributes, upstream: [dy] },
  ) => [transpose(dy!, inversePermutation(attributes.permutation))],
};

/** Axes in another order: axis i of the result is axis `permutation[i]` of x. All reversed unless given. */
export function transpose(x: LazyArray, permutation?: readonly number[]): LazyArray {
  const rank = x.shape.length;
  const order = (permutation ?? x.shape.map((_, i) => rank - 1 - i)).map((a) =>
    normalizeAxis("transpose", a, rank)
  );
  if (order.length !== rank || new Set(order).size !== rank) {
    failShape("transpose", `[${order}] is no order of the ${rank} axes of ${showShape(x.shape)}`);
  }
  return order.every((axis, i) => axis === i)
    ? x
    : applyOp(TRANSPOSE, [x], { permutation: order })[0];
}

/** The order that undoes an order. */
export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => inverse[axis] = i);
  return inverse;
}

/** Copies elements that lie at regular distances; whole runs at once where the last axis is dense. */
export function copyStrided(
  x: Pick<HostArray, "dtype" | "data">,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): TypedArray {
  const out = createStorage(x.dtype, sizeOf(shape));
  if (out.length === 0) return out;
  const source = x.data;
  const dense = denseTail(shape, strides);
  const run = sizeOf(shape.slice(dense));
  const outer = shape.slice(0, dense);
  const index = new Array<number>(outer.length).fill(0);
  let from = offset;
  for (let to = 0; to < out.length; to += run) {
    if (run === 1) out[to] = source[from];
    else out.set(source.subarray(from, from + run) as never, to);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < outer[axis]) break;
      from -= strides[axis] * outer[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/** From which axis on the elements lie side by side. */
function denseTail(shape: Shape, strides: readonly number[]): number {
  let axis = shape.length;
  for (let expected = 1; axis > 0; axis--) {
    if (strides[axis - 1] !== expected) break;
    expected *= shape[axis - 1];
  }
  return axis;
}

interface SliceAttributes {
  readonly [name: string]: readonly number[];
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly step: readonly number[];
}

export const SLICE: Op<SliceAttributes> = {
  name: "Slice",
  traits: ["each axis"],
  movesMemory: true,
  infer: ([x], { begin, end, step }) => [{
    dtype: x.dtype,
    shape: x.shape.map((_, i) => Math.max(0, Math.ceil((end[i] - begin[i]) / step[i]))),
  }],
  flops: noFlops,
  lower: (writer, [x], { begin, end, step }, { inputs: [type] }) => {
    const axes = begin.flatMap((b, i) =>
      b !== 0 || end[i] !== type.shape[i] || step[i] !== 1 ? [i] : []
    );
    const pick = (list: readonly number[]) => writer.int64s(axes.map((axis) => list[axis]));
    return [writer.node("Slice", [x, pick(begin), pick(end), writer.int64s(axes), pick(step)])];
  },
  host: ([x], { begin, step }, output) => {
    const strides = stridesOf(x.shape);
    const offset = begin.reduce((n, b, i) => n + b * strides[i], 0);
    return copyStrided(x, output.shape, strides.map((s, i) => s * step[i]), offset);
  },
  gradient: ({ inputs: [x], attributes: { begin, end, step }, upstream: [dy] }) => {
    if (step.some((s) => s !== 1)) return [dilate(dy!, x.shape, begin, step)];
    return [pad(dy!, begin, x.shape.map((dimension, i) => dimension - Math.max(begin[i], end[i])))];
  },
};

interface DilateAttributes {
  readonly [name: string]: readonly number[];
  readonly shape: Shape;
  readonly begin: readonly number[];
  readonly step: readonly number[];
}

/** The op of {@linkcode dilate}. */
export const DILATE: Op<DilateAttributes> = {
  name: "Dilate",
  traits: ["each axis"],
  infer: ([x], { shape, begin, step }) => {
    const fits = x.shape.every((size, i) =>
      size === 0 || begin[i] + (size - 1) * step[i] < shape[i]
    );
    if (!fits) {
      failShape(
        "dilate",
        `${showShape(x.shape)} from [${begin}] on by [${step}] reaches over ${showShape(shape)}`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  flops: noFlops,
  lower: (writer, [x], { shape, begin, step }, { inputs: [type] }) => {
    const seen = (name: string, as: Shape) => writer.node("Reshape", [name, writer.int64s(as)]);
    const zeros = (name: string, before: readonly number[], after: readonly number[]) =>
      [...before, ...after].every((n) => n === 0)
        ? name
        : writer.node("Pad", [name, writer.int64s([...before, ...after]), zero]);
    const zero = writer.scalar(0, type.dtype);
    const none = type.shape.map(() => 0);
    const apart = seen(x, type.shape.flatMap((size) => [size, 1]));
    const spread = zeros(apart, [...none, ...none], step.flatMap((s) => [0, s - 1]));
    const dilated = type.shape.map((size, i) => size * step[i]);
    // The zeros behind the last element may reach over the end.
    const kept = dilated.map((size, i) => Math.min(size, shape[i] - begin[i]));
    const whole = seen(spread, dilated);
    const cut = kept.every((size, i) => size === dilated[i])
      ? whole
      : writer.node("Slice", [whole, writer.int64s(none), writer.int64s(kept)]);
    return [zeros(cut, begin, kept.map((size, i) => shape[i] - begin[i] - size))];
  },
  gradient: ({ inputs: [x], attributes: { begin, step }, upstream: [dy] }) => [
    slice(dy!, begin, x.shape.map((size, i) => endOf(begin[i], step[i], size)), step),
  ],
};

/** Where a slice of so many elements ends, which lie `step` apart. */
export function endOf(begin: number, step: number, size: number): number {
  return size === 0 ? begin : begin + (size - 1) * step + 1;
}

/** Every `step`-th element of zeros of some shape, from `begin` on: the gradient of slicing in steps. */
export function dilate(
  dy: LazyArray,
  shape: Shape,
  begin: readonly number[],
  step: readonly number[],
): LazyArray {
  return applyOp(DILATE, [dy], { shape, begin, step })[0];
}

/**
 * The block from `begin` up to, not including, `end` of every axis, every `step`-th element (positive).
 *
 * @throws {ShapeError} if the block does not lie inside x.
 */
export function slice(
  x: LazyArray,
  begin: readonly number[],
  end: readonly number[],
  step: readonly number[] = begin.map(() => 1),
): LazyArray {
  const inside = begin.length === x.shape.length && end.length === x.shape.length &&
    begin.every((b, i) => b >= 0 && b <= end[i] && end[i] <= x.shape[i] && step[i] >= 1);
  if (!inside) {
    failShape("slice", `[${begin}] to [${end}] by [${step}] lies outside ${showShape(x.shape)}`);
  }
  if (begin.every((b, i) => b === 0 && end[i] === x.shape[i] && step[i] === 1)) return x;
  return applyOp(SLICE, [x], { begin, end, step })[0];
}

interface AxisAttribute {
  readonly [name: string]: number;
  readonly axis: number;
}

export const CONCAT: Op<AxisAttribute> = {
  name: "Concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const x of inputs) {
      const fits = x.dtype === first.dtype && x.shape.length === first.shape.length &&
        x.shape.every((dimension, i) => i === axis || dimension === first.shape[i]);
      if (!fits) {
        failShape(
          "concat",
          `${x.dtype}${showShape(x.shape)} does not fit ${first.dtype}${showShape(first.shape)}, ` +
            `expected the same type and dimensions but for axis ${axis}`,
        );
      }
    }
    const total = inputs.reduce((n, x) => n + x.shape[axis], 0);
    return [{
      dtype: first.dtype,
      shape: first.shape.map((dimension, i) => i === axis ? total : dimension),
    }];
  },
  flops: noFlops,
  lower: (writer, inputs, { axis }) => [writer.node("Concat", inputs, { attributes: { axis } })],
  host: (inputs, { axis }, output) => {
    const out = createStorage(output.dtype, sizeOf(output.shape));
    const rows = sizeOf(output.shape.slice(0, axis));
    let at = 0;
    for (let row = 0; row < rows; row++) {
      for (const { data } of inputs) {
        const run = data.length / rows;
        out.set(data.subarray(row * run, (row + 1) * run) as never, at);
        at += run;
      }
    }
    return out;
  },
  gradient: ({ inputs, attributes: { axis }, upstream: [dy] }) => {
    let at = 0;
    return inputs.map((x) => {
      const begin = x.shape.map((_, i) => i === axis ? at : 0);
      const end = x.shape.map((dimension, i) => i === axis ? at + dimension : dimension);
      at += x.shape[axis];
      return slice(dy!, begin, end);
    });
  },
};

/** Arrays one after the other along an axis that is already there. */
export function concat(inputs: readonly LazyArray[], axis = 0): LazyArray {
  if (inputs.length === 0) failShape("concat", "no arrays were given, expected at least one");
  if (inputs.length === 1) return inputs[0];
  return applyOp(CONCAT, inputs, {
    axis: normalizeAxis("concat", axis, inputs[0].shape.length),
  })[0];
}

interface PadAttributes {
  readonly [name: string]: readonly number[] | number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

export const PAD: Op<PadAttributes> = {
  name: "Pad",
  traits: ["each axis"],
  infer: ([x], { before, after }) => [{
    dtype: x.dtype,
    shape: x.shape.map((dimension, i) => dimension + before[i] + after[i]),
  }],
  flops: noFlops,
  lower: (writer, [x], { before, after, value }, { inputs: [type] }) => [
    writer.node("Pad", [x, writer.int64s([...before, ...after]), writer.scalar(value, type.dtype)]),
  ],
  gradient: ({ inputs: [x], attributes: { before }, upstream: [dy] }) => [
    slice(dy!, before, x.shape.map((dimension, i) => before[i] + dimension)),
  ],
};

/** Elements of one value around an array: so many before and after along each axis. */
export function pad(
  x: LazyArray,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): LazyArray {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  return applyOp(PAD, [x], { before, after, value })[0];
}

interface TileAttributes {
  readonly [name: string]: readonly number[];
  readonly repeats: readonly number[];
}

const TILE: Op<TileAttributes> = {
  name: "Tile",
  infer: ([x], { repeats }) => {
    const fits = repeats.length === x.shape.length &&
      repeats.every((n) => Number.isInteger(n) && n >= 0);
    if (!fits) {
      failShape(
        "tile",
        `repeats [${repeats}] do not fit ${showShape(x.shape)}, expected one an axis`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape.map((size, i) => size * repeats[i]) }];
  },
  flops: noFlops,
  lower: (writer, [x], { repeats }) => [writer.node("Tile", [x, writer.int64s(repeats)])],
  gradient: ({ inputs: [x], attributes: { repeats }, upstream: [dy] }) => {
    const apart = reshape(dy!, x.shape.flatMap((size, i) => [repeats[i], size]));
    return [sum(apart, { axes: repeats.map((_, i) => 2 * i) })];
  },
};

/** The array again and again along each axis. ONNX operator Tile. @throws {ShapeError} unless there is one number an axis */
export function tile(x: LazyArray, repeats: readonly number[]): LazyArray {
  return repeats.length === x.shape.length && repeats.every((n) => n === 1)
    ? x
    : applyOp(TILE, [x], { repeats: [...repeats] })[0];
}
