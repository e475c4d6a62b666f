/**
 * Norms of vectors and matrices, and functions put together from decompositions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/linalg.html
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { isFloating, normalizeAxis, showShape } from "../../onnx/mod.ts";
import { defineFunction } from "../autograd/function.ts";
import { cat } from "../ops/joining.ts";
import { matmul } from "../ops/linear_algebra.ts";
import { cross as crossOf } from "../ops/products.ts";
import { norm as vectorNormOf } from "../ops/norm.ts";
import type { ReductionOptions } from "../ops/reduction.ts";
import { checkSquare, Matrix, overMatrices } from "./batched.ts";
import { svd, svdvals } from "./decompositions.ts";
import { inv, transposed } from "./inverse.ts";

/** Which norm of a matrix. */
export type MatrixNorm = "fro" | "nuc" | 1 | -1 | 2 | -2 | number;

const VECTOR_NORM = signature(
  "vectorNorm",
  ["x", tensorKind],
  ["ord", kinds.number, 2],
  ["dim", kinds.nullable(kinds.either(kinds.integer, kinds.integers)), null],
  "*",
  ["keepdim", kinds.boolean, undefined],
);

/** The norm of vectors along an axis (or several); of all elements unless given. */
export function vectorNorm(
  ...given: Call<
    typeof VECTOR_NORM,
    { readonly ord?: number; readonly dim?: number | readonly number[] | null } & ReductionOptions,
    [x: Tensor]
  >
): Tensor {
  const { x, ord, dim, keepdim = false } = VECTOR_NORM.read(given);
  const axes = dim ?? undefined;
  if (ord === 0) {
    return x.detach().ne(0).to(isFloating(x.dtype) ? x.dtype : "float32").sum(axes, { keepdim });
  }
  if (ord === -Infinity) return x.abs().amin(axes, { keepdim });
  return vectorNormOf(x, ord, axes, { keepdim });
}

const MATRIX_NORM = signature(
  "matrixNorm",
  ["a", tensorKind],
  ["ord", kinds.either(kinds.oneOf("fro", "nuc"), kinds.number) as Kind<MatrixNorm>, "fro"],
  ["dim", kinds.integers as Kind<readonly [number, number]>, [-2, -1]],
  "*",
  ["keepdim", kinds.boolean, undefined],
);

/** The norm of the matrices of two axes. */
export function matrixNorm(
  ...given: Call<
    typeof MATRIX_NORM,
    { readonly ord?: MatrixNorm; readonly dim?: readonly [number, number] } & ReductionOptions,
    [a: Tensor]
  >
): Tensor {
  const { a, ord, dim, keepdim = false } = MATRIX_NORM.read(given);
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
  if (ord === 2) return largest(svdvals(x));
  if (ord === -2) return svdvals(x).amin(-1);
  const sums = (axis: number) => x.abs().sum(axis);
  if (ord === 1) return largest(sums(-2));
  if (ord === -1) return sums(-2).amin(-1);
  if (ord === Infinity) return largest(sums(-1));
  if (ord === -Infinity) return sums(-1).amin(-1);
  throw new Error(
    `linalg.matrix_norm: Order ${ord} not supported, expected fro, nuc, 1, -1, 2, -2, Infinity or -Infinity`,
  );
}

/** The largest along the last axis; 0 of none, as norms of empty matrices are. */
function largest(x: Tensor): Tensor {
  return x.shape.at(-1) === 0 ? x.sum(-1) : x.amax(-1);
}

const NORM = signature(
  "norm",
  ["a", tensorKind],
  [
    "ord",
    kinds.nullable(kinds.either(kinds.oneOf("fro", "nuc"), kinds.number) as Kind<MatrixNorm>),
    null,
  ],
  ["dim", kinds.nullable(kinds.either(kinds.integer, kinds.integers)), null],
  "*",
  ["keepdim", kinds.boolean, undefined],
);

