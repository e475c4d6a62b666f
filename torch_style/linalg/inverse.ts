/**
 * Inverses, determinants and systems of equations. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/linalg.html
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { determinant, LuDecomposition } from "ml-matrix";
import { broadcastShapes, showShape, sizeOf } from "../../onnx/mod.ts";
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

/** @param ofSingular what a matrix without an inverse gives */
function inverseBy(name: string, ofSingular: (n: number, which: number) => Matrix) {
  return defineFunction({
    name,
    forward(context, a) {
      const n = a.shape.at(-1)!;
      const [result] = overMatrices(a, [[n, n]], (matrix, which) => {
        if (n === 0) return [matrix];
        const lu = new LuDecomposition(matrix);
        return [lu.isSingular() ? ofSingular(n, which) : lu.solve(Matrix.eye(n, n))];
      });
      context.saveForBackward(result);
      return result;
    },
    backward(context, gradient) {
      const adjoint = transposed(context.savedTensors[0]);
      return adjoint.matmul(gradient).matmul(adjoint).neg();
    },
  });
}

const inverse = inverseBy("LinalgInv", (_, which) => {
  throw singular("inv", which);
});
/** In the gradient of a determinant of 0, which is 0 as PyTorch's. */
const inverseOrZeros = inverseBy("LinalgInvOrZeros", (n) => Matrix.zeros(n, n));
/** In the gradient of the logarithm of 0. */
const inverseOrNaN = inverseBy("LinalgInvOrNan", (n) => Matrix.zeros(n, n).fill(NaN));

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
    return transposed(inverseOrZeros(a)).mul(gradient.mul(result).unsqueeze(-1).unsqueeze(-1));
  },
});

const DET = signature("det", ["input", tensorKind]);

/** The determinant of each matrix. The gradient of a determinant of 0 is 0, as PyTorch's. */
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
    transposed(inverseOrNaN(context.savedTensors[0])).mul(gradient.unsqueeze(-1).unsqueeze(-1)),
});

function signAndLogarithm(matrix: Matrix): [sign: number, logarithm: number] {
  const { upperTriangularMatrix: upper, pivotPermutationVector: order } = new LuDecomposition(
    matrix,
  );
  const diagonal = upper.diagonal();
  let sign = diagonal.reduce((s, x) => s * (Number.isNaN(x) ? 0 : Math.sign(x)), 1);
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

/** How one system is solved: a square matrix and its right sides. */
type Solver = (a: Matrix, b: Matrix, which: number) => Matrix;

/** @param adjoint solves the systems of the transposed matrices */
function solutionBy(
  name: string,
  solveOne: Solver,
  adjoint: (a: Tensor, b: Tensor) => Tensor,
) {
  return defineFunction({
    name,
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
          if (n * columns === 0) continue;
          values.set(solveOne(part(left, n), part(right, columns), k).to1DArray(), k * n * columns);
        }
        return [values];
      });
      context.saveForBackward(a, result);
      return result;
    },
    backward(context, gradient) {
      const [a, x] = context.savedTensors;
      const db = adjoint(transposed(a), gradient);
      return [db.matmul(transposed(x)).neg(), db];
    },
  });
}

const solution = solutionBy("LinalgSolve", (a, b, which) => {
  const lu = new LuDecomposition(a);
  if (lu.isSingular()) throw singular("solve", which);
  return lu.solve(b);
}, (a, b) => solution(a, b));

/** By substitution, which a 0 on the diagonal makes infinite or NaN, as in PyTorch. */
function triangularSolution(upper: boolean): (a: Tensor, b: Tensor) => Tensor {
  return solutionBy("LinalgSolveTriangular", (a, b) => {
    const n = a.rows;
    const x = b.clone();
    for (let step = 0; step < n; step++) {
      const i = upper ? n - 1 - step : step;
      for (let column = 0; column < x.columns; column++) {
        let rest = x.get(i, column);
        const known = upper ? [i + 1, n] : [0, i];
        for (let j = known[0]; j < known[1]; j++) rest -= a.get(i, j) * x.get(j, column);
        x.set(i, column, rest / a.get(i, i));
      }
    }
    return x;
  }, (a, b) => triangularSolution(!upper)(a, b));
}

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
  return solved("solve", solution, a, b);
}

function solved(
  name: string,
  solve: (a: Tensor, b: Tensor) => Tensor,
  a: Tensor,
  b: Tensor,
): Tensor {
  const isVector = b.ndim === 1 ||
    (b.ndim === a.ndim - 1 && String(b.shape) === String(a.shape.slice(0, -1)));
  const right = isVector ? b.unsqueeze(-1) : b;
  if (right.shape.at(-2) !== a.shape.at(-1)) {
    throw new Error(
      `linalg.${name}: Incompatible shapes of A and B for the equation AX = B (${
        showShape(a.shape)
      } and ${showShape(b.shape)})`,
    );
  }
  const leading = broadcastShapes(
    `linalg.${name}`,
    a.shape.slice(0, -2),
    right.shape.slice(0, -2),
  );
  const wide = (x: Tensor) => x.expand([...leading, ...x.shape.slice(-2)]);
  const result = solve(wide(a), wide(right));
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
  if (left) return solved("solve_triangular", triangularSolution(upper), whole, b);
  const turned = solved(
    "solve_triangular",
    triangularSolution(!upper),
    transposed(whole),
    transposed(b),
  );
  return transposed(turned);
}
