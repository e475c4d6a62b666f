/**
 * Functions of matrices that ONNX has no operator for: computed by `ml-matrix` in double precision, matrix by matrix.
 * @module
 */
import { Matrix } from "ml-matrix";
import { isFloating, type Shape, showShape, sizeOf } from "../../onnx/mod.ts";
import { computeOnHost } from "../ops/host_function.ts";
import type { Tensor } from "../tensor.ts";

export { Matrix };

/** @throws {Error} if a tensor is no batch of matrices of floating point numbers. */
export function checkMatrices(name: string, input: Tensor): void {
  if (input.ndim < 2) {
    throw new Error(
      `linalg.${name}: The input tensor A must have at least 2 dimensions, got shape ${
        showShape(input.shape)
      }`,
    );
  }
  if (!isFloating(input.dtype)) {
    throw new Error(
      `linalg.${name}: Expected a floating point or complex tensor as input. Got ${input.dtype}`,
    );
  }
}

/** @throws {Error} if a tensor is no batch of square matrices. */
export function checkSquare(name: string, input: Tensor): void {
  checkMatrices(name, input);
  const [rows, columns] = input.shape.slice(-2);
  if (rows === columns) return;
  throw new Error(
    `linalg.${name}: A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
  );
}

/**
 * Applies a function to each matrix of a batch.
 *
 * @param shapes shape of each result for one matrix
 * @param compute the results of one matrix
 */
export function overMatrices(
  input: Tensor,
  shapes: readonly Shape[],
  compute: (matrix: Matrix, which: number) => readonly (Matrix | readonly number[])[],
): Tensor[] {
  const [rows, columns] = input.shape.slice(-2);
  const leading = input.shape.slice(0, -2);
  const types = shapes.map((shape) => ({ dtype: input.dtype, shape: [...leading, ...shape] }));
  return computeOnHost([input], types, (data) => {
    const results = shapes.map((shape) => new Float64Array(sizeOf(leading) * sizeOf(shape)));
    for (let k = 0; k < sizeOf(leading); k++) {
      const values = data.subarray(k * rows * columns, (k + 1) * rows * columns);
      const own = compute(Matrix.from1DArray(rows, columns, values as unknown as number[]), k);
      own.forEach((result, i) => {
        const flat = result instanceof Matrix ? result.to1DArray() : result;
        results[i].set(flat as number[], k * sizeOf(shapes[i]));
      });
    }
    return results;
  });
}

/** Several results of one function as one tensor, so that it has one gradient: the last axis holds them side by side. */
export function pack(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0] : joinFlat(parts);
}

function joinFlat(parts: readonly Tensor[]): Tensor {
  const types = { dtype: parts[0].dtype, shape: [parts.reduce((n, part) => n + part.numel(), 0)] };
  return computeOnHost(parts, [types], (...data) => {
    const joined = new Float64Array(types.shape[0]);
    let at = 0;
    for (const values of data) {
      joined.set(values, at);
      at += values.length;
    }
    return [joined];
  })[0];
}

/** The parts that {@linkcode pack} put together; gradients flow. */
export function unpack(packed: Tensor, shapes: readonly Shape[]): Tensor[] {
  if (shapes.length === 1) return [packed];
  let at = 0;
  return shapes.map((shape) => {
    const size = sizeOf(shape);
    at += size;
    return packed.narrow(0, at - size, size).reshape(shape);
  });
}