/** A vector norm, or of two axes (or of a matrix, with `ord`) a matrix norm. */
export function norm(
  ...given: Call<
    typeof NORM,
    & { readonly ord?: MatrixNorm | null; readonly dim?: number | readonly number[] | null }
    & ReductionOptions,
    [a: Tensor]
  >
): Tensor {
  const { a, ord, dim, ...options } = NORM.read(given);
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

const PINV = signature("pinv", ["a", tensorKind], "*", ["rtol", kinds.number, undefined]);

/** The pseudo-inverse of Moore and Penrose; singular values below `rtol` times the largest count as 0. */
export function pinv(...given: Call<typeof PINV, { readonly rtol?: number }, [a: Tensor]>): Tensor {
  const { a, rtol } = PINV.read(given);
  const share = rtol ?? Math.max(...a.shape.slice(-2)) * epsilon(a);
  return defineFunction({
    name: "LinalgPinv",
    forward(context, matrices) {
      const { U, S, Vh } = svd(matrices);
      const kept = S.gt(largest(S).unsqueeze(-1).mul(share));
      const inverted = S.where(kept.logicalOr(S.isnan()), Infinity).reciprocal();
      const result = transposed(Vh).mul(inverted.unsqueeze(-2)).matmul(transposed(U));
      context.saveForBackward(matrices, result);
      return result;
    },
    // Golub and Pereyra 1973, which divides by no singular value.
    backward(context, gradient) {
      const [matrices, p] = context.savedTensors;
      const [pt, gt] = [transposed(p), transposed(gradient)];
      const product = pt.matmul(gradient).matmul(pt);
      const rows = gt.matmul(p).matmul(pt);
      const columns = pt.matmul(p).matmul(gt);
      const left = rows.sub(matrices.matmul(p).matmul(rows));
      const right = columns.sub(columns.matmul(p).matmul(matrices));
      return left.add(right).sub(product);
    },
  })(a);
}

function epsilon({ dtype }: Tensor): number {
  return dtype === "float64" ? 2 ** -52 : 2 ** -23;
}

const MATRIX_RANK = signature("matrixRank", ["a", tensorKind], "*", [
  "rtol",
  kinds.number,
  undefined,
]);

/** How many singular values are above `rtol` times the largest, int64. */
export function matrixRank(
  ...given: Call<typeof MATRIX_RANK, { readonly rtol?: number }, [a: Tensor]>
): Tensor {
  const { a, rtol } = MATRIX_RANK.read(given);
  const s = svdvals(a.detach());
  const share = rtol ?? Math.max(...a.shape.slice(-2)) * epsilon(a);
  return s.gt(largest(s).unsqueeze(-1).mul(share)).to("int64").sum(-1);
}

const COND = signature("cond", ["a", tensorKind], [
  "p",
  kinds.nullable(kinds.any as Kind<MatrixNorm>),
  null,
]);

/** How much a matrix enlarges errors: the norm times that of the inverse. */
export function cond(
  ...given: Call<typeof COND, { readonly p?: MatrixNorm | null }, [a: Tensor]>
): Tensor {
  const { a, p } = COND.read(given);
  if (p === null || p === 2) {
    const s = svdvals(a);
    return s.shape.at(-1) === 0 ? s.sum(-1) : s.select(-1, 0).div(s.select(-1, -1));
  }
  return matrixNorm(a, p).mul(matrixNorm(inv(a), p));
}

const LSTSQ = signature("lstsq", ["a", tensorKind], ["b", tensorKind]);

/** X with the smallest |A X - B|. */
export function lstsq(
  ...given: Call<typeof LSTSQ, Record<never, never>, [a: Tensor, b: Tensor]>
): { solution: Tensor } {
  const { a, b } = LSTSQ.read(given);
  const isVector = b.ndim === a.ndim - 1;
  const solution = pinv(a).matmul(isVector ? b.unsqueeze(-1) : b);
  return { solution: isVector ? solution.squeeze(-1) : solution };
}

const MULTI_DOT = signature("multiDot", ["tensors", kinds.listOf(tensorKind)]);

/** The product of several matrices, from left to right; the first and the last may be vectors. */
export function multiDot(
  ...given: Call<typeof MULTI_DOT, Record<never, never>, [tensors: readonly Tensor[]]>
): Tensor {
  const { tensors } = MULTI_DOT.read(given);
  if (tensors.length < 2) {
    throw new Error(`multi_dot(): expected at least 2 tensors but got ${tensors.length}`);
  }
  return tensors.reduce((a, b) => matmul(a, b));
}

const CROSS = signature("cross", ["input", tensorKind], ["other", tensorKind], [
  "dim",
  kinds.integer,
  undefined,
]);

/** The cross product of vectors of 3 along an axis, the last unless given. */
export function cross(
  ...given: Call<typeof CROSS, { readonly dim?: number }, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other, dim = -1 } = CROSS.read(given);
  return crossOf(input, other, dim);
}

const VECDOT = signature("vecdot", ["x", tensorKind], ["y", tensorKind], "*", [
  "dim",
  kinds.integer,
  undefined,
]);

/** Products summed along an axis, the last unless given. */
export function vecdot(
  ...given: Call<typeof VECDOT, { readonly dim?: number }, [x: Tensor, y: Tensor]>
): Tensor {
  const { x, y, dim = -1 } = VECDOT.read(given);
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

/** Scaled until its norm is at most 1/2, Taylor's series, squared again. NaN where an element is infinite, as in PyTorch. */
function exponentialOf(matrix: Matrix): Matrix {
  const n = matrix.rows;
  const size = Math.max(
    0,
    ...matrix.to2DArray().map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)),
  );
  if (!Number.isFinite(size)) return Matrix.zeros(n, n).fill(NaN);
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

const MATRIX_EXP = signature("matrixExp", ["input", tensorKind]);

/** The exponential of square matrices. */
export function matrixExp(
  ...given: Call<typeof MATRIX_EXP, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = MATRIX_EXP.read(given);
  checkSquare("matrixExp", input);
  return exponential(input);
}
