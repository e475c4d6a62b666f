/**
 * Stretching and folding axes: expand and sum, which are each other's gradient, and the reshape that both need; and how
 * ops that fold axes are declared.
 * @module
 */
import { isFloating, readElement, storageFrom, type TypedArray } from "../dtype.ts";
import { flopsPerInput, noFlops } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { longSum } from "./long_integers.ts";
import {
  applyOp,
  type ArrayType,
  failShape,
  type GradientContext,
  type HostArray,
  type Op,
} from "../op.ts";
import {
  broadcastShapes,
  normalizeAxes,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  stridesOf,
} from "../shape.ts";

interface ShapeAttribute {
  readonly [name: string]: readonly number[];
  readonly shape: Shape;
}

/** The op of {@linkcode reshape}. */
export const RESHAPE: Op<ShapeAttribute> = {
  name: "Reshape",
  traits: ["relayout"],
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
  flops: noFlops,
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

export const EXPAND: Op<ShapeAttribute> = {
  name: "Expand",
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("expand", x.shape, shape), shape)) {
      failShape("expand", `${showShape(x.shape)} cannot be stretched to ${showShape(shape)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  flops: noFlops,
  lower: (writer, [x], { shape }) => [writer.node("Expand", [x, writer.int64s(shape)])],
  gradient: ({ inputs: [x], upstream: [dy] }) => [sumTo(dy!, x.shape)],
};

/** Stretches axes of size 1 (and new leading axes) to a shape. */
export function expand(x: LazyArray, shape: Shape): LazyArray {
  return sameShape(x.shape, shape) ? x : applyOp(EXPAND, [x], { shape })[0];
}

export interface ReductionAttributes {
  readonly [name: string]: readonly number[] | boolean;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

type ReductionGradient = (context: GradientContext<ReductionAttributes>) => LazyArray;

/** Options of a reduction. */
export interface ReductionOptions {
  /** Axes to fold, negative ones from the back; all unless given. */
  readonly axes?: number | readonly number[] | null;
  /** Keep folded axes with size 1. */
  readonly keepDims?: boolean;
}

/** How a reduction is computed on the host: what it starts from, how an element joins, what `count` elements end as. */
interface Fold {
  readonly start: number;
  readonly join: (folded: number, value: number) => number;
  readonly end?: (folded: number, count: number) => number;
  /** The same of integers of 64 bits, which numbers do not hold. */
  readonly long?: {
    readonly start: bigint;
    readonly join: (folded: bigint, value: bigint) => bigint;
  };
  /** What no elements are folded into, where ONNX Runtime has another opinion. */
  readonly ofNone?: number;
  /** Whether ONNX Runtime passes over NaN, which it is to return. */
  readonly passesOverNaN?: boolean;
  /** How integers of 64 bits are written, where ONNX Runtime's kernel folds them as doubles. */
  readonly lowerLong?: (
    writer: GraphWriter,
    x: string,
    type: ArrayType,
    attributes: ReductionAttributes,
    result: Shape,
  ) => string;
}

/** Writes the node of a reduction; over no axes it folds nothing, where ONNX' default is all. */
export function reductionNode(
  writer: GraphWriter,
  operator: string,
  x: string,
  axes: readonly number[],
  keepDims: boolean,
): string {
  const attributes = { keepdims: keepDims, noop_with_empty_axes: 1 };
  return writer.node(operator, [x, writer.int64s(axes)], { attributes });
}

/** Declares an op that folds axes away. */
export function reduction(name: string, onnxName: string, fold: Fold, rule: ReductionGradient) {
  const op: Op<ReductionAttributes> = {
    name: onnxName,
    traits: ["reduction"],
    infer: (
      [x],
      { axes, keepDims },
    ) => [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) }],
    flops: flopsPerInput(1),
    lower: (writer, [x], { axes, keepDims }, { inputs: [type], outputs: [{ shape }] }) => {
      if (fold.ofNone !== undefined && axes.some((axis) => type.shape[axis] === 0)) {
        return [
          writer.node("Expand", [writer.scalar(fold.ofNone, type.dtype), writer.int64s(shape)]),
        ];
      }
      if (fold.lowerLong && type.dtype === "int64" && writer.composesMissing) {
        return [fold.lowerLong(writer, x, type, { axes, keepDims }, shape)];
      }
      const reduce = (operator: string, name: string) =>
        reductionNode(writer, operator, name, axes, keepDims);
      const folded = reduce(onnxName, x);
      if (!fold.passesOverNaN || !writer.carriesNaN || !isFloating(type.dtype)) return [folded];
      const strange = castNode(writer, writer.node("IsNaN", [x]), "int32");
      const found = castNode(writer, reduce("ReduceMax", strange), "bool");
      return [writer.node("Where", [found, writer.scalar(NaN, type.dtype), folded])];
    },
    host: ([x], { axes }, output) => foldOnHost(x, axes, output, fold),
    gradient: (context) => [rule(context)],
  };
  const apply = (x: LazyArray, options: ReductionOptions = {}): LazyArray => {
    if (x.dtype === "bool") failShape(name, "dtype bool is not supported, cast it first");
    const axes = normalizeAxes(name, options.axes, x.shape.length);
    if (axes.length === 0) return x;
    return applyOp(op, [x], { axes, keepDims: options.keepDims ?? false })[0];
  };
  return Object.assign(apply, { op });
}

function foldOnHost(
  x: HostArray,
  axes: readonly number[],
  output: ArrayType,
  { start, join, end, long }: Fold,
): TypedArray {
  if (long && x.data instanceof BigInt64Array) return foldLong(x.data, x.shape, axes, output, long);
  const folded = new Array<number>(sizeOf(output.shape)).fill(start);
  const indices = indicesAfterFolding(x.shape, axes);
  indices.forEach((to, from) => folded[to] = join(folded[to], readElement(x.data, from)));
  const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
  return storageFrom(end ? folded.map((value) => end(value, count)) : folded, output.dtype);
}

function foldLong(
  data: BigInt64Array,
  shape: Shape,
  axes: readonly number[],
  output: ArrayType,
  { start, join }: NonNullable<Fold["long"]>,
): TypedArray {
  const folded = new BigInt64Array(sizeOf(output.shape)).fill(start);
  const indices = indicesAfterFolding(shape, axes);
  indices.forEach((to, from) => folded[to] = join(folded[to], data[from]));
  return folded;
}

/** For every element of an array the index it is folded into. */
export function indicesAfterFolding(shape: Shape, axes: readonly number[]): number[] {
  const strides = stridesOf(shape.map((dimension, axis) => axes.includes(axis) ? 1 : dimension));
  let indices = [0];
  shape.forEach((dimension, axis) => {
    const stride = axes.includes(axis) ? 0 : strides[axis];
    indices = indices.flatMap((index) =>
      Array.from({ length: dimension }, (_, i) => index + i * stride)
    );
  });
  return indices;
}

/** What is left of a shape once some axes are folded. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((dimension, i) => axes.includes(i) ? 1 : dimension);
  return shape.filter((_, i) => !axes.includes(i));
}

/** Stretches what a reduction returned back over the folded axes. */
export function stretch(y: LazyArray, x: ArrayType, axes: readonly number[]): LazyArray {
  return expand(reshape(y, reducedShape(x.shape, axes, true)), x.shape);
}

/** Sum over axes. */
export const sum = reduction(
  "sum",
  "ReduceSum",
  {
    start: 0,
    join: (sum, value) => sum + value,
    long: { start: 0n, join: (sum, value) => sum + value },
    lowerLong: (writer, x, _, { axes, keepDims }) =>
      longSum(writer, x, (part) => reductionNode(writer, "ReduceSum", part, axes, keepDims)),
  },
  ({ inputs: [x], attributes, upstream: [dy] }) => stretch(dy!, x, attributes.axes),
);

/** Sums a gradient over the axes along which an input was broadcast. */
export function sumTo(x: LazyArray, shape: Shape): LazyArray {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dimension, i) =>
    i < extra || (shape[i - extra] === 1 && dimension !== 1) ? [i] : []
  );
  return reshape(sum(x, { axes }), shape);
}
