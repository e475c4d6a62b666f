/**
 * How ops that compute each element from the elements at the same indices are declared. Gradients of broadcast inputs are
 * summed back to the input's shape.
 * @module
 */
import { createStorage, type DType, isFloating, writeElement } from "../dtype.ts";
import { flopsPerOutput } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import {
  applyOp,
  type ArrayType,
  type Attributes,
  checkFloating,
  failShape,
  type GradientContext,
  type HostArray,
  type LoweredTypes,
  type Op,
} from "../op.ts";
import { broadcastShapes, type Shape, sizeOf } from "../shape.ts";
import { expand, sumTo } from "./broadcast.ts";

/** A gradient rule of a one-input op: input, output and gradient of the output in, gradient of the input out. */
export type UnaryGradient = (x: LazyArray, y: LazyArray, dy: LazyArray) => LazyArray;

/** What differs from one op on single elements to the next. */
export interface UnaryRule {
  /** Operations an element; 1 unless given. */
  readonly flops?: number;
  readonly host: (x: number) => number;
  readonly gradient?: UnaryGradient;
  /** Whether ONNX Runtime's CPU has a kernel for float32 only: other floating point types go through it, unless float64 is composed. */
  readonly float32Only?: boolean;
  /** How it is written, where that is not one operator of the op's name. */
  readonly lower?: (writer: GraphWriter, x: string, dtype: DType) => string;
  /** Whether integers are taken too; those of 64 bits by a rule of their own, where numbers do not hold them. */
  readonly integers?: boolean | { readonly int64: (x: bigint) => bigint };
  readonly result?: DType;
}

/** Applies an op to one array. */
export interface UnaryFunction {
  (x: LazyArray): LazyArray;
  readonly op: Op;
}

/** Declares an op on single elements. */
export function unary(name: string, rule: UnaryRule): UnaryFunction {
  const op: Op = {
    name,
    traits: ["elementwise"],
    infer: ([x]) => {
      if (!rule.integers) checkFloating(name, x);
      return [{ dtype: rule.result ?? x.dtype, shape: x.shape }];
    },
    flops: flopsPerOutput(rule.flops ?? 1),
    lower: (writer, [x], _, { inputs: [{ dtype }] }) => {
      if (rule.lower) return [rule.lower(writer, x, dtype)];
      const isComposed = dtype === "float64" && writer.composesMissing;
      if (!rule.float32Only || dtype === "float32" || isComposed) return [writer.node(name, [x])];
      return [castNode(writer, writer.node(name, [castNode(writer, x, "float32")]), dtype)];
    },
    host: ([x], _, output) => {
      const { integers } = rule;
      return typeof integers === "object" && x.data instanceof BigInt64Array
        ? x.data.map(integers.int64)
        : mapHost(x, output, rule.host);
    },
    gradient: rule.gradient &&
      (({ inputs: [x], outputs: [y], upstream: [dy] }) => [rule.gradient!(x, y, dy!)]),
  };
  return Object.assign((x: LazyArray) => applyOp(op, [x])[0], { op });
}

/** Zeros of an array's type and shape: the gradient of what is constant almost everywhere, infinite or not. */
export function zerosLike(x: LazyArray): LazyArray {
  return expand(like(x, 0), x.shape);
}

/** Computes each element from one. */
export function mapHost(x: HostArray, output: ArrayType, f: (x: number) => number) {
  const data = createStorage(output.dtype, x.data.length);
  for (let i = 0; i < data.length; i++) writeElement(data, i, f(Number(x.data[i])), output.dtype);
  return data;
}

/** A scalar of an array's own type. */
export function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

/** Gradient rule of a two-input op before broadcast sides are summed back. */
export type BinaryGradient = (
  a: LazyArray,
  b: LazyArray,
  y: LazyArray,
  dy: LazyArray,
) => [() => LazyArray, () => LazyArray];

