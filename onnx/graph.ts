/**
 * Walks what was recorded: the order to compute it in, the arrays it starts from, and the key that two
 * graphs share when they differ in nothing but their values.
 * @module
 */
import type { GraphNode, LazyArray } from "./lazy_array.ts";
import { applicationKey, valuesKey } from "./structural_key.ts";

/** Everything that some wanted arrays need. */
export interface PendingGraph {
  /** Nodes, each after those it reads from. */
  readonly nodes: readonly GraphNode[];
  /** Arrays that are fed: on the host (or being computed), and traced functions' placeholders. */
  readonly leaves: readonly LazyArray[];
  /** Arrays that are written into the model. */
  readonly constants: readonly LazyArray[];
}

/** Collects the nodes behind some arrays, depth first, without recursion (graphs can be deep). */
export function collectGraph(roots: readonly LazyArray[]): PendingGraph {
  const nodes: GraphNode[] = [];
  const leaves: LazyArray[] = [];
  const constants: LazyArray[] = [];
  const seenNodes = new Set<GraphNode>();
  const seenLeaves = new Set<LazyArray>();
  const stack: (LazyArray | GraphNode)[] = [...roots].reverse();
  while (stack.length > 0) {
    const item = stack.pop()!;
    if ("op" in item) {
      nodes.push(item);
    } else if (item.node) {
      if (seenNodes.has(item.node)) continue;
      seenNodes.add(item.node);
      stack.push(item.node);
      for (let i = item.node.inputs.length - 1; i >= 0; i--) stack.push(item.node.inputs[i]);
    } else if (!seenLeaves.has(item)) {
      seenLeaves.add(item);
      (item.isConstant ? constants : leaves).push(item);
    }
  }
  return { nodes, leaves, constants };
}

/**
 * The structure of a graph: ops, attributes, element types, shapes, constants and how they hang
 * together. Graphs with one key can share one compiled program.
 */
export function structureKey(graph: PendingGraph, roots: readonly LazyArray[]): string {
  const ids = new Map<LazyArray, string>();
  const parts: string[] = [];
  graph.leaves.forEach((leaf, i) => {
    ids.set(leaf, `x${i}`);
    parts.push(`${leaf.dtype}[${leaf.shape}]`);
  });
  graph.constants.forEach((array, i) => {
    ids.set(array, `c${i}`);
    parts.push(valuesKey(array.buffer.data, array));
  });
  graph.nodes.forEach(({ op, attributes, inputs, outputs }, i) => {
    outputs.forEach((output, k) => ids.set(output, `${i}.${k}`));
    parts.push(applicationKey(op.name, attributes, inputs.map((input) => ids.get(input)!)));
  });
  for (const root of roots) parts.push(ids.get(root)!);
  return parts.join("|");
}
