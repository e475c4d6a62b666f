/** `keras.ops.linalg`. Follows https://keras.io/api/ops/linalg/ @module */
export { cholesky, det, inv, qr, solve, solveTriangular } from "./products.ts";
export { norm } from "./reductions.ts";
