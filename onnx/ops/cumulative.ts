/**
 * Sums so far along an axis.
 * @module
 */
import { createStorage } from "../dtype.ts";
import { flopsPerOutput } from "../flops.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { normalizeAxis, sizeOf } from "../shape.ts";

interface CumSumAttributes {
  readonly [name: string]: number | boolean;
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

/** Options of {@linkcode cumSum}. */
export interface CumSumOptions {
  /** Sums from each element on instead; false unless given. */
  readonly reverse?: boolean;
  /** Leaves each element out of its own sum; false unless given. */
  readonly exclusive?: boolean;
}

const TYPES: readonly string[] = ["float32", "float64", "int32", "int64"];

const CUM_SUM: Op<CumSumAttributes> = {
  name: "CumSum",
  infer: ([x]) => {
    if (!TYPES.includes(x.dtype)) {
      failShape("cumSum", `dtype ${x.dtype} is not supported, expected one of ${TYPES.join(", ")}`);
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: flopsPerOutput(1),
  lower: (writer, [x], { axis, reverse, exclusive }) => [
    writer.node("CumSum", [x, writer.scalar(axis, "int64")], {
      attributes: { reverse, exclusive },
    }),
  ],
  host: ([x], { axis, reverse, exclusive }, output) => {
    const data = createStorage(output.dtype, x.data.length);
    const none = x.data instanceof BigInt64Array ? 0n : 0;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const dimension = x.shape[axis];
    for (let row = 0; row < data.length; row += inner * dimension) {
      for (let column = 0; column < inner; column++) {
        let sum: number | bigint = none;
        for (let k = 0; k < dimension; k++) {
          const i = row + (reverse ? dimension - 1 - k : k) * inner + column;
          const before = sum;
          sum = sum as number + (x.data[i] as number);
          data[i] = exclusive ? before : sum;
        }
      }
    }
    return data;
  },
  gradient: ({ attributes: { axis, reverse, exclusive }, upstream: [dy] }) => [
    cumSum(dy!, axis, { reverse: !reverse, exclusive }),
  ],
};

/** The sum of all elements up to each one (or, reversed, from each one on) along an axis. ONNX operator CumSum. */
export function cumSum(
  x: LazyArray,
  axis: number,
  { reverse = false, exclusive = false }: CumSumOptions = {},
): LazyArray {
  const along = normalizeAxis("cumSum", axis, x.shape.length);
  return applyOp(CUM_SUM, [x], { axis: along, reverse, exclusive })[0];
}
