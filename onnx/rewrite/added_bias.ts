/**
 * What the rules that take in an added bias have in common.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import type { LocalRule } from "./rule.ts";

/** A rule for sums, tried with either part as the bias. */
export function addedBias(
  rewrite: (sum: LazyArray, bias: LazyArray) => LazyArray[] | undefined,
): LocalRule {
  return (op, [a, b]) => op.name === "Add" ? rewrite(a, b) ?? rewrite(b, a) : undefined;
}
