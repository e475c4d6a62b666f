/**
 * Linear algebra. Follows https://docs.pytorch.org/docs/stable/linalg.html
 *
 * What has no ONNX operator is computed in JavaScript, in double precision, when its values are asked for; it cannot be
 * exported to ONNX files.
 * @module
 */
export { diagonal, matrixPower } from "../ops/mod.ts";
export { matmul } from "../ops/linear_algebra.ts";
export { cholesky, eigh, eigvalsh, type QR, qr, type SVD, svd, svdvals } from "./decompositions.ts";
export { det, inv, slogdet, solve, solveTriangular, type TriangularOptions } from "./inverse.ts";
export * from "./norms_and_functions.ts";
