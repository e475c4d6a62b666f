/**
 * First values of whole matrices: orthonormal ones, sparse ones.
 * @module
 */
import { showShape } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { type DrawOptions, generatorParameter, streamOf } from "../../random_source.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { orthonormalRows } from "../orthonormal.ts";
import { fill } from "./fill.ts";

const ORTHOGONAL_IN_PLACE = signature("orthogonal_", ["tensor", tensorKind], [
  "gain",
  kinds.number,
  1,
], generatorParameter);

/** A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2013); axes from 1 on are one. */
export function orthogonal_(
  ...given: Call<
    typeof ORTHOGONAL_IN_PLACE,
    { readonly gain?: number } & DrawOptions,
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, gain, ...from } = ORTHOGONAL_IN_PLACE.read(given);
  if (tensor.ndim < 2) throw new Error("Only tensors with 2 or more dimensions are supported");
  const rows = tensor.shape[0];
  const columns = tensor.numel() / rows;
  const [few, many] = rows <= columns ? [rows, columns] : [columns, rows];
  const basis = orthonormalRows(streamOf(from).normal(few * many), few, many);
  const at = (i: number, j: number) => rows <= columns ? basis[i * many + j] : basis[j * many + i];
  return fill(
    tensor,
    Array.from(
      { length: rows * columns },
      (_, k) => gain * at(Math.floor(k / columns), k % columns),
    ),
  );
}

const SPARSE_IN_PLACE = signature("sparse_", ["tensor", tensorKind], ["sparsity", kinds.number], [
  "std",
  kinds.number,
  0.01,
], generatorParameter);

/** Normal numbers, a share of each column zero (Martens 2010). */
export function sparse_(
  ...given: Call<
    typeof SPARSE_IN_PLACE,
    { readonly std?: number } & DrawOptions,
    [tensor: Tensor, sparsity: number]
  >
): Tensor {
  const { tensor, sparsity, std, ...from } = SPARSE_IN_PLACE.read(given);
  if (tensor.ndim !== 2) {
    throw new Error(`Only tensors with 2 dimensions are supported, got ${showShape(tensor.shape)}`);
  }
  const [rows, columns] = tensor.shape;
  const stream = streamOf(from);
  const values = stream.normal(rows * columns, 0, std);
  for (let column = 0; column < columns; column++) {
    const order = stream.permutation(rows);
    for (const row of order.subarray(0, Math.ceil(sparsity * rows))) {
      values[row * columns + column] = 0;
    }
  }
  return fill(tensor, values);
}