/** What differs from one op on pairs of elements to the next. */
export interface BinaryRule {
  readonly host: (a: number, b: number) => number;
  /** The same of integers where it is something else, or numbers do not hold it: of those of 64 bits, and of shorter ones. */
  readonly integers?: {
    readonly int64: (a: bigint, b: bigint) => bigint | number;
    readonly int32?: (a: number, b: number) => number;
  };
  /** How it is written, where that is not one operator of the op's name. */
  readonly lower?: (
    writer: GraphWriter,
    inputs: readonly string[],
    dtype: DType,
    types: LoweredTypes,
  ) => string;
  readonly gradient?: BinaryGradient;
  readonly result?: DType;
  /** Whether a and b may be exchanged. */
  readonly commutative?: boolean;
  /** Whether integers are refused. */
  readonly floatingOnly?: boolean;
}

/** Applies an op to two arrays. */
export interface BinaryFunction {
  (a: LazyArray, b: LazyArray): LazyArray;
  readonly op: Op;
}

/** Declares an op on pairs of elements. */
export function binary(name: string, rule: BinaryRule): BinaryFunction {
  const op: Op = {
    name,
    traits: rule.commutative ? ["elementwise", "commutative"] : ["elementwise"],
    infer: ([a, b]) => {
      if (a.dtype !== b.dtype) {
        failShape(
          name,
          `dtypes ${a.dtype} and ${b.dtype} differ, expected the same (cast one of them)`,
        );
      }
      if (rule.floatingOnly) checkFloating(name, a);
      return [{ dtype: rule.result ?? a.dtype, shape: broadcastShapes(name, a.shape, b.shape) }];
    },
    flops: flopsPerOutput(1),
    lower: (writer, inputs, _, types) => [
      rule.lower?.(writer, inputs, types.inputs[0].dtype, types) ?? writer.node(name, inputs),
    ],
    host: ([a, b], _, output) => zipHost(a, b, output, rule),
    gradient: rule.gradient && ((context) => binaryGradient(context, rule.gradient!)),
  };
  return Object.assign((a: LazyArray, b: LazyArray) => applyOp(op, [a, b])[0], { op });
}

function binaryGradient(context: GradientContext<Attributes>, rule: BinaryGradient) {
  const { inputs: [a, b], outputs: [y], upstream: [dy], needs } = context;
  const [da, db] = rule(a, b, y, dy!);
  return [needs[0] ? sumTo(da(), a.shape) : null, needs[1] ? sumTo(db(), b.shape) : null];
}

/** For each element of `shape`, the index it is read from in an array of shape `from`. */
function broadcastIndex(from: Shape, shape: Shape): (i: number) => number {
  const size = sizeOf(from);
  if (size === 1) return () => 0;
  if (size === sizeOf(shape)) return (i) => i;
  return (i) => {
    let index = 0;
    let stride = 1;
    for (let k = 1; k <= shape.length; k++) {
      const dimension = shape[shape.length - k];
      const own = from[from.length - k] ?? 1;
      if (own !== 1) index += (i % dimension) * stride;
      i = Math.floor(i / dimension);
      stride *= own;
    }
    return index;
  };
}

function zipHost(a: HostArray, b: HostArray, output: ArrayType, { host, integers }: BinaryRule) {
  const data = createStorage(output.dtype, sizeOf(output.shape));
  const left = broadcastIndex(a.shape, output.shape);
  const right = broadcastIndex(b.shape, output.shape);
  if (integers && a.data instanceof BigInt64Array) {
    const others = b.data as BigInt64Array;
    for (let i = 0; i < data.length; i++) {
      data[i] = integers.int64(a.data[left(i)], others[right(i)]) as never;
    }
    return data;
  }
  const f = !isFloating(a.dtype) && integers?.int32 || host;
  for (let i = 0; i < data.length; i++) {
    writeElement(data, i, f(Number(a.data[left(i)]), Number(b.data[right(i)])), output.dtype);
  }
  return data;
}
