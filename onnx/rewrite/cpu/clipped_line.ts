/**
 * Masks without booleans. ONNX Runtime casts booleans to floats on one thread, an element at a time; a steep line cut off at
 * 0 and 1 says the same, on all threads:
 *
 *   step(x) = clip(3e38 x, 0, 1)          1 where x > 0
 *   reaches(x) = clip(3e38 x + 1, 0, 1)   1 where x >= 0
 *
 * Exact for all but denormal numbers, which sessions take for 0 (see provider.ts). NaN stays NaN. A mask that is 1 at NaN, by
 * way of booleans, costs a sixth more on one thread and several times as much on two.
 * @module
 */
import { flopsPerOutput } from "../../flops.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { float } from "../../export/node_attributes.ts";
import { applyOp, type Op } from "../../op.ts";
import { sub } from "../../ops/arithmetic.ts";
import { step } from "../../ops/comparison.ts";
import { array, node, rule } from "../pattern.ts";

/** Takes the smallest normal number, 1.2e-38, past 1. */
export const STEEP = 3e38;

const CLIPPED_LINE: Op<{ readonly slope: number; readonly offset: number }> = {
  name: "ClippedLine",
  traits: ["elementwise"],
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  flops: flopsPerOutput(4),
  lower: (writer, inputs, { slope, offset }) => [
    writer.node("HardSigmoid", inputs, {
      attributes: { alpha: float(slope), beta: float(offset) },
    }),
  ],
};

/** Relu's mask. */
export const stepAsLine = rule(
  node(step.op, [array("x", ({ dtype }) => dtype === "float32")]),
  ({ x }) => [clippedLine(x, STEEP, 0)],
);

/** clip(slope x + offset, 0, 1) */
export function clippedLine(x: LazyArray, slope: number, offset: number): LazyArray {
  return applyOp(CLIPPED_LINE, [x], { slope, offset })[0];
}

/** 1 where a >= b, else 0. */
export function reaches(a: LazyArray, b: LazyArray): LazyArray {
  return clippedLine(sub(a, b), STEEP, 1);
}
