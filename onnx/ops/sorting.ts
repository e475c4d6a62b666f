/**
 * Ops that order elements along an axis.
 * @module
 */
import { type DType, isFloating } from "../dtype.ts";
import { flopsPerInput } from "../flops.ts";
import { castNode } from "../export/graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { normalizeAxis, showShape } from "../shape.ts";
import { scatterElementsAdd } from "./indexing.ts";

interface TopKAttributes {
  readonly [name: string]: number | boolean;
  readonly axis: number;
  readonly k: number;
  readonly largest: boolean;
  readonly sorted: boolean;
}

/** What ONNX Runtime's kernel computes an element type in. */
function kernelType(dtype: DType): DType {
  if (dtype === "float64" || dtype === "int64") return dtype;
  return isFloating(dtype) ? "float32" : "int32";
}

/** The values and the int64 indices of the k largest (or smallest) elements along an axis. */
const TOP_K: Op<TopKAttributes> = {
  name: "TopK",
  infer: ([x], { axis, k }) => {
    const dimension = x.shape[axis];
    if (!Number.isInteger(k) || k < 0 || k > dimension) {
      failShape(
        "topK",
        `k is ${k}, expected 0 to ${dimension} for axis ${axis} of ${showShape(x.shape)}`,
      );
    }
    const shape = x.shape.with(axis, k);
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  flops: flopsPerInput(1),
  lower: (writer, [x], { axis, k, largest, sorted }, { inputs: [{ dtype }] }) => {
    const type = kernelType(dtype);
    const [values, indices] = writer.nodes(
      "TopK",
      [type === dtype ? x : castNode(writer, x, type), writer.int64s([k])],
      { attributes: { axis, largest, sorted }, outputs: 2 },
    );
    return [type === dtype ? values : castNode(writer, values, dtype), indices];
  },
  gradient: ({ inputs: [x], outputs: [, indices], attributes: { axis }, upstream: [dy] }) => [
    dy && scatterElementsAdd(x, indices, dy, axis),
  ],
};

/** Options of {@linkcode topK}. */
export interface TopKOptions {
  /** -1 unless given. */
  readonly axis?: number;
  /** The largest elements (unless given) or the smallest. */
  readonly largest?: boolean;
  /** In order; true unless given. */
  readonly sorted?: boolean;
}

/**
 * The k largest elements along an axis and where they lie (int64); of equal elements the one with the lower index comes
 * first. ONNX operator TopK.
 */
export function topK(
  x: LazyArray,
  k: number,
  { axis = -1, largest = true, sorted = true }: TopKOptions = {},
): [values: LazyArray, indices: LazyArray] {
  const along = normalizeAxis("topK", axis, x.shape.length);
  const [values, indices] = applyOp(TOP_K, [x], { axis: along, k, largest, sorted });
  return [values, indices];
}
