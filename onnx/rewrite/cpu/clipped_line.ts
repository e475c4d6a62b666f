/**
 * Masks without booleans. ONNX Runtime casts booleans to floats on one thread, an element at a time; a steep line cut off at
 * 0 and 1 says the same, on all threads:
 *
 *   step(x) = clip(3e38 x, 0, 1)          1 where x > 0
 *   reaches(x) = clip(3e38 x + 1, 0, 1)   1 where x >= 0
 *
 * Exact for all but denormal numbers, which sessions take for 0 (see provider.ts). NaN stays NaN.
 * @module
 */
import { flopsPerOutput } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { float } from "../../graph_writer.ts";
import { applyOp, type Op } from "../../op.ts";
import { sub } from "../../ops/arithmetic.ts";
import { UNARY_OPS } from "../../ops/elementwise.ts";
import type { LocalRule } from "../apply_rules.ts";
import { behindUnblocked, unblocked } from "./layout.ts";

/** Takes the smallest normal number, 1.2e-38, past 1. */
const STEEP = 3e38;

const CLIPPED_LINE: Op<{ readonly offset: number }> = {
  name: "ClippedLine",
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  flops: flopsPerOutput(4),
  lower: (writer, inputs, { offset }) => [
    writer.node("HardSigmoid", inputs, {
      attributes: { alpha: float(STEEP), beta: float(offset) },
    }),
  ],
};
UNARY_OPS.add(CLIPPED_LINE.name);

/** Rewrites relu's mask, of a blocked array too. */
export const stepAsLine: LocalRule = (op, [x]) => {
  if (op.name !== "Step" || x.dtype !== "float32") return undefined;
  const inner = behindUnblocked(x);
  const line = applyOp(CLIPPED_LINE, [inner ?? x], { offset: 0 })[0];
  return [inner ? unblocked(line) : line];
};

/** 1 where a >= b, else 0. */
export function reaches(a: LazyArray, b: LazyArray): LazyArray {
  return applyOp(CLIPPED_LINE, [sub(a, b)], { offset: 1 })[0];
}
