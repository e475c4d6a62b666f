/**
 * Rewrites a graph before it is written: equal parts are computed once, transposes cancel out, relu's
 * mask goes to the small side of a pooling. Rules are functions from an op on new inputs to something
 * equal but cheaper; they are tried in order, inputs first. What pays on one execution provider only is
 * a second walk, over the result of the first.
 * @module
 */
import { collectGraph, type PendingGraph } from "../graph.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyRules, type RewriteRule } from "./apply_rules.ts";
import { biasIntoConvolution, biasIntoProduct } from "./added_bias.ts";
import { cpuRules } from "./cpu/mod.ts";
import { maskBeforeUnpool, sumBeforeUnpool } from "./unpooling.ts";
import { mergeReshapes, sinkTransposes } from "./relayouts.ts";

export type { RewriteRule } from "./apply_rules.ts";

const RULES: readonly RewriteRule[] = [
  mergeReshapes,
  sinkTransposes,
  biasIntoConvolution,
  biasIntoProduct,
  maskBeforeUnpool,
  sumBeforeUnpool,
];

/** What rules left between each other. */
const CLEAN_UP: readonly RewriteRule[] = [mergeReshapes];

function applyPass(rules: readonly RewriteRule[], roots: readonly LazyArray[]): LazyArray[] {
  const graph = collectGraph(roots);
  return applyRules(rules, graph, roots, graph.leaves);
}

/**
 * Rebuilds a collected graph over new leaves, cheaper where a rule knows how.
 *
 * @returns the new roots, in order.
 */
export function rewriteGraph(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  newLeaves: readonly LazyArray[],
): LazyArray[] {
  return applyRules(RULES, graph, roots, newLeaves);
}

/**
 * What a graph becomes where ONNX Runtime's CPU kernels compute it. For rewritten graphs; the result is no portable ONNX.
 *
 * @param channelBlock how many channels those kernels keep side by side, see {@linkcode channelBlock}
 */
export function rewriteForCpu(
  roots: readonly LazyArray[],
  channelBlock: number | undefined,
): LazyArray[] {
  const chosen = applyPass(cpuRules(channelBlock), roots);
  return applyPass(CLEAN_UP, chosen);
}
