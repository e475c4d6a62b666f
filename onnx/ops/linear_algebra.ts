/**
 * Matrix products.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type Op } from "../op.ts";
import { broadcastShapes, type Shape, showShape } from "../shape.ts";
import { reshape, sumTo } from "./broadcast.ts";

interface TransposeAttributes {
  readonly [name: string]: boolean;
  readonly transA: boolean;
  readonly transB: boolean;
}

/**
 * The product of the last two axes, leading axes broadcast.
 *   y = a b      da = dy bᵀ      db = aᵀ dy
 * With a side transposed the same rules hold for the transposed matrix.
 */
export const MATMUL: Op<TransposeAttributes> = {
  name: "MatMul",
  infer: (
    [a, b],
    { transA, transB },
  ) => [{ dtype: a.dtype, shape: productShape(a, b, transA, transB) }],
  lower: (writer, inputs, { transA, transB }, { inputs: [a, b] }) => {
    // A third input is a bias, which only a rewritten graph has; see rewrite/product_bias.ts.
    if (!transA && !transB && inputs.length === 2) return [writer.node("MatMul", inputs)];
    if (a.shape.length === 2 && b.shape.length === 2) {
      return [writer.node("Gemm", inputs, { attributes: { transA, transB } })];
    }
    const turn = (name: string, type: ArrayType, turned: boolean) =>
      turned
        ? writer.node("Transpose", [name], { attributes: { perm: swapLast(type.shape.length) } })
        : name;
    return [writer.node("MatMul", [turn(inputs[0], a, transA), turn(inputs[1], b, transB)])];
  },
  gradient: ({ inputs: [a, b], attributes: { transA, transB }, upstream: [dy], needs }) => [
    needs[0]
      ? sumTo(transA ? matmul(b, dy!, transB, true) : matmul(dy!, b, false, !transB), a.shape)
      : null,
    needs[1]
      ? sumTo(transB ? matmul(dy!, a, true, transA) : matmul(a, dy!, !transA, false), b.shape)
      : null,
  ],
};

function swapLast(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  return [...order.slice(0, -2), rank - 1, rank - 2];
}

function productShape(a: ArrayType, b: ArrayType, transA: boolean, transB: boolean): number[] {
  const [m, k] = lastTwo(a.shape, transA);
  const [inner, n] = lastTwo(b.shape, transB);
  if (k !== inner || a.dtype !== b.dtype) {
    failShape(
      "matmul",
      `${a.dtype}${showShape(a.shape)}${transA ? " transposed" : ""} and ` +
        `${b.dtype}${showShape(b.shape)}${
          transB ? " transposed" : ""
        } cannot be multiplied (${m}x${k} and ${inner}x${n})`,
    );
  }
  return [...broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
}

function lastTwo(shape: Shape, turned: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return turned ? [columns, rows] : [rows, columns];
}

/**
 * Matrix product, either side transposed in its last two axes first. Vectors are taken as a row on the
 * left and a column on the right, and that axis is left out of the result.
 *
 * @throws {ShapeError} if the inner dimensions differ or a side is a scalar.
 */
export function matmul(a: LazyArray, b: LazyArray, transA = false, transB = false): LazyArray {
  if (a.shape.length === 0 || b.shape.length === 0) {
    failShape(
      "matmul",
      `${showShape(a.shape)} and ${showShape(b.shape)}: expected at least one axis each`,
    );
  }
  if (a.shape.length === 1) {
    const product = matmul(reshape(a, [1, a.shape[0]]), b, false, transB);
    return reshape(
      product,
      product.shape.filter((_, i) => i !== product.shape.length - (b.shape.length === 1 ? 1 : 2)),
    );
  }
  if (b.shape.length === 1) {
    const product = matmul(a, reshape(b, [b.shape[0], 1]), transA, false);
    return reshape(product, product.shape.slice(0, -1));
  }
  return applyOp(MATMUL, [a, b], { transA, transB })[0];
}
