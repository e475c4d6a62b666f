/**
 * Values as vectors.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** A row that takes no gradient, counted from the end if negative. */
  readonly paddingIdx?: number | null;
}

const EMBEDDING = signature("embedding", ["input", tensorKind], ["weight", tensorKind], [
  "paddingIdx",
  kinds.nullable(kinds.number),
  undefined,
]);

/**
 * Rows of a table [rows, width] for the values of a tensor of any shape (int64 or int32).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 *
 * @throws {Error} if a number is out of range or not whole.
 */
export function embedding(
  ...given: Call<typeof EMBEDDING, EmbeddingOptions, [input: Tensor, weight: Tensor]>
): Tensor {
  const { input, weight, paddingIdx = null } = EMBEDDING.read(given);
  if (weight.ndim !== 2) {
    throw new Error(`embedding: 'weight' must be 2-D, got ${showShape(weight.shape)}`);
  }
  const rows = weight.shape[0];
  checkNumbers("embedding", input, rows);
  const padding = paddingIdx === null ? undefined : rowOf(paddingIdx, rows);
  const indices = ops.withinRange("embedding", input.array, { to: rows - 1 });
  return apply("Embedding", [weight], ([w]) => ops.embedding(w, indices, padding));
}

/** @throws {Error} if the row is not one of so many. */
export function rowOf(index: number, rows: number): number {
  if (Number.isInteger(index) && index >= -rows && index < rows) {
    return index < 0 ? index + rows : index;
  }
  throw new Error(`padding_idx must be within num_embeddings: got ${index}, there are ${rows}`);
}

/** Values that are still to be computed are checked by ONNX Runtime. */
function checkNumbers(name: string, input: Tensor, rows: number): void {
  if (input.dtype !== "int64" && input.dtype !== "int32") {
    throw new Error(`${name}: expected indices of dtype int64 or int32, got ${input.dtype}`);
  }
  const wrong = firstOnHost(input.array, (value) => value < 0 || value >= rows);
  if (wrong === undefined) return;
  throw new Error(`${name}: index out of range in self: ${wrong}, expected 0 to ${rows - 1}`);
}

function firstOnHost(array: LazyArray, test: (value: number) => boolean): number | undefined {
  if (!array.isOnHost) return undefined;
  for (const value of array.buffer.data) if (test(Number(value))) return Number(value);
}

const ONE_HOT = signature("oneHot", ["tensor", tensorKind], ["numClasses", kinds.integer]);

/**
 * 1 at the index that each number is on a new last axis, else 0, int64.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 *
 * @param numClasses dimension of the new axis; needed, because the values may not be computed yet
 */
export function oneHot(
  ...given: Call<typeof ONE_HOT, Record<never, never>, [tensor: Tensor, numClasses: number]>
): Tensor {
  const { tensor, numClasses } = ONE_HOT.read(given);
  checkNumbers("oneHot", tensor, numClasses);
  const classes = constant(Array.from({ length: numClasses }, (_, i) => i), tensor.dtype);
  const column = ops.reshape(tensor.array, [...tensor.shape, 1]);
  return new Tensor(ops.cast(ops.equal(column, classes), "int64"));
}
