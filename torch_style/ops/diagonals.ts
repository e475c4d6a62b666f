/**
 * Diagonals and triangles of matrices. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#other-operations
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, Tensor, tensorKind } from "../tensor.ts";
import { fromHost, type LazyArray, normalizeAxis, ops, showShape } from "../../onnx/mod.ts";
import { zeros } from "../creation.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { write } from "../autograd/views.ts";
import { where } from "./elementwise.ts";

/** Where elements of a diagonal lie in a matrix laid out row by row. */
function diagonalIndices(rows: number, columns: number, offset: number): number[] {
  const [top, left] = [Math.max(0, -offset), Math.max(0, offset)];
  const length = Math.max(0, Math.min(rows - top, columns - left));
  return Array.from({ length }, (_, i) => (top + i) * columns + left + i);
}

function indexArray(values: readonly number[]): LazyArray {
  return fromHost(Int32Array.from(values), [values.length]);
}

function twoAxes(
  name: string,
  input: Tensor,
  dim1: number,
  dim2: number,
  rank = input.ndim,
): [number, number] {
  const axes = [dim1, dim2].map((dim) => normalizeAxis(name, dim, rank)) as [number, number];
  if (axes[0] !== axes[1]) return axes;
  throw new Error(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
}

/** Matrices of two axes in the last two positions. */
function matricesLast(input: Tensor, [first, second]: readonly [number, number]): Tensor {
  return input.movedim([first, second], [-2, -1]);
}

const DIAGONAL = signature("diagonal", ["input", tensorKind], ["offset", kinds.integer, 0], [
  "dim1",
  kinds.integer,
  0,
], ["dim2", kinds.number, 1]);

/** The diagonal of the matrices of two axes, as the last axis; a copy. */
export function diagonal(
  ...given: Call<
    typeof DIAGONAL,
    { readonly offset?: number; readonly dim1?: number; readonly dim2?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, offset, dim1, dim2 } = DIAGONAL.read(given);
  const x = matricesLast(input, twoAxes("diagonal", input, dim1, dim2));
  const [rows, columns] = x.shape.slice(-2);
  const indices = diagonalIndices(rows, columns, offset);
  return apply(
    "Diagonal",
    [x],
    ([x]) =>
      ops.gather(
        ops.reshape(x, [...x.shape.slice(0, -2), rows * columns]),
        indexArray(indices),
        -1,
      ),
  );
}

const DIAG_EMBED = signature("diagEmbed", ["input", tensorKind], ["offset", kinds.integer, 0], [
  "dim1",
  kinds.integer,
  -2,
], ["dim2", kinds.number, -1]);

/** Matrices of zeros with the last axis on a diagonal. */
export function diagEmbed(
  ...given: Call<
    typeof DIAG_EMBED,
    { readonly offset?: number; readonly dim1?: number; readonly dim2?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, offset, dim1, dim2 } = DIAG_EMBED.read(given);
  const axes = twoAxes("diagEmbed", input, dim1, dim2, input.ndim + 1);
  const length = input.shape.at(-1)!;
  const size = length + Math.abs(offset);
  const from = new Array<number>(size * size).fill(length);
  diagonalIndices(size, size, offset).forEach((position, i) => from[position] = i);
  const embedded = apply("DiagEmbed", [input], ([x]) => {
    // One zero more, which everything off the diagonal is read from.
    const padded = ops.pad(
      x,
      x.shape.map(() => 0),
      x.shape.map((_, i) => i === x.shape.length - 1 ? 1 : 0),
    );
    return ops.reshape(ops.gather(padded, indexArray(from), -1), [
      ...x.shape.slice(0, -1),
      size,
      size,
    ]);
  });
  return embedded.movedim([-2, -1], axes);
}

const DIAG = signature("diag", ["input", tensorKind], ["diagonal", kinds.integer, 0]);

/** A matrix with a vector on its diagonal, or the diagonal of a matrix. */
export function diag(
  ...given: Call<typeof DIAG, { readonly diagonal?: number }, [input: Tensor]>
): Tensor {
  const { input, diagonal: offset } = DIAG.read(given);
  if (input.ndim === 1) return diagEmbed(input, offset);
  if (input.ndim === 2) return diagonal(input, offset);
  throw new Error(`diag(): Supports 1D or 2D tensors. Got ${input.ndim}D`);
}

const DIAGFLAT = signature("diagflat", ["input", tensorKind], ["offset", kinds.integer, 0]);

/** A matrix with all elements on its diagonal. */
export function diagflat(
  ...given: Call<typeof DIAGFLAT, { readonly offset?: number }, [input: Tensor]>
): Tensor {
  const { input, offset } = DIAGFLAT.read(given);
  return diagEmbed(input.reshape(-1), offset);
}

const DIAGONAL_SCATTER = signature(
  "diagonalScatter",
  ["input", tensorKind],
  ["src", tensorKind],
  ["offset", kinds.integer, 0],
  ["dim1", kinds.integer, 0],
  ["dim2", kinds.number, 1],
);

/** The input with other elements on the diagonal of two axes. */
export function diagonalScatter(
  ...given: Call<
    typeof DIAGONAL_SCATTER,
    { readonly offset?: number; readonly dim1?: number; readonly dim2?: number },
    [input: Tensor, src: Tensor]
  >
): Tensor {
  const { input, src, offset, dim1, dim2 } = DIAGONAL_SCATTER.read(given);
  const axes = twoAxes("diagonalScatter", input, dim1, dim2);
  const x = matricesLast(input, axes);
  const mask = diagonalMask(x, offset);
  const [rows, columns] = x.shape.slice(-2);
  const from = new Array<number>(rows * columns).fill(0);
  const positions = diagonalIndices(rows, columns, offset);
  if (src.shape.at(-1) !== positions.length) {
    throw new Error(
      `expected src to have a size equal to a slice of self. src size = ${
        showShape(src.shape)
      }, slice size = ${showShape([...x.shape.slice(0, -2), positions.length])}`,
    );
  }
  positions.forEach((position, i) => from[position] = i);
  const laid = apply(
    "DiagonalScatter",
    [src],
    ([s]) =>
      ops.reshape(ops.gather(s, indexArray(from), -1), [...s.shape.slice(0, -1), rows, columns]),
  );
  return where(mask, laid, x).movedim([-2, -1], axes);
}

function diagonalMask(x: Tensor, offset: number): Tensor {
  const [rows, columns] = x.shape.slice(-2);
  const mask = new Uint8Array(rows * columns);
  for (const position of diagonalIndices(rows, columns, offset)) mask[position] = 1;
  return new Tensor(fromHost(mask, [rows, columns], "bool"));
}

/** Sets the diagonal of a matrix to one value, of a tall one (`wrap`) again and again. */
function fillDiagonal_(input: Tensor, value: Operand, wrap = false): Tensor {
  if (input.ndim < 2) throw new Error("dimensions must larger than 1");
  const { shape } = input;
  if (input.ndim > 2 && shape.some((n) => n !== shape[0])) {
    throw new Error("all dimensions of input must be of equal length");
  }
  const mask = new Uint8Array(input.numel());
  const step = shape.reduce((sum, _, i) => sum + shape.slice(i + 1).reduce((a, b) => a * b, 1), 0);
  const end = wrap || input.ndim > 2 ? mask.length : Math.min(mask.length, shape[1] * shape[1]);
  for (let i = 0; i < end; i += step) mask[i] = 1;
  return write(input, input.maskedFill(new Tensor(fromHost(mask, shape, "bool")), value));
}

const TRACE = signature("trace", ["input", tensorKind]);

/** Sum of the diagonal of a matrix. */
export function trace(...given: Call<typeof TRACE, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = TRACE.read(given);
  if (input.ndim !== 2) {
    throw new Error(`trace: expected a matrix, but got tensor with dim ${input.ndim}`);
  }
  return diagonal(input).sum();
}

function triangleIndices(
  row: number,
  col: number,
  keep: (i: number, j: number) => boolean,
): Tensor {
  const positions: [number, number][] = [];
  for (let i = 0; i < row; i++) {
    for (let j = 0; j < col; j++) if (keep(i, j)) positions.push([i, j]);
  }
  const flat = [...positions.map(([i]) => i), ...positions.map(([, j]) => j)];
  return new Tensor(fromHost(BigInt64Array.from(flat, BigInt), [2, positions.length]));
}

const TRIL_INDICES = signature("trilIndices", ["row", kinds.number], ["col", kinds.number], [
  "offset",
  kinds.integer,
  0,
]);

/** Rows and columns [2, count] of the part on and below a diagonal. */
export function trilIndices(
  ...given: Call<typeof TRIL_INDICES, { readonly offset?: number }, [row: number, col: number]>
): Tensor {
  const { row, col, offset } = TRIL_INDICES.read(given);
  return triangleIndices(row, col, (i, j) => j - i <= offset);
}

const TRIU_INDICES = signature("triuIndices", ["row", kinds.number], ["col", kinds.number], [
  "offset",
  kinds.integer,
  0,
]);

/** Rows and columns [2, count] of the part on and above a diagonal. */
export function triuIndices(
  ...given: Call<typeof TRIU_INDICES, { readonly offset?: number }, [row: number, col: number]>
): Tensor {
  const { row, col, offset } = TRIU_INDICES.read(given);
  return triangleIndices(row, col, (i, j) => j - i >= offset);
}

const BLOCK_DIAG = signature("blockDiag", ["tensors", kinds.listOf(tensorKind)]);

/** Matrices along the diagonal of a larger one of zeros. */
export function blockDiag(...tensors: Tensor[]): Tensor {
  BLOCK_DIAG.read([tensors]);
  if (tensors.length === 0) return zeros([1, 0]);
  const blocks = tensors.map((x) => x.ndim === 2 ? x : x.reshape(1, x.numel()));
  const width = blocks.reduce((n, x) => n + x.shape[1], 0);
  let left = 0;
  return apply("BlockDiag", blocks, (arrays) =>
    ops.concat(
      arrays.map((x) => {
        const padded = ops.pad(x, [0, left], [0, width - left - x.shape[1]]);
        left += x.shape[1];
        return padded;
      }),
      0,
    ));
}

const methods = { diagonal, diagEmbed, diag, diagflat, diagonalScatter, fillDiagonal_, trace };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
