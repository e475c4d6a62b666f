/**
 * Matrices taken apart. Each follows the page of its name under https://docs.pytorch.org/docs/stable/linalg.html
 *
 * They are computed in JavaScript when their values are asked for. Gradients are those of Giles (2008) and of Walter and
 * Lehmann (2010). Values and vectors have gradients of their own: where values are equal, only those of the vectors are NaN.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import {
  CholeskyDecomposition,
  EigenvalueDecomposition,
  QrDecomposition,
  SingularValueDecomposition,
} from "ml-matrix";
import { showShape } from "../../onnx/mod.ts";
import { defineFunction } from "../autograd/function.ts";
import { eye } from "../creation.ts";
import { isGradEnabled } from "../grad_mode.ts";
import { checkMatrices, checkSquare, Matrix, overMatrices, pack, unpack } from "./batched.ts";
import { inv, transposed } from "./inverse.ts";
import { type NamedTuple, namedTuple } from "../ops/named_tuple.ts";

const choleskyLower = defineFunction({
  name: "LinalgCholesky",
  forward(context, a) {
    const [n] = a.shape.slice(-1);
    const [lower] = overMatrices(a, [[n, n]], (matrix, k) => {
      // Only the lower triangle is read, as in PyTorch.
      const symmetric = Matrix.zeros(n, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          symmetric.set(i, j, matrix.get(i, j));
          symmetric.set(j, i, matrix.get(i, j));
        }
      }
      const isFinite = symmetric.to1DArray().every(Number.isFinite);
      const decomposition = isFinite ? new CholeskyDecomposition(symmetric) : undefined;
      if (decomposition?.isPositiveDefinite()) return [decomposition.lowerTriangularMatrix];
      throw new Error(
        `linalg.cholesky: (Batch element ${k}): The factorization could not be completed because the input is not positive-definite`,
      );
    });
    context.saveForBackward(lower);
    return lower;
  },
  backward(context, gradient) {
    const [lower] = context.savedTensors;
    const inverse = inv(lower);
    const product = transposed(lower).matmul(gradient).tril();
    const half = product.sub(product.diagonal(0, -2, -1).diagEmbed().mul(0.5));
    const whole = transposed(inverse).matmul(half).matmul(inverse);
    return whole.add(transposed(whole)).mul(0.5);
  },
});

const CHOLESKY = signature("cholesky", ["input", tensorKind], ["upper", kinds.boolean, undefined]);

/** The lower triangular L with A = L Lᵀ, or the upper one. @throws {Error} if A is not positive definite */
export function cholesky(
  ...given: Call<typeof CHOLESKY, { readonly upper?: boolean }, [input: Tensor]>
): Tensor {
  const { input, upper = false } = CHOLESKY.read(given);
  checkSquare("cholesky", input);
  const lower = choleskyLower(input);
  return upper ? transposed(lower) : lower;
}

/** An orthogonal and a triangular matrix. */
export type QR = NamedTuple<{ Q: Tensor; R: Tensor }>;

const QR = signature("qr", ["input", tensorKind], [
  "mode",
  kinds.oneOf("reduced", "complete", "r"),
  "reduced",
]);

