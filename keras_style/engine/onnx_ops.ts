/**
 * ONNX operators that only TensorFlow.js' kernels need. They have no gradient rule of their own:
 * TensorFlow.js differentiates kernels, not ops.
 * @module
 */
import {
  applyOp,
  type Attributes,
  broadcastShapes,
  type LazyArray,
  onnxTypeOf,
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
}

const TOP_K: Op<TopKAttributes> = {
  name: "TopK",
  infer: ([x], { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  lower: (writer, [x], { k }) => writer.nodes("TopK", [x, writer.int64s([k])], { outputs: 2 }),
};

/** The k largest elements of each row, the largest first, and where they lie. */
export function topK(x: LazyArray, k: number): LazyArray[] {
  return applyOp(TOP_K, [x], { k });
}

const GATHER_ND: Op = {
  name: "GatherND",
  infer: ([x, indices]) => {
    const depth = indices.shape[indices.shape.length - 1];
    return [{ dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)] }];
  },
  lower: (writer, [x, indices]) => {
    const long = writer.node("Cast", [indices], { attributes: { to: onnxTypeOf("int64") } });
    return [writer.node("GatherND", [x, long])];
  },
};

/** The entries (elements, rows, ...) at places given by all their leading coordinates. */
export function gatherNd(x: LazyArray, indices: LazyArray): LazyArray {
  return applyOp(GATHER_ND, [x, indices])[0];
}

const SCATTER_ND_ADD: Op = {
  name: "ScatterNDAdd",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x, indices, updates]) => {
    const long = writer.node("Cast", [indices], { attributes: { to: onnxTypeOf("int64") } });
    return [writer.node("ScatterND", [x, long, updates], { attributes: { reduction: "add" } })];
  },
};

/** The array with entries added at places given by all their leading coordinates. */
export function scatterNdAdd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ND_ADD, [x, indices, updates])[0];
}

const SCATTER_ND: Op = {
  name: "ScatterND",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x, indices, updates]) => {
    const long = writer.node("Cast", [indices], { attributes: { to: onnxTypeOf("int64") } });
    return [writer.node("ScatterND", [x, long, updates])];
  },
};

/** The array with entries replaced at places given by all their leading coordinates. */
export function scatterNd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ND, [x, indices, updates])[0];
}

const BITWISE_AND: Op = {
  name: "BitwiseAnd",
  infer: ([a, b]) => [{
    dtype: a.dtype,
    shape: broadcastShapes("bitwiseAnd", a.shape, b.shape),
  }],
  lower: (writer, inputs) => [writer.node("BitwiseAnd", inputs)],
};

/** The bits that two arrays of integers have both set. */
export function bitwiseAnd(a: LazyArray, b: LazyArray): LazyArray {
  return applyOp(BITWISE_AND, [a, b])[0];
}

interface EinsumAttributes extends Attributes {
  readonly equation: string;
}

const EINSUM: Op<EinsumAttributes> = {
  name: "Einsum",
  infer: (inputs, { equation }) => {
    const [left, right] = equation.split("->");
    const dimensions = new Map<string, number>();
    left.split(",").forEach((letters, k) =>
      [...letters].forEach((letter, i) => dimensions.set(letter, inputs[k].shape[i]))
    );
    return [{ dtype: inputs[0].dtype, shape: [...right].map((letter) => dimensions.get(letter)!) }];
  },
  lower: (writer, inputs, { equation }) => [
    writer.node("Einsum", inputs, { attributes: { equation } }),
  ],
};

/** Products of arrays summed over axes, in Einstein's notation ("ij,jk->ik"). */
export function einsum(inputs: readonly LazyArray[], equation: string): LazyArray {
  return applyOp(EINSUM, inputs, { equation })[0];
}

interface FourierAttributes extends Attributes {
  readonly inverse: boolean;
}

const FOURIER: Op<FourierAttributes> = {
  name: "DFT",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  lower: (writer, [x], { inverse }) => [
    writer.node("DFT", [x], { attributes: { axis: 1, inverse } }),
  ],
};

/** Fourier transform of the rows of [n, length, 2], or its inverse; the last axis holds real and imaginary part. */
export function fourier(x: LazyArray, inverse: boolean): LazyArray {
  return applyOp(FOURIER, [x], { inverse })[0];
}
