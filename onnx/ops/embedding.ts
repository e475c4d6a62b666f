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
  infer: ([table, places]) => {
    if (table.shape.length !== 2 || (places.dtype !== "int64" && places.dtype !== "int32")) {
      failShape(
        "embedding",
        `table ${table.dtype}${showShape(table.shape)} and places ${places.dtype}${
          showShape(places.shape)
        }, expected a table [rows, width] and int64 or int32 places`,
      );
    }
    return [{ dtype: table.dtype, shape: [...places.shape, table.shape[1]] }];
  },
  flops: noFlops,
  lower: (writer, inputs) => [writer.node("Gather", inputs, { attributes: { axis: 0 } })],
  gradient: ({ inputs: [table, places], attributes: { padding }, upstream: [dy] }) => {
    const counts = logicalNot(equal(places, constant(padding, places.dtype)));
    const mask = reshape(cast(counts, dy!.dtype), [...places.shape, 1]);
    return [scatterAdd(table, places, mul(dy!, mask)), null];
  },
};

/**
 * Rows of a table at some places (int64 or int32).
 *
 * @param padding a row that takes no gradient
 */
export function embedding(table: LazyArray, places: LazyArray, padding?: number): LazyArray {
  if (padding === undefined) return gather(table, places, 0);
  return applyOp(EMBEDDING, [table, places], { padding })[0];
}
