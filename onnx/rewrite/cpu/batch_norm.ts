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
import type { LocalRule } from "../apply_rules.ts";
import { line } from "./channel_line.ts";
import { behindUnblocked, unblocked } from "./layout.ts";
import { channelMean } from "./sums.ts";

/** Rewrites the standardization of channels. */
export function standardizeInBlocks(block: number): LocalRule {
  return (op, [x], attributes) => {
    if (op.name !== STANDARDIZE.name) return undefined;
    const inner = behindUnblocked(x);
    if (!inner || !sameShape(attributes.axes as readonly number[], [0, 2, 3])) return undefined;
    const epsilon = constant(attributes.epsilon as number);
    const middle = channelMean(inner, block);
    const away = line({ x: inner, shift: neg(middle) });
    const variance = channelMean(mul(away, away), block);
    const factor = reciprocal(sqrt(add(variance, epsilon)));
    const folded = [middle, variance, factor].map((array) => reshape(array, [1, -1, 1, 1]));
    return [unblocked(line({ x: away, scale: factor })), ...folded];
  };
}

/** Rewrites batch norm with given means and variances: one line. */
export const batchNormInBlocks: LocalRule = (op, [x, ...rest], attributes) => {
  if (op.name !== BATCH_NORMALIZATION.name || x.shape.length !== 4) return undefined;
  const inner = behindUnblocked(x);
  if (!inner) return undefined;
  const [weight, bias, middle, variance] = rest;
  const epsilon = constant(attributes.epsilon as number);
  const scale = mul(weight, reciprocal(sqrt(add(variance, epsilon))));
  return [unblocked(line({ x: inner, scale, shift: sub(bias, mul(middle, scale)) }))];
};
