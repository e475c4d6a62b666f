/** @module */
import type { LazyArray } from "../lazy_array.ts";
import type { Attributes, Op } from "../op.ts";

/** An equal, cheaper form of an op's outputs, or undefined. */
export type RewriteRule = (
  op: Op,
  inputs: readonly LazyArray[],
  attributes: Attributes,
) => LazyArray[] | undefined;
