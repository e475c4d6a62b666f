/**
 * `keras.ops`: NumPy's functions and those of networks, on tensors at once and on symbolic tensors as parts of a model.
 * Required arguments stand in order, others in an object of options; the first of them, such as the axis, may stand there by
 * itself. Follows https://keras.io/api/ops/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const { ops } = keras;
 * console.log(await ops.sum([[1, 2], [3, 4]], 0).data()); // 4, 6
 * const x = keras.Input({ shape: [4] });
 * console.log(ops.concatenate([x, ops.square(x)], { axis: -1 }).shape); // [ null, 8 ]
 * ```
 * @module
 */
export type {
  ArgumentOp,
  BinaryOp,
  EagerInput,
  ListOp,
  OpInput,
  TernaryOp,
  UnaryOp,
  UnaryOptionsOp,
} from "./define_op.ts";
export * from "./creation.ts";
export * from "./elementwise.ts";
export * as image from "./image.ts";
export * as linalg from "./linalg.ts";
export * as nn from "./nn.ts";
export * from "./nn.ts";
export * from "./indexing.ts";
export * from "./products.ts";
export { variance as var } from "./reductions.ts";
export * from "./reductions.ts";
export * from "./searching.ts";
export * from "./shapes.ts";
