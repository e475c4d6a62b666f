/**
 * Ops that move elements without computing: reshape, transpose, slice, concatenate, pad, expand, gather.
 * @module
 */
import { createStorage, type TypedArray } from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type HostArray, type Op } from "../op.ts";
import {
  broadcastShapes,
  normalizeAxis,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  stridesOf,
} from "../shape.ts";
import { add, cast } from "./elementwise.ts";
import { sumTo } from "./reduction.ts";

interface ShapeAttribute {
  readonly [name: string]: readonly number[];
  readonly shape: Shape;
}

/** Reshape; named so that rewriting and export can find it. */
export const RESHAPE: Op<ShapeAttribute> = {
  name: "Reshape",
  movesMemory: true,
  infer: ([x], { shape }) => {
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      failShape(
        "reshape",
        `${showShape(x.shape)} has ${sizeOf(x.shape)} elements, ` +
          `${showShape(shape)} would need ${sizeOf(shape)}`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  lower: (writer, [x], { shape }) => [
    writer.node("Reshape", [x, writer.int64s(shape)], { attributes: { allowzero: 1 } }),
  ],
  host: ([x]) => x.data,
  gradient: ({ inputs: [x], upstream: [dy] }) => [reshape(dy!, x.shape)],
};

/** The same elements in another shape; one dimension may be -1 and is then worked out. */
export function reshape(x: LazyArray, shape: Shape): LazyArray {
  const full = shape.includes(-1) ? fillDimension(x.shape, shape) : shape;
  return sameShape(x.shape, full) ? x : applyOp(RESHAPE, [x], { shape: full })[0];
}

function fillDimension(from: Shape, shape: Shape): number[] {
  const known = shape.reduce((n, dimension) => dimension === -1 ? n : n * dimension, 1);
  const dimension = sizeOf(from) / known;
  if (shape.filter((e) => e === -1).length > 1 || !Number.isInteger(dimension)) {
    failShape("reshape", `${showShape(from)} cannot be laid out as ${showShape(shape)}`);
  }
  return shape.map((e) => e === -1 ? dimension : e);
}

interface PermutationAttribute {
  readonly [name: string]: readonly number[];
  readonly permutation: readonly number[];
}

/** Transpose; named so that rewriting can find it. */
export const TRANSPOSE: Op<PermutationAttribute> = {
  name: "Transpose",
  infer: (
    [x],
    { permutation },
  ) => [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]) }],
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
function copyStrided(
  x: HostArray,
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

const SLICE: Op<SliceAttributes> = {
  name: "Slice",
  movesMemory: true,
  infer: ([x], { begin, end, step }) => [{
    dtype: x.dtype,
    shape: x.shape.map((_, i) => Math.max(0, Math.ceil((end[i] - begin[i]) / step[i]))),
  }],
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
    if (step.some((s) => s !== 1)) return [spreadOut(dy!, x.shape, begin, step)];
    return [pad(dy!, begin, x.shape.map((dimension, i) => dimension - Math.max(begin[i], end[i])))];
  },
};

