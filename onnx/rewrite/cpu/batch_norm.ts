/**
 * Batch norm on blocked channels; see channel_line.ts for what it does to each element.
 * @module
 */
import { constant } from "../../lazy_array.ts";
import { BATCH_NORMALIZATION, STANDARDIZE } from "../../ops/normalization.ts";
import { add, mul, neg, sub } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { reciprocal, sqrt } from "../../ops/exponential.ts";
import { sameShape } from "../../shape.ts";
import { array, node, type Rule, rule } from "../pattern.ts";
import { line } from "./channel_line.ts";
import { inBlocks, unblocked } from "./layout.ts";
import { channelMean } from "./sums.ts";

/** The standardization of channels. */
export function standardizeInBlocks(block: number): Rule {
  const pattern = node(STANDARDIZE, [inBlocks(array("inner"))], {
    where: ({ attributes }) => sameShape(attributes.axes, [0, 2, 3]),
  });
  return rule(pattern, ({ root, inner }) => {
    const epsilon = constant(root.attributes.epsilon);
    const middle = channelMean(inner, block);
    const away = line({ x: inner, shift: neg(middle) });
    const variance = channelMean(mul(away, away), block);
    const factor = reciprocal(sqrt(add(variance, epsilon)));
    const folded = [middle, variance, factor].map((array) => reshape(array, [1, -1, 1, 1]));
    return [unblocked(line({ x: away, scale: factor })), ...folded];
  });
}

/** Batch norm with given means and variances: one line. */
export const batchNormInBlocks = rule(
  node(BATCH_NORMALIZATION, [
    inBlocks(array("x")),
    array("weight"),
    array("bias"),
    array("middle"),
    array("variance"),
  ]),
  ({ root, x, weight, bias, middle, variance }) => {
    const scale = mul(weight, reciprocal(sqrt(add(variance, constant(root.attributes.epsilon)))));
    return [unblocked(line({ x, scale, shift: sub(bias, mul(middle, scale)) }))];
  },
);
