/**
 * Rows of a table.
 * @module
 */
import { noFlops } from "../flops.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { showShape } from "../shape.ts";
import { mul } from "./arithmetic.ts";
import { reshape } from "./broadcast.ts";
import { equal, logicalNot } from "./comparison.ts";
import { gather, scatterAdd } from "./indexing.ts";
import { cast } from "./rounding.ts";

const EMBEDDING: Op<{ padding: number }> = {
  name: "Embedding",
  infer: ([table, indices]) => {
    if (table.shape.length !== 2 || (indices.dtype !== "int64" && indices.dtype !== "int32")) {
      failShape(
        "embedding",
        `table ${table.dtype}${showShape(table.shape)} and indices ${indices.dtype}${
          showShape(indices.shape)
        }, expected a table [rows, width] and int64 or int32 indices`,
      );
    }
    return [{ dtype: table.dtype, shape: [...indices.shape, table.shape[1]] }];
  },
  flops: noFlops,
  lower: (writer, inputs) => [writer.node("Gather", inputs, { attributes: { axis: 0 } })],
  gradient: ({ inputs: [table, indices], attributes: { padding }, upstream: [dy] }) => {
    const counts = logicalNot(equal(indices, constant(padding, indices.dtype)));
    const mask = reshape(cast(counts, dy!.dtype), [...indices.shape, 1]);
    return [scatterAdd(table, indices, mul(dy!, mask)), null];
  },
};

/**
 * Rows of a table at some indices (int64 or int32).
 *
 * @param padding a row that takes no gradient
 */
export function embedding(table: LazyArray, indices: LazyArray, padding?: number): LazyArray {
  if (padding === undefined) return gather(table, indices, 0);
  return applyOp(EMBEDDING, [table, indices], { padding })[0];
}
