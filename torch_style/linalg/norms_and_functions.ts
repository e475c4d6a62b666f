/**
 * Norms of vectors and matrices, and functions put together from decompositions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/linalg.html
 * @module
 */
import { isFloating, normalizeAxis, showShape } from "../../onnx/mod.ts";
import { defineFunction } from "../autograd/function.ts";
import { cat } from "../ops/joining.ts";
import { matmul } from "../ops/linear_algebra.ts";
import { cross as crossOf } from "../ops/products.ts";
import { norm as vectorNormOf, type ReductionOptions } from "../ops/reduction.ts";
import type { Tensor } from "../tensor.ts";
import { checkSquare, Matrix, overMatrices } from "./batched.ts";
import { svd, svdvals } from "./decompositions.ts";
import { inv, transposed } from "./inverse.ts";

/** Which norm of a matrix. */
export type MatrixNorm = "fro" | "nuc" | 1 | -1 | 2 | -2 | number;

/** The norm of vectors along an axis (or several); of all elements unless given. */
export function vectorNorm(
  x: Tensor,
  ord = 2,
  dim: number | readonly number[] | null = null,
  { keepdim = false }: ReductionOptions = {},
): Tensor {
  const axes = dim ?? undefined;
  if (ord === 0) {
    return x.detach().ne(0).to(isFloating(x.dtype) ? x.dtype : "float32").sum(axes, { keepdim });
  }
  if (ord === -Infinity) return x.abs().amin(axes, { keepdim });
  return vectorNormOf(x, ord, axes, { keepdim });
}

/** The norm of the matrices of two axes. */
export function matrixNorm(
  a: Tensor,
  ord: MatrixNorm = "fro",
  dim: readonly [number, number] = [-2, -1],
  { keepdim = false }: ReductionOptions = {},
): Tensor {
  const [rows, columns] = dim.map((axis) => normalizeAxis("matrixNorm", axis, a.ndim));
  if (rows === columns) {
    throw new Error(`linalg.matrix_norm: dims must be different. Got (${dim[0]}, ${dim[1]})`);
  }
  if (ord === "fro") return vectorNorm(a, 2, [rows, columns], { keepdim });
  const result = normOfMatrices(a.movedim([rows, columns], [-2, -1]), ord);
  if (!keepdim) return result;
  const [first, second] = [Math.min(rows, columns), Math.max(rows, columns)];
  return result.unsqueeze(first).unsqueeze(second);
}

function normOfMatrices(x: Tensor, ord: MatrixNorm): Tensor {
  if (ord === "nuc") return svdvals(x).sum(-1);
  if (ord === 2) return svdvals(x).amax(-1);
  if (ord === -2) return svdvals(x).amin(-1);
  const sums = (axis: number) => x.abs().sum(axis);
  if (ord === 1) return sums(-2).amax(-1);
  if (ord === -1) return sums(-2).amin(-1);
  if (ord === Infinity) return sums(-1).amax(-1);
  if (ord === -Infinity) return sums(-1).amin(-1);
  throw new Error(
    `linalg.matrix_norm: Order ${ord} not supported, expected fro, nuc, 1, -1, 2, -2, Infinity or -Infinity`,
  );
}

/** A vector norm, or of two axes (or of a matrix, with `ord`) a matrix norm. */
export function norm(
  a: Tensor,
  ord: MatrixNorm | null = null,
  dim: number | readonly number[] | null = null,
  options: ReductionOptions = {},
): Tensor {
  const axes = dim === null ? null : [dim].flat() as number[];
  if (ord !== null && (axes?.length === 2 || (!axes && a.ndim === 2))) {
    return matrixNorm(a, ord, (axes ?? [-2, -1]) as [number, number], options);
  }
  if (typeof ord === "string") {
    throw new Error(
      `linalg.norm: If ord is "${ord}", expected two axes or a matrix, got shape ${
        showShape(a.shape)
      }`,
    );
  }
  return vectorNorm(a, ord ?? 2, dim, options);
}

