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
  /**
   * Arrays that are fed: on the host (or being computed), and traced functions' placeholders. One may be an output of a node too,
   * of which another output is still to be computed: it has its values and is not computed again.
   */
  readonly leaves: readonly LazyArray[];
  /** Arrays that are written into the model. */
  readonly constants: readonly LazyArray[];
}

/** How many graphs were collected so far. */
let walks = 0;

/** Collects the nodes behind some arrays, depth first, without recursion (graphs can be deep). */
export function collectGraph(roots: readonly LazyArray[]): PendingGraph {
  const nodes: GraphNode[] = [];
  const leaves: LazyArray[] = [];
  const constants: LazyArray[] = [];
  // Below 0: places are from 0 on.
  const walk = -++walks;
  const stack: (LazyArray | GraphNode)[] = [...roots].reverse();
  while (stack.length > 0) {
    const item = stack.pop()!;
    if ("op" in item) {
      nodes.push(item);
      continue;
    }
    const { node } = item;
    const met = node ? firstPending(node) : item;
    if (met.walkNote === walk) continue;
    met.walkNote = walk;
    if (node) {
      stack.push(node);
      for (let i = node.inputs.length - 1; i >= 0; i--) stack.push(node.inputs[i]);
    } else (item.isConstant ? constants : leaves).push(item);
  }
  return { nodes, leaves, constants };
}

/** What a node is known by: outputs before it may be leaves themselves. */
function firstPending(node: GraphNode): LazyArray {
  let i = 0;
  while (node.outputs[i].node !== node) i++;
  return node.outputs[i];
}

/**
 * The structure of a graph: ops, attributes, element types, shapes, constants and how they hang
 * together. Graphs with one key can share one compiled program.
 */
export function structureKey(graph: PendingGraph, roots: readonly LazyArray[]): string {
  let places = 0;
  let key = "";
  for (const leaf of graph.leaves) {
    leaf.walkNote = places++;
    key += `${leaf.dtype}[${leaf.shape}]|`;
  }
  for (const array of graph.constants) {
    array.walkNote = places++;
    key += `${valuesKey(array.buffer.data, array)}|`;
  }
  for (const { op, attributes, inputs, outputs } of graph.nodes) {
    key += `${applicationKey(op.name, attributes, inputs.map(placeOf))}|`;
    for (const output of outputs) {
      const place = places++;
      if (graph.leaves[output.walkNote] !== output) output.walkNote = place;
    }
  }
  return key + roots.map(placeOf).join();
}

function placeOf({ walkNote }: LazyArray): number {
  return walkNote;
}