/** Every `step`-th element of zeros of some shape, from `begin` on: the gradient of slicing in steps. */
function spreadOut(
  dy: LazyArray,
  shape: Shape,
  begin: readonly number[],
  step: readonly number[],
): LazyArray {
  const apart = reshape(dy, dy.shape.flatMap((dimension) => [dimension, 1]));
  const zeros = pad(apart, apart.shape.map(() => 0), step.flatMap((s) => [0, s - 1]));
  const spread = reshape(zeros, dy.shape.map((dimension, i) => dimension * step[i]));
  // The zeros behind the last element may reach over the end.
  const kept = spread.shape.map((dimension, i) => Math.min(dimension, shape[i] - begin[i]));
  const cut = slice(spread, begin.map(() => 0), kept);
  return pad(cut, begin, kept.map((dimension, i) => shape[i] - begin[i] - dimension));
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

const CONCAT: Op<AxisAttribute> = {
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

const PAD: Op<PadAttributes> = {
  name: "Pad",
  infer: ([x], { before, after }) => [{
    dtype: x.dtype,
    shape: x.shape.map((dimension, i) => dimension + before[i] + after[i]),
  }],
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

const EXPAND: Op<ShapeAttribute> = {
  name: "Expand",
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("expand", x.shape, shape), shape)) {
      failShape("expand", `${showShape(x.shape)} cannot be stretched to ${showShape(shape)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  lower: (writer, [x], { shape }) => [writer.node("Expand", [x, writer.int64s(shape)])],
  gradient: ({ inputs: [x], upstream: [dy] }) => [sumTo(dy!, x.shape)],
};

/** Stretches axes of size 1 (and new leading axes) to a shape. */
export function expand(x: LazyArray, shape: Shape): LazyArray {
  return sameShape(x.shape, shape) ? x : applyOp(EXPAND, [x], { shape })[0];
}

const GATHER: Op<AxisAttribute> = {
  name: "Gather",
  movesMemory: true,
  infer: ([x, indices], { axis }) => {
    if (indices.dtype !== "int32" && indices.dtype !== "int64") {
      failShape("gather", `indices are ${indices.dtype}, expected int32 or int64`);
    }
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [{ dtype: x.dtype, shape }];
  },
  lower: (writer, inputs, { axis }) => [writer.node("Gather", inputs, { attributes: { axis } })],
  host: ([x, indices], { axis }, output) => gatherHost(x, indices, axis, sizeOf(output.shape)),
  gradient: ({ inputs: [x, indices], attributes: { axis }, upstream: [dy] }) => [
    gatherGradient(x, indices, axis, dy!),
    null,
  ],
};

/** With the gathered axis in front the gradient is a sum of rows. */
function gatherGradient(x: LazyArray, indices: LazyArray, axis: number, dy: LazyArray): LazyArray {
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const places = indices.shape.map((_, i) => axis + i);
  const before = others.slice(0, axis);
  const after = others.slice(axis).map((i) => i - 1 + places.length);
  const rows = transpose(dy, [...places, ...before, ...after]);
  const order = [axis, ...others];
  const summed = scatterAdd(transpose(x, order), indices, rows);
  return transpose(summed, inversePermutation(order));
}

/** Copies whole runs; an index outside is an error here as it is in ONNX Runtime. */
function gatherHost(x: HostArray, indices: HostArray, axis: number, size: number): TypedArray {
  const out = createStorage(x.dtype, size);
  const run = sizeOf(x.shape.slice(axis + 1));
  const dimension = x.shape[axis];
  const rows = sizeOf(x.shape.slice(0, axis));
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < indices.data.length; k++) {
      const wanted = Number(indices.data[k]);
      const index = wanted < 0 ? wanted + dimension : wanted;
      if (!(index >= 0 && index < dimension)) {
        failShape(
          "gather",
          `index ${wanted} is out of range for axis ${axis} of ${showShape(x.shape)}`,
        );
      }
      const from = (row * dimension + index) * run;
      if (run === 1) out[to] = x.data[from];
      else out.set(x.data.subarray(from, from + run) as never, to);
      to += run;
    }
  }
  return out;
}

/** The entries of x along an axis at the given places (int32 or int64, negative ones from the back). */
export function gather(x: LazyArray, indices: LazyArray, axis = 0): LazyArray {
  return applyOp(GATHER, [x, indices], { axis: normalizeAxis("gather", axis, x.shape.length) })[0];
}

const SCATTER_ADD: Op = {
  name: "ScatterAdd",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [, indices, updates], _, { inputs: [x, places, values] }) => {
    const rank = places.shape.length;
    const long = writer.node("Cast", [indices], { attributes: { to: 7 } });
    const column = writer.node("Unsqueeze", [long, writer.int64s([rank])]);
    const zero = writer.constant([0], values.dtype, [1]);
    const zeros = writer.node("Expand", [zero, writer.int64s(x.shape)]);
    return [
      writer.node("ScatterND", [zeros, column, updates], { attributes: { reduction: "add" } }),
    ];
  },
  gradient: ({ inputs: [, indices], upstream: [dy] }) => [null, null, gather(dy!, indices, 0)],
};

/** Zeros of x's type and shape with `updates` added to the rows at `indices`. */
export function scatterAdd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ADD, [x, indices, updates])[0];
}

/** A copy that shares no memory that the engine may use again. */
export function copy(x: LazyArray): LazyArray {
  return x.dtype === "bool" ? cast(cast(x, "uint8"), "bool") : add(x, constant(0, x.dtype));
}
