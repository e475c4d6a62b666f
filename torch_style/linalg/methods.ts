/**
 * Functions of linear algebra that are under `torch` and methods too. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { defineMethods, type Methods } from "../methods.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkFactor,
  cholesky as lower,
  qr as reduced,
  svd as decomposed,
} from "./decompositions.ts";
import { det, inv, logdet, slogdet, solve, transposed } from "./inverse.ts";
import { matrixExp, pinv } from "./norms_and_functions.ts";

export { det, logdet, matrixExp, slogdet };

/** The inverse of each matrix; see `linalg.inv`. */
export const inverse = inv;
/** The pseudo-inverse of each matrix; see `linalg.pinv`. */
export const pinverse = pinv;

/** Cholesky's factor; see `linalg.cholesky`. */
export function cholesky(input: Tensor, upper = false): Tensor {
  return lower(input, { upper });
}

/** X with A X = B, given Cholesky's factor of A. */
export function choleskySolve(input: Tensor, factor: Tensor, upper = false): Tensor {
  checkFactor("choleskySolve", input, factor);
  const l = upper ? transposed(factor.triu()) : factor.tril();
  return solve(transposed(l), solve(l, input));
}

/** The inverse of A, given its Cholesky factor. */
export function choleskyInverse(factor: Tensor, upper = false): Tensor {
  const l = upper ? transposed(factor.triu()) : factor.tril();
  return inv(l.matmul(transposed(l)));
}

/** Orthogonal and triangular factor; see `linalg.qr`. */
export function qr(input: Tensor, some = true): { Q: Tensor; R: Tensor } {
  return reduced(input, some ? "reduced" : "complete");
}

/** Singular vectors and values, V not transposed; see `linalg.svd`. */
export function svd(input: Tensor): { U: Tensor; S: Tensor; V: Tensor } {
  const { U, S, Vh } = decomposed(input);
  return { U, S, V: transposed(Vh) };
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
