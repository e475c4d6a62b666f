/**
 * ONNX operators that only TensorFlow.js' kernels need. They have no gradient rule of their own:
 * TensorFlow.js differentiates kernels, not ops.
 * @module
 */
import {
  applyOp,
  type ArrayType,
  type Attributes,
  type LazyArray,
  type Op,
} from "../../onnx/mod.ts";

function plainUnary(name: string): (x: LazyArray) => LazyArray {
  const op: Op = {
    name,
    infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
    lower: (writer, [x]) => [writer.node(name, [x])],
  };
  return (x) => applyOp(op, [x])[0];
}

export const elu = plainUnary("Elu");
export const selu = plainUnary("Selu");
export const softplus = plainUnary("Softplus");
export const tan = plainUnary("Tan");
export const asin = plainUnary("Asin");
export const acos = plainUnary("Acos");
export const atan = plainUnary("Atan");
export const sinh = plainUnary("Sinh");
export const cosh = plainUnary("Cosh");
export const asinh = plainUnary("Asinh");
export const acosh = plainUnary("Acosh");
export const atanh = plainUnary("Atanh");

interface TileAttributes extends Attributes {
  readonly repeats: readonly number[];
}

const TILE: Op<TileAttributes> = {
  name: "Tile",
  infer: ([x], { repeats }) => [{ dtype: x.dtype, shape: x.shape.map((n, i) => n * repeats[i]) }],
  lower: (writer, [x], { repeats }) => [writer.node("Tile", [x, writer.int64s(repeats)])],
};

/** The array repeated along each axis. */
export function tile(x: LazyArray, repeats: readonly number[]): LazyArray {
  return applyOp(TILE, [x], { repeats: [...repeats] })[0];
}

interface CumulativeAttributes extends Attributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const CUMSUM: Op<CumulativeAttributes> = {
  name: "CumSum",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x], { axis, exclusive, reverse }) => [
    writer.node("CumSum", [x, writer.scalar(axis, "int64")], {
      attributes: { exclusive, reverse },
    }),
  ],
};

/** Running sum along an axis. */
export function cumsum(x: LazyArray, attributes: CumulativeAttributes): LazyArray {
  return applyOp(CUMSUM, [x], attributes)[0];
}

interface TopKAttributes extends Attributes {
  readonly k: number;
  readonly sorted: boolean;
}

const TOP_K: Op<TopKAttributes> = {
  name: "TopK",
  infer: ([x], { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  lower: (writer, [x], { k, sorted }) =>
    writer.nodes("TopK", [x, writer.int64s([k])], { outputs: 2, attributes: { sorted } }),
};

/** The k largest elements of each row, and where they lie. */
export function topK(x: LazyArray, k: number, sorted: boolean): LazyArray[] {
  return applyOp(TOP_K, [x], { k, sorted });
}

interface AveragePoolAttributes extends Attributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly shape: readonly number[];
}

const AVERAGE_POOL: Op<AveragePoolAttributes> = {
  name: "AveragePool",
  infer: ([x]: readonly ArrayType[], { shape }) => [{ dtype: x.dtype, shape }],
  lower: (writer, [x], { kernel, stride, padding }) => [
    writer.node("AveragePool", [x], {
      attributes: { kernel_shape: kernel, strides: stride, pads: padding, count_include_pad: 0 },
    }),
  ],
};

/** Mean of each window of [n, c, h, w], counting only elements of the picture. */
export function averagePool(x: LazyArray, attributes: AveragePoolAttributes): LazyArray {
  return applyOp(AVERAGE_POOL, [x], attributes)[0];
}
