/**
 * Frozen arrays: leaves that are the same at every call, as a network's weights are while it is evaluated, and what is cheap to
 * compute and follows from such leaves alone: filters in blocks, a batch norm's scale. That is computed once, not at every call.
 * @module
 */
import { collectGraph, type PendingGraph } from "../graph.ts";
import { type LazyArray, placeholder } from "../lazy_array.ts";
import { applyOp, hasTrait, type Op, type Trait } from "../op.ts";
import { CONCAT } from "../ops/movement.ts";

/** What may be computed beforehand: nothing that makes much of little. A network on frozen images is computed at every call. */
const CHEAP: readonly Trait[] = ["relayout", "elementwise", "reduction", "each axis"];

function isCheap(op: Op): boolean {
  return CHEAP.some((trait) => hasTrait(op, trait)) || op === CONCAT as unknown;
}

const known = new WeakMap<LazyArray, boolean>();

/** Whether an array is the same at every call. */
export function isFrozen(array: LazyArray): boolean {
  if (!array.node) return array.placeholder?.isFrozen ?? array.isConstant;
  let frozen = known.get(array);
  if (frozen === undefined) {
    const { op, inputs } = array.node;
    known.set(array, frozen = isCheap(op) && inputs.every(isFrozen));
  }
  return frozen;
}

/** A graph in two: what is computed once, and what is computed at every call. */
export interface FrozenSplit {
  /** What the second part reads of the first. */
  readonly values: readonly LazyArray[];
  /** Placeholders in their place. */
  readonly inputs: readonly LazyArray[];
  /** The graph's roots, computed from the inputs and the leaves. */
  readonly roots: readonly LazyArray[];
}

/** Splits a graph. Roots themselves are computed at every call. */
export function splitFrozen(roots: readonly LazyArray[]): FrozenSplit {
  const graph = collectGraph(roots);
  const values = frozenValues(graph, roots);
  const inputs = values.map(({ dtype, shape }, i) => placeholder(`f${i}`, dtype, shape));
  const renewed = new Map(values.map((value, i) => [value, inputs[i]]));
  const renew = (array: LazyArray) => renewed.get(array) ?? array;
  for (const { op, inputs, attributes, outputs } of graph.nodes) {
    if (outputs.every((output) => renewed.has(output))) continue;
    if (inputs.every((input) => renew(input) === input)) continue;
    const made = applyOp(op, inputs.map(renew), attributes);
    outputs.forEach((output, i) => renewed.set(output, renewed.get(output) ?? made[i]));
  }
  return { values, inputs, roots: roots.map(renew) };
}

/** What is frozen and read by what is not. */
function frozenValues({ nodes }: PendingGraph, roots: readonly LazyArray[]): LazyArray[] {
  const asked = new Set(roots);
  const frozen = new Set<LazyArray>();
  for (const { op, inputs, outputs } of nodes) {
    if (!isCheap(op) || outputs.some((output) => asked.has(output))) continue;
    if (!inputs.every((input) => input.node ? frozen.has(input) : isFrozen(input))) continue;
    outputs.forEach((output) => frozen.add(output));
  }
  const read = nodes.filter(({ outputs }) => !frozen.has(outputs[0])).flatMap(({ inputs }) =>
    inputs.filter((input) => frozen.has(input))
  );
  return [...new Set(read)];
}
