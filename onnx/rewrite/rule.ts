/** @module */
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import type { Attributes, Op } from "../op.ts";

/** Where in the graph a rule is tried. */
export interface RewritePlace {
  /** The node as it was before its inputs were rewritten. */
  readonly original: GraphNode;
  /** How often an array of the graph as it was is read, by nodes or as a result. */
  readonly readers: (array: LazyArray) => number;
}

/** An equal, cheaper form of an op's outputs, or undefined. The inputs are rewritten already. */
export type RewriteRule = (
  op: Op,
  inputs: readonly LazyArray[],
  attributes: Attributes,
  place: RewritePlace,
) => LazyArray[] | undefined;

/** A rule that looks at nothing but what an op computes from. */
export type LocalRule = (
  op: Op,
  inputs: readonly LazyArray[],
  attributes: Attributes,
) => LazyArray[] | undefined;
