/**
 * Rewrites a graph before it is written: equal parts are computed once, transposes cancel out, relu's
 * mask goes to the small side of a pooling. Rules are patterns (see pattern.ts) and what is made of what they
 * find: equal but cheaper; they are tried in order, inputs first. What pays on one execution provider only is
 * a second walk, over the result of the first. Chains that are computed image by image on the CPU come last of all, where a
 * program is written (cpu/by_image.ts).
 * @module
 */
import { collectGraph, type PendingGraph, structureKey } from "../graph.ts";
import type { LazyArray } from "../lazy_array.ts";
import { hasKernel, kernelsOf } from "../providers/kernels.ts";
import { applyRules, endless, type FiredRules, type NamedRules } from "./apply_rules.ts";
import { biasIntoBatchOfOne, biasIntoConvolution, biasIntoProduct } from "./added_bias.ts";
import { channelsLastFilterGradient } from "./cpu/channels_last_filters.ts";
import { cappedRelu } from "./capped_relu.ts";
import { frozenLineIntoConvolution } from "./cpu/frozen_line.ts";
import { cpuRules, rulesOfFilling, rulesOfProducts } from "./cpu/mod.ts";
import { rulesForMissing, rulesForMissingTypes } from "./missing_kernels/mod.ts";
import type { Rule } from "./pattern.ts";
import { leftOver } from "./left_over.ts";
import { padIntoConvolution, sliceOfInputGradient } from "./padding.ts";
import { mergeConcats, sumSideBySide } from "./side_by_side.ts";
import { maskBeforeUnpool, sumBeforeUnpool } from "./unpooling.ts";
import { shuffled } from "./shuffled.ts";
import { mergeReshapes, reshapeBeforeTranspose, sinkTransposes } from "./relayout.ts";
import { mergeDilations, mergeSlices } from "./slices.ts";
import { unreachedFilter } from "./unreached_filter.ts";

export type { FiredRules } from "./apply_rules.ts";

const RULES: NamedRules = {
  mergeReshapes,
  ...sinkTransposes,
  reshapeBeforeTranspose,
  ...shuffled,
  padIntoConvolution,
  sliceOfInputGradient,
  ...unreachedFilter,
  biasIntoConvolution,
  biasIntoProduct,
  biasIntoBatchOfOne,
  maskBeforeUnpool,
  sumBeforeUnpool,
  ...leftOver,
  sumSideBySide,
  mergeConcats,
  cappedRelu,
  mergeSlices,
  mergeDilations,
};

/** What rules left between each other. */
const CLEAN_UP: NamedRules = { mergeReshapes, frozenLineIntoConvolution };

/** Rules that undo each other would go on for ever. */
const MOST_ROUNDS = 16;

/**
 * Applies rules to what they made, until nothing changes any more.
 *
 * @throws {Error} naming those that still fire after {@linkcode MOST_ROUNDS} rounds
 */
export function applyToFixpoint(
  rules: NamedRules,
  roots: readonly LazyArray[],
  fired: FiredRules = new Map(),
): LazyArray[] {
  let current = roots;
  let graph = collectGraph(current);
  let key: string | undefined;
  for (let round = 0;; round++) {
    const now: FiredRules = new Map();
    const renewed = applyRules(rules, graph, current, graph.leaves, now);
    if (now.size === 0) return renewed;
    const rebuilt = collectGraph(renewed);
    const after = structureKey(rebuilt, renewed);
    // A rule that leaves a node standing for other readers meets it again.
    if (after === key) return renewed;
    if (round === MOST_ROUNDS) {
      throw endless([...now.keys()]);
    }
    for (const [name, times] of now) fired.set(name, (fired.get(name) ?? 0) + times);
    [current, graph, key] = [renewed, rebuilt, after];
  }
}

/**
 * Rebuilds a collected graph over new leaves, cheaper where a rule knows how.
 *
 * @param fired counts which rules fired
 * @returns the new roots, in order.
 */
export function rewriteGraph(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  newLeaves: readonly LazyArray[],
  fired?: FiredRules,
): LazyArray[] {
  return applyToFixpoint(RULES, applyRules({}, graph, roots, newLeaves, undefined, false), fired);
}

/** Rules that leave nodes without elements as they are: nothing is saved there, and parts of 0 have no size. */
function ofElements(rules: NamedRules): NamedRules {
  const ofSome = ({ find, make }: Rule): Rule => ({
    find: {
      ...find,
      where: (root) => root.inputs.every(({ size }) => size > 0) && (find.where?.(root) ?? true),
    },
    make,
  });
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, ofSome(rule)]));
}

function onCpu(key: string, dtype: string): boolean {
  return hasKernel(kernelsOf("cpu"), key, dtype);
}

/**
 * What a graph becomes where ONNX Runtime's CPU kernels compute it. For rewritten graphs; the result is no portable ONNX.
 *
 * @param channelBlock how many channels those kernels keep side by side, see {@linkcode channelBlock}
 * @param fired counts which rules fired
 */
export function rewriteForCpu(
  roots: readonly LazyArray[],
  channelBlock: number | undefined,
  fired?: FiredRules,
): LazyArray[] {
  const ordered = applyToFixpoint(
    { ...rulesForMissingTypes(onCpu), channelsLastFilterGradient },
    roots,
    fired,
  );
  const filled = channelBlock === undefined
    ? ordered
    : applyToFixpoint(ofElements(rulesOfFilling(channelBlock)), ordered, fired);
  const chosen = applyToFixpoint(ofElements(cpuRules(channelBlock)), filled, fired);
  const fewer = channelBlock === undefined
    ? chosen
    : applyToFixpoint(ofElements(rulesOfProducts(channelBlock)), chosen, fired);
  return applyToFixpoint(CLEAN_UP, fewer, fired);
}

/**
 * What a graph becomes on a provider that lacks kernels. For rewritten graphs.
 *
 * @param has whether the provider has a kernel for an element type
 * @param fired counts which rules fired
 */
export function rewriteForMissing(
  roots: readonly LazyArray[],
  has: (key: string, dtype: string) => boolean,
  fired?: FiredRules,
): LazyArray[] {
  return applyToFixpoint({ ...rulesForMissing(has), mergeReshapes }, roots, fired);
}
