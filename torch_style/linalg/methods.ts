/**
 * Functions of linear algebra that are under `torch` and methods too. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { defineMethods, type Methods } from "../methods.ts";
import {
  checkFactor,
  cholesky as lower,
  type QR,
  qr as reduced,
  svd as decomposed,
} from "./decompositions.ts";
import { det, inv, logdet, slogdet, solve, transposed } from "./inverse.ts";
import { matrixExp, pinv } from "./norms_and_functions.ts";
import { type NamedTuple, namedTuple } from "../ops/named_tuple.ts";

export { det, logdet, matrixExp, slogdet };

/** The inverse of each matrix; see `linalg.inv`. */
export const inverse = inv;
/** The pseudo-inverse of each matrix; see `linalg.pinv`. */
export const pinverse = pinv;

const CHOLESKY = signature("cholesky", ["input", tensorKind], ["upper", kinds.boolean, false]);

/** Cholesky's factor; see `linalg.cholesky`. */
export function cholesky(
  ...given: Call<typeof CHOLESKY, { readonly upper?: boolean }, [input: Tensor]>
): Tensor {
  const { input, upper } = CHOLESKY.read(given);
  return lower(input, { upper });
}

const CHOLESKY_SOLVE = signature("choleskySolve", ["B", tensorKind], ["L", tensorKind], [
  "upper",
  kinds.boolean,
  false,
]);

/** X with A X = B, given the Cholesky factor L of A. */
export function choleskySolve(
  ...given: Call<
    typeof CHOLESKY_SOLVE,
    { readonly upper?: boolean },
    [B: Tensor, L: Tensor]
  >
): Tensor {
  const { B, L, upper } = CHOLESKY_SOLVE.read(given);
  checkFactor("choleskySolve", B, L);
  const l = upper ? transposed(L.triu()) : L.tril();
  return solve(transposed(l), solve(l, B));
}

const CHOLESKY_INVERSE = signature("choleskyInverse", ["L", tensorKind], [
  "upper",
  kinds.boolean,
  false,
]);

/** The inverse of A, given its Cholesky factor L. */
export function choleskyInverse(
  ...given: Call<typeof CHOLESKY_INVERSE, { readonly upper?: boolean }, [L: Tensor]>
): Tensor {
  const { L, upper } = CHOLESKY_INVERSE.read(given);
  const l = upper ? transposed(L.triu()) : L.tril();
  return inv(l.matmul(transposed(l)));
}

const QR_METHOD = signature("qr", ["input", tensorKind], ["some", kinds.boolean, true]);

/** Orthogonal and triangular factor; see `linalg.qr`. */
export function qr(
  ...given: Call<typeof QR_METHOD, { readonly some?: boolean }, [input: Tensor]>
): QR {
  const { input, some } = QR_METHOD.read(given);
  return reduced(input, some ? "reduced" : "complete");
}

const SVD = signature("svd", ["input", tensorKind]);

/** Singular vectors and values, V not transposed; see `linalg.svd`. */
export function svd(
  ...given: Call<typeof SVD, Record<never, never>, [input: Tensor]>
): NamedTuple<{ U: Tensor; S: Tensor; V: Tensor }> {
  const { input } = SVD.read(given);
  const { U, S, Vh } = decomposed(input);
  return namedTuple({ U, S, V: transposed(Vh) });
}

const methods = {
  det,
  logdet,
  slogdet,
  inverse,
  pinverse,
  cholesky,
  choleskySolve,
  choleskyInverse,
  qr,
  svd,
  matrixExp,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
