/**
 * Inverses, determinants and systems of equations. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/linalg.html
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { determinant, LuDecomposition } from "ml-matrix";
import { showShape, sizeOf } from "../../onnx/mod.ts";
import { defineFunction } from "../autograd/function.ts";
import { computeOnHost } from "../ops/host_function.ts";
import { checkSquare, Matrix, overMatrices } from "./batched.ts";
import { type NamedTuple, namedTuple } from "../ops/named_tuple.ts";

const TRANSPOSED = signature("transposed", ["x", tensorKind]);

/** The matrices of the last two axes transposed. */
export function transposed(
  ...given: Call<typeof TRANSPOSED, Record<never, never>, [x: Tensor]>
): Tensor {
  const { x } = TRANSPOSED.read(given);
  return x.transpose(-2, -1);
}

function singular(name: string, k: number): Error {
  return new Error(
    `linalg.${name}: (Batch element ${k}): The diagonal element of a factor is zero, the inversion could not be completed because the input matrix is singular.`,
  );
}

const inverse = defineFunction({
  name: "LinalgInv",
  forward(context, a) {
    const n = a.shape.at(-1)!;
    const [result] = overMatrices(a, [[n, n]], (matrix, k) => {
      const lu = new LuDecomposition(matrix);
      if (lu.isSingular()) throw singular("inv", k);
      return [lu.solve(Matrix.eye(n, n))];
    });
    context.saveForBackward(result);
    return result;
  },
  backward(context, gradient) {
    const adjoint = transposed(context.savedTensors[0]);
    return adjoint.matmul(gradient).matmul(adjoint).neg();
  },
});

const INV = signature("inv", ["input", tensorKind]);

/** The inverse of each matrix. @throws {Error} if one is singular, where the values are read */
export function inv(...given: Call<typeof INV, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = INV.read(given);
  checkSquare("inv", input);
  return inverse(input);
}

const determinantOf = defineFunction({
  name: "LinalgDet",
  forward(context, a) {
    const [result] = overMatrices(
      a,
      [[]],
      (matrix) => [[matrix.rows === 0 ? 1 : determinant(matrix)]],
    );
    context.saveForBackward(a, result);
    return result;
  },
  backward(context, gradient) {
    const [a, result] = context.savedTensors;
    return transposed(inv(a)).mul(gradient.mul(result).unsqueeze(-1).unsqueeze(-1));
  },
});

const DET = signature("det", ["input", tensorKind]);

/** The determinant of each matrix. Gradients are there for matrices that have an inverse. */
export function det(...given: Call<typeof DET, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = DET.read(given);
  checkSquare("det", input);
  return determinantOf(input);
}

const logarithmOfDeterminant = defineFunction({
  name: "LinalgSlogdet",
  forward(context, a) {
    context.saveForBackward(a);
    return overMatrices(a, [[]], (matrix) => [[signAndLogarithm(matrix)[1]]])[0];
  },
  backward: (context, gradient) =>
    transposed(inv(context.savedTensors[0])).mul(gradient.unsqueeze(-1).unsqueeze(-1)),
});

function signAndLogarithm(matrix: Matrix): [sign: number, logarithm: number] {
  const { upperTriangularMatrix: upper, pivotPermutationVector: order } = new LuDecomposition(
    matrix,
  );
  const diagonal = upper.diagonal();
  let sign = diagonal.reduce((s, x) => s * Math.sign(x), 1);
  const seen = [...order];
  for (let i = 0; i < seen.length; i++) {
    while (seen[i] !== i) {
      const j = seen[i];
      [seen[i], seen[j]] = [seen[j], j];
      sign = -sign;
    }
  }
  return [sign, diagonal.reduce((sum, x) => sum + Math.log(Math.abs(x)), 0)];
}

const SLOGDET = signature("slogdet", ["input", tensorKind]);

/** Sign and logarithm of the absolute value of the determinant, without overflow. */
export function slogdet(
  ...given: Call<typeof SLOGDET, Record<never, never>, [input: Tensor]>
): NamedTuple<{ sign: Tensor; logabsdet: Tensor }> {
  const { input } = SLOGDET.read(given);
  checkSquare("slogdet", input);
  const [sign] = overMatrices(input.detach(), [[]], (matrix) => [[signAndLogarithm(matrix)[0]]]);
  return namedTuple({ sign, logabsdet: logarithmOfDeterminant(input) });
}