/** A = Q R. `mode`: "reduced" (unless given), "complete" with all columns of Q, or "r" without Q. */
export function qr(
  ...given: Call<typeof QR, { readonly mode?: "reduced" | "complete" | "r" }, [input: Tensor]>
): QR {
  const { input, mode } = QR.read(given);
  checkMatrices("qr", input);
  if (!["reduced", "complete", "r"].includes(mode)) {
    throw new Error(
      `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    );
  }
  const [rows, columns] = input.shape.slice(-2);
  const k = mode === "complete" ? rows : Math.min(rows, columns);
  const leading = input.shape.slice(0, -2);
  const shapes = [[...leading, rows, k], [...leading, k, columns]];
  const result = defineFunction({
    name: "LinalgQr",
    forward(context, a) {
      const parts = overMatrices(a, [[rows, k], [k, columns]], (matrix) => qrOf(matrix, k));
      const packed = pack(parts);
      context.saveForBackward(packed);
      return packed;
    },
    backward(context, gradient) {
      if (rows < columns || k > columns) {
        throw new Error(
          `linalg.qr: gradients are there for mode "reduced" and at least as many rows as columns, got "${mode}" of ${rows} by ${columns}`,
        );
      }
      const [q, r] = unpack(context.savedTensors[0], shapes);
      const [dq, dr] = unpack(gradient, shapes);
      const m = r.matmul(transposed(dr)).sub(transposed(dq).matmul(q));
      const mirrored = m.tril().add(transposed(m.tril(-1)));
      return transposed(inv(r).matmul(transposed(dq.add(q.matmul(mirrored)))));
    },
  })(input);
  const [Q, R] = unpack(result, shapes);
  return namedTuple({ Q: mode === "r" ? Q.narrow(-1, 0, 0) : Q, R });
}

/** With LAPACK's signs: the last column of a square matrix is not reflected. */
function qrOf(matrix: Matrix, k: number): [Matrix, Matrix] {
  const { rows, columns } = matrix;
  const wide = Matrix.zeros(rows, Math.min(rows, Math.max(k, columns)));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < Math.min(columns, wide.columns); j++) wide.set(i, j, matrix.get(i, j));
  }
  // Columns that are missing for a complete system.
  for (let j = columns; j < wide.columns; j++) wide.set(j, j, 1);
  const q = new QrDecomposition(wide).orthogonalMatrix;
  if (rows <= columns) { for (let i = 0; i < rows; i++) q.set(i, rows - 1, -q.get(i, rows - 1)); }
  const r = q.transpose().mmul(matrix);
  for (let i = 0; i < r.rows; i++) for (let j = 0; j < Math.min(i, columns); j++) r.set(i, j, 0);
  return [q, r];
}

/** Singular vectors, and values with the largest first. */
export type SVD = NamedTuple<{ U: Tensor; S: Tensor; Vh: Tensor }>;

/** A factor of matrices, and its gradient by all of their factors. */
interface Factor<Factors> {
  readonly name: string;
  readonly values: Tensor;
  readonly gradient: (factors: Factors, upstream: Tensor) => Tensor;
}

/**
 * Joins a factor that is computed already to the matrices that it is of.
 *
 * @param factorsOf the matrices' factors: with a history where the gradient is to have one
 */
function factorOf<Factors>(
  input: Tensor,
  factorsOf: (matrices: Tensor) => Factors,
  { name, values, gradient }: Factor<Factors>,
): Tensor {
  return defineFunction({
    name,
    forward(context, matrices) {
      context.saveForBackward(matrices);
      return values;
    },
    backward: (context, upstream) => gradient(factorsOf(context.savedTensors[0]), upstream),
  })(input);
}

/** 1 / (x_j - x_i) off the diagonal, 0 on it. */
function differenceInverses(x: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  const apart = x.unsqueeze(-2).sub(x.unsqueeze(-1));
  const unit = eye(n, n, { dtype: x.dtype });
  return apart.add(unit).reciprocal().sub(unit);
}

const SVD = signature("svd", ["input", tensorKind], "*", [
  "fullMatrices",
  kinds.boolean,
  undefined,
]);

/** A = U diag(S) Vh with as many singular values as the smaller side. Signs of singular vectors are arbitrary. */
export function svd(
  ...given: Call<typeof SVD, { readonly fullMatrices?: boolean }, [input: Tensor]>
): SVD {
  const { input, fullMatrices = false } = SVD.read(given);
  checkMatrices("svd", input);
  if (fullMatrices) {
    throw new Error(
      "linalg.svd: fullMatrices is not there, expected false: the singular vectors of singular values only",
    );
  }
  const [rows, columns] = input.shape.slice(-2);
  const k = Math.min(rows, columns);
  const leading = input.shape.slice(0, -2);
  const [u, s, vh] = overMatrices(input.detach(), [[rows, k], [k], [k, columns]], svdOf);
  const known = (a: Tensor) => isGradEnabled() ? svd(a) : { U: u, S: s, Vh: vh };
  const S = factorOf(input, known, {
    name: "LinalgSvdvals",
    values: s,
    gradient: ({ U, Vh }, ds) => U.mul(ds.unsqueeze(-2)).matmul(Vh),
  });
  const shapes = [[...leading, rows, k], [...leading, k, columns]];
  const vectors = factorOf(input, known, {
    name: "LinalgSvd",
    values: pack([u, vh]),
    gradient({ U, S, Vh }, packed) {
      const [du, dvh] = unpack(packed, shapes);
      return svdGradient(U, S, transposed(Vh), du, transposed(dvh));
    },
  });
  const [U, Vh] = unpack(vectors, shapes);
  return namedTuple({ U, S, Vh });
}

function svdOf(matrix: Matrix, which: number): [Matrix, number[], Matrix] {
  const { rows, columns } = matrix;
  const k = Math.min(rows, columns);
  const values = matrix.to1DArray();
  if (values.some(Number.isNaN)) {
    throw new Error(
      `linalg.svd: (Batch element ${which}): The algorithm failed to converge because the input matrix contained non-finite values.`,
    );
  }
  if (k === 0 || values.some((value) => !Number.isFinite(value))) {
    const endless = (m: number, n: number) => Matrix.zeros(m, n).fill(NaN);
    return [endless(rows, k), new Array<number>(k).fill(NaN), endless(k, columns)];
  }
  if (values.every((value) => value === 0)) {
    return [Matrix.eye(rows, k), new Array<number>(k).fill(0), Matrix.eye(k, columns)];
  }
  const decomposition = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const part = (m: Matrix) => m.subMatrix(0, m.rows - 1, 0, k - 1);
  return [
    part(decomposition.leftSingularVectors),
    decomposition.diagonal.slice(0, k),
    part(decomposition.rightSingularVectors).transpose(),
  ];
}

function svdGradient(u: Tensor, s: Tensor, v: Tensor, du: Tensor, dv: Tensor): Tensor {
  const f = differenceInverses(s.square());
  const wide = (x: Tensor) => x.add(transposed(x));
  const [left, right] = [s.unsqueeze(-2), s.unsqueeze(-1)];
  const j = wide(f.mul(transposed(u).matmul(du))).mul(left);
  const k = wide(f.mul(transposed(v).matmul(dv))).mul(right);
  const inside = u.matmul(j.add(k)).matmul(transposed(v));
  // Vectors that span everything have nothing outside, where a value of 0 would be divided by.
  const isTall = u.shape.at(-2)! > u.shape.at(-1)!;
  const isWide = v.shape.at(-2)! > v.shape.at(-1)!;
  const outside = (x: Tensor, dx: Tensor) => dx.sub(x.matmul(transposed(x).matmul(dx))).div(left);
  const tall = isTall ? inside.add(outside(u, du).matmul(transposed(v))) : inside;
  return isWide ? tall.add(u.matmul(transposed(outside(v, dv)))) : tall;
}

const SVDVALS = signature("svdvals", ["input", tensorKind]);

/** Singular values, the largest first. */
export function svdvals(
  ...given: Call<typeof SVDVALS, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = SVDVALS.read(given);
  return svd(input).S;
}

const EIGH = signature("eigh", ["input", tensorKind]);

/** Eigenvalues in ascending order, and eigenvectors as columns, of symmetric matrices (the lower triangle is read). */
export function eigh(
  ...given: Call<typeof EIGH, Record<never, never>, [input: Tensor]>
): NamedTuple<{ eigenvalues: Tensor; eigenvectors: Tensor }> {
  const { input } = EIGH.read(given);
  checkSquare("eigh", input);
  const n = input.shape.at(-1)!;
  const [values, vectors] = overMatrices(input.detach(), [[n], [n, n]], eighOf);
  const known = (a: Tensor) =>
    isGradEnabled() ? eigh(a) : { eigenvalues: values, eigenvectors: vectors };
  const symmetric = (whole: Tensor) => whole.add(transposed(whole)).mul(0.5);
  const eigenvalues = factorOf(input, known, {
    name: "LinalgEigvalsh",
    values,
    gradient: ({ eigenvectors: v }, upstream) =>
      symmetric(v.mul(upstream.unsqueeze(-2)).matmul(transposed(v))),
  });
  const eigenvectors = factorOf(input, known, {
    name: "LinalgEigh",
    values: vectors,
    gradient({ eigenvalues: own, eigenvectors: v }, upstream) {
      const inner = differenceInverses(own).mul(transposed(v).matmul(upstream));
      return symmetric(v.matmul(inner).matmul(transposed(v)));
    },
  });
  return namedTuple({ eigenvalues, eigenvectors });
}

function eighOf(matrix: Matrix): [number[], Matrix] {
  const n = matrix.rows;
  const lower = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) lower.set(i, j, matrix.get(Math.max(i, j), Math.min(i, j)));
  }
  if (!lower.to1DArray().every(Number.isFinite)) {
    return [new Array<number>(n).fill(NaN), lower.fill(NaN)];
  }
  if (n === 0) return [[], lower];
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(lower, {
    assumeSymmetric: true,
  });
  return [realEigenvalues, eigenvectorMatrix];
}

const EIGVALSH = signature("eigvalsh", ["input", tensorKind]);

/** Eigenvalues of symmetric matrices in ascending order. */
export function eigvalsh(
  ...given: Call<typeof EIGVALSH, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = EIGVALSH.read(given);
  return eigh(input).eigenvalues;
}

/** @throws {Error} if shapes of a factor and of a right side do not fit. */
export function checkFactor(name: string, right: Tensor, factor: Tensor): void {
  if (right.ndim >= 2 && right.shape.at(-2) === factor.shape.at(-1)) return;
  throw new Error(
    `${name}: incompatible shapes ${showShape(right.shape)} and ${showShape(factor.shape)}`,
  );
}
