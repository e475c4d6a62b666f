/**
 * Products of matrices and vectors. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { constant, ops, showShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { autocastDType } from "../amp/autocast_state.ts";
import { apply } from "../autograd/apply.ts";
import { deliver, type OutOption } from "./out.ts";

function product(name: string, a: Tensor, b: Tensor, options: OutOption): Tensor {
  if (a.dtype !== b.dtype && !autocastDType(name)) {
    throw new Error(
      `${name}: expected m1 and m2 to have the same dtype, but got: ${a.dtype} != ${b.dtype}`,
    );
  }
  return deliver(apply(name, [a, b], ([x, y]) => ops.matmul(x, y)), options);
}

function checkAxes(name: string, input: Tensor, axes: number, which: string): void {
  if (input.ndim === axes) return;
  throw new Error(`${name}: ${which} must be ${axes}D, got shape ${showShape(input.shape)}`);
}

const MATMUL = signature("matmul", ["input", tensorKind], ["other", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Product of vectors, matrices, or batches of matrices, which are broadcast. */
export function matmul(
  ...given: Call<typeof MATMUL, OutOption, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other, ...options } = MATMUL.read(given);
  const [inner, outer] = [input.shape.at(-1), other.shape.at(other.ndim > 1 ? -2 : -1)];
  if (input.ndim > 0 && other.ndim > 0 && inner !== outer) {
    throw new Error(
      `mat1 and mat2 shapes cannot be multiplied (${showShape(input.shape)} and ${
        showShape(other.shape)
      })`,
    );
  }
  return product("Matmul", input, other, options);
}

const MM = signature("mm", ["input", tensorKind], ["mat2", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Product of two matrices. */
export function mm(...given: Call<typeof MM, OutOption, [input: Tensor, mat2: Tensor]>): Tensor {
  const { input, mat2, ...options } = MM.read(given);
  checkAxes("mm", input, 2, "self");
  checkAxes("mm", mat2, 2, "mat2");
  return matmul(input, mat2, options);
}

const BMM = signature("bmm", ["input", tensorKind], ["mat2", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Products of two batches of matrices [b, n, m] and [b, m, p]. */
export function bmm(...given: Call<typeof BMM, OutOption, [input: Tensor, mat2: Tensor]>): Tensor {
  const { input, mat2, ...options } = BMM.read(given);
  checkAxes("bmm", input, 3, "batch1");
  checkAxes("bmm", mat2, 3, "batch2");
  return matmul(input, mat2, options);
}

const MV = signature("mv", ["input", tensorKind], ["vec", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Product of a matrix and a vector. */
export function mv(...given: Call<typeof MV, OutOption, [input: Tensor, vec: Tensor]>): Tensor {
  const { input, vec, ...options } = MV.read(given);
  checkAxes("mv", input, 2, "self");
  checkAxes("mv", vec, 1, "vec");
  return matmul(input, vec, options);
}

const DOT = signature("dot", ["input", tensorKind], ["tensor", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Sum of the products of two vectors' elements. */
export function dot(
  ...given: Call<typeof DOT, OutOption, [input: Tensor, tensor: Tensor]>
): Tensor {
  const { input, tensor, ...options } = DOT.read(given);
  checkAxes("dot", input, 1, "self");
  checkAxes("dot", tensor, 1, "tensor");
  return matmul(input, tensor, options);
}

const OUTER = signature("outer", ["input", tensorKind], ["vec2", tensorKind]);

/** All products of one vector's elements with another's. */
export function outer(
  ...given: Call<typeof OUTER, Record<never, never>, [input: Tensor, vec2: Tensor]>
): Tensor {
  const { input, vec2 } = OUTER.read(given);
  checkAxes("outer", input, 1, "self");
  checkAxes("outer", vec2, 1, "vec2");
  return input.unsqueeze(1).mul(vec2.unsqueeze(0));
}

function triangle(input: Tensor, keep: (row: number, column: number) => boolean): Tensor {
  const [rows, columns] = input.shape.slice(-2);
  const mask = Array.from(
    { length: rows * columns },
    (_, i) => keep(Math.floor(i / columns), i % columns) ? 1 : 0,
  );
  const kept = constant(mask, "bool", [rows, columns]);
  return input.maskedFill(new Tensor(ops.logicalNot(kept)), 0);
}

const TRIL = signature("tril", ["input", tensorKind], ["diagonal", kinds.integer, 0]);

/** The part of matrices on and below a diagonal, zeros elsewhere. */
export function tril(
  ...given: Call<typeof TRIL, { readonly diagonal?: number }, [input: Tensor]>
): Tensor {
  const { input, diagonal } = TRIL.read(given);
  return triangle(input, (row, column) => column - row <= diagonal);
}

const TRIU = signature("triu", ["input", tensorKind], ["diagonal", kinds.integer, 0]);

/** The part of matrices on and above a diagonal, zeros elsewhere. */
export function triu(
  ...given: Call<typeof TRIU, { readonly diagonal?: number }, [input: Tensor]>
): Tensor {
  const { input, diagonal } = TRIU.read(given);
  return triangle(input, (row, column) => column - row >= diagonal);
}

const methods = { matmul, mm, bmm, mv, dot, outer, tril, triu };

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