const LOGDET = signature("logdet", ["input", tensorKind]);

/** Logarithm of the determinant; NaN where it is negative. */
export function logdet(
  ...given: Call<typeof LOGDET, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = LOGDET.read(given);
  const { sign, logabsdet } = slogdet(input);
  return logabsdet.where(sign.ge(0), NaN);
}

const solution = defineFunction({
  name: "LinalgSolve",
  forward(context, a, b) {
    const [n, columns] = b.shape.slice(-2);
    const [result] = computeOnHost([a, b], [b], (left, right) => {
      const values = new Float64Array(b.numel());
      for (let k = 0; k < sizeOf(b.shape.slice(0, -2)); k++) {
        const part = (data: Float64Array, width: number) =>
          Matrix.from1DArray(
            n,
            width,
            data.subarray(k * n * width, (k + 1) * n * width) as unknown as number[],
          );
        const lu = new LuDecomposition(part(left, n));
        if (lu.isSingular()) throw singular("solve", k);
        values.set(lu.solve(part(right, columns)).to1DArray(), k * n * columns);
      }
      return [values];
    });
    context.saveForBackward(a, result);
    return result;
  },
  backward(context, gradient) {
    const [a, x] = context.savedTensors;
    const db = solve(transposed(a), gradient);
    return [db.matmul(transposed(x)).neg(), db];
  },
});

const SOLVE = signature("solve", ["a", tensorKind], ["b", tensorKind]);

/**
 * X with A X = B. B is a batch of matrices, or of vectors if it has one axis less than A.
 *
 * @throws {Error} if shapes do not fit, or a matrix is singular, where the values are read
 */
export function solve(
  ...given: Call<typeof SOLVE, Record<never, never>, [a: Tensor, b: Tensor]>
): Tensor {
  const { a, b } = SOLVE.read(given);
  checkSquare("solve", a);
  const isVector = b.ndim === 1 ||
    (b.ndim === a.ndim - 1 && String(b.shape) === String(a.shape.slice(0, -1)));
  const right = isVector ? b.unsqueeze(-1) : b;
  if (right.shape.at(-2) !== a.shape.at(-1)) {
    throw new Error(
      `linalg.solve: Incompatible shapes of A and B for the equation AX = B (${
        showShape(a.shape)
      } and ${showShape(b.shape)})`,
    );
  }
  const [leading] = [
    a.detach().narrow(-1, 0, 1).narrow(-2, 0, 1).add(
      right.detach().narrow(-1, 0, 1).narrow(-2, 0, 1),
    ).shape.slice(0, -2),
  ];
  const wide = (x: Tensor) => x.expand([...leading, ...x.shape.slice(-2)]);
  const result = solution(wide(a), wide(right));
  return isVector ? result.squeeze(-1) : result;
}

/** Options of {@linkcode solveTriangular}. */
export interface TriangularOptions {
  /** Whether A is upper triangular; the other half is not read. */
  readonly upper: boolean;
  /** Solve X A = B. */
  readonly left?: boolean;
  /** Ones on the diagonal, which is not read then. */
  readonly unitriangular?: boolean;
}

const SOLVE_TRIANGULAR = signature(
  "solveTriangular",
  ["a", tensorKind],
  ["b", tensorKind],
  "*",
  ["upper", kinds.boolean],
  ["left", kinds.boolean, true],
  ["unitriangular", kinds.boolean, false],
);

/** X with A X = B for a triangular A. */
export function solveTriangular(
  ...given: [a: Tensor, b: Tensor, options: TriangularOptions]
): Tensor {
  const { a, b, upper, left, unitriangular } = SOLVE_TRIANGULAR.read(given);
  checkSquare("solveTriangular", a);
  const offset = unitriangular ? 1 : 0;
  const half = upper ? a.triu(offset) : a.tril(-offset);
  const whole = unitriangular ? half.add(half.detach().mul(0).add(1).triu().tril()) : half;
  return left ? solve(whole, b) : transposed(solve(transposed(whole), transposed(b)));
}
