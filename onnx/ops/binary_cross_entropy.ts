/**
 * Cross entropy of probabilities against booleans.
 * @module
 */
import { flopsPerOutput } from "../flops.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, checkFloating, failShape, type Op } from "../op.ts";
import { sameShape, showShape } from "../shape.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { maximum } from "./comparison.ts";
import { log } from "./exponential.ts";

/** Logarithms below this count as this, so that a wrong certainty costs much but not infinitely much. */
const LOWEST_LOG = -100;

const BINARY_CROSS_ENTROPY: Op = {
  name: "BinaryCrossEntropy",
  infer: ([x, target]) => {
    checkFloating("binaryCrossEntropy", x);
    if (!sameShape(x.shape, target.shape) || x.dtype !== target.dtype) {
      failShape(
        "binaryCrossEntropy",
        `${x.dtype}${showShape(x.shape)} and target ${target.dtype}${
          showShape(target.shape)
        } differ`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: flopsPerOutput(10),
  lower: (writer, [x, target], _, { inputs: [{ dtype }] }) => {
    const lowest = writer.scalar(LOWEST_LOG, dtype);
    const one = writer.scalar(1, dtype);
    const other = (name: string) => writer.node("Sub", [one, name]);
    const cost = (p: string, weight: string) =>
      writer.node("Mul", [weight, writer.node("Max", [writer.node("Log", [p]), lowest])]);
    const gain = writer.node("Add", [cost(x, target), cost(other(x), other(target))]);
    return [writer.node("Neg", [gain])];
  },
  // Not the gradient of the clipped logarithms, which is 0 times infinity where x is 0 or 1.
  gradient: ({ inputs: [x, target], upstream: [dy], needs }) => {
    const number = (value: number) => constant(value, x.dtype);
    const other = sub(number(1), x);
    const variance = maximum(mul(x, other), number(1e-12));
    return [
      needs[0] ? mul(dy!, div(sub(x, target), variance)) : null,
      needs[1] ? mul(dy!, sub(log(other), log(x))) : null,
    ];
  },
};

/** -(target log(x) + (1 - target) log(1 - x)) for each element; logarithms are cut off at -100. */
export function binaryCrossEntropy(x: LazyArray, target: LazyArray): LazyArray {
  return applyOp(BINARY_CROSS_ENTROPY, [x, target])[0];
}