/** The pseudo-inverse of Moore and Penrose; singular values below `rtol` times the largest count as 0. */
export function pinv(a: Tensor, { rtol }: { readonly rtol?: number } = {}): Tensor {
  const { U, S, Vh } = svd(a);
  const share = rtol ?? Math.max(...a.shape.slice(-2)) * epsilon(a);
  const kept = S.detach().gt(S.detach().amax(-1, { keepdim: true }).mul(share));
  const inverted = S.where(kept, Infinity).reciprocal();
  return transposed(Vh).mul(inverted.unsqueeze(-2)).matmul(transposed(U));
}

function epsilon({ dtype }: Tensor): number {
  return dtype === "float64" ? 2 ** -52 : 2 ** -23;
}

/** How many singular values are above `rtol` times the largest, int64. */
export function matrixRank(a: Tensor, { rtol }: { readonly rtol?: number } = {}): Tensor {
  const s = svdvals(a.detach());
  const share = rtol ?? Math.max(...a.shape.slice(-2)) * epsilon(a);
  return s.gt(s.amax(-1, { keepdim: true }).mul(share)).to("int64").sum(-1);
}

/** How much a matrix enlarges errors: the norm times that of the inverse. */
export function cond(a: Tensor, p: MatrixNorm | null = null): Tensor {
  if (p === null || p === 2) {
    const s = svdvals(a);
    return s.amax(-1).div(s.amin(-1));
  }
  return matrixNorm(a, p).mul(matrixNorm(inv(a), p));
}

/** X with the smallest |A X - B|. */
export function lstsq(a: Tensor, b: Tensor): { solution: Tensor } {
  const isVector = b.ndim === a.ndim - 1;
  const solution = pinv(a).matmul(isVector ? b.unsqueeze(-1) : b);
  return { solution: isVector ? solution.squeeze(-1) : solution };
}

/** The product of several matrices, from left to right; the first and the last may be vectors. */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  if (tensors.length < 2) {
    throw new Error(`multi_dot(): expected at least 2 tensors but got ${tensors.length}`);
  }
  return tensors.reduce((a, b) => matmul(a, b));
}

/** The cross product of vectors of 3 along an axis, the last unless given. */
export function cross(
  input: Tensor,
  other: Tensor,
  { dim = -1 }: { readonly dim?: number } = {},
): Tensor {
  return crossOf(input, other, dim);
}

/** Products summed along an axis, the last unless given. */
export function vecdot(x: Tensor, y: Tensor, { dim = -1 }: { readonly dim?: number } = {}): Tensor {
  return x.mul(y).sum(dim);
}

const exponential = defineFunction({
  name: "LinalgMatrixExp",
  forward(context, a) {
    context.saveForBackward(a);
    const n = a.shape.at(-1)!;
    return overMatrices(a, [[n, n]], (matrix) => [exponentialOf(matrix)])[0];
  },
  backward(context, gradient) {
    // The upper right block of exp([[Aᵀ, G], [0, Aᵀ]]) is the derivative in the direction of G (Mathias 1996).
    const adjoint = transposed(context.savedTensors[0]);
    const n = adjoint.shape.at(-1)!;
    const upper = cat([adjoint, gradient], -1);
    const lower = cat([adjoint.mul(0), adjoint], -1);
    return matrixExp(cat([upper, lower], -2)).narrow(-2, 0, n).narrow(-1, n, n);
  },
});

/** Scaled until its norm is at most 1/2, Taylor's series, squared again. */
function exponentialOf(matrix: Matrix): Matrix {
  const n = matrix.rows;
  const size = Math.max(
    0,
    ...matrix.to2DArray().map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)),
  );
  const squarings = size > 0.5 ? Math.ceil(Math.log2(size)) + 1 : 0;
  const scaled = Matrix.mul(matrix, 2 ** -squarings);
  let term = Matrix.eye(n, n);
  let sum = Matrix.eye(n, n);
  for (let k = 1; k <= 18; k++) {
    term = term.mmul(scaled).mul(1 / k);
    sum = Matrix.add(sum, term);
  }
  for (let k = 0; k < squarings; k++) sum = sum.mmul(sum);
  return sum;
}

/** The exponential of square matrices. */
export function matrixExp(input: Tensor): Tensor {
  checkSquare("matrixExp", input);
  return exponential(input);
}
