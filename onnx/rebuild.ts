/**
 * Records a graph once more with other dimensions: what a traced function with unknown dimensions does when it meets new ones.
 * @module
 */
import type { PendingGraph } from "./graph.ts";
import type { GraphNode, LazyArray } from "./lazy_array.ts";
import { applyOp, type Attributes } from "./op.ts";

/** How the new graph differs from the recorded one. */
export interface Rebuilding {
  /** What stands for a leaf or a constant. */
  input(array: LazyArray): LazyArray;
  /** A node's attributes, with the new dimensions in them; undefined while one is not known yet. */
  attributes(recorded: Attributes): Attributes | undefined;
  /** Called with every array and what it became, inputs first. */
  made(recorded: LazyArray, rebuilt: LazyArray): void;
}

/**
 * Applies the ops of a graph again, each once its inputs are there and the dimensions in its attributes are known: those of a
 * gradient follow from arrays that may stand later in the graph.
 *
 * @param roots arrays of the graph
 * @returns what the roots became
 * @throws {ShapeError} if an op does not take the new dimensions
 * @throws {Error} naming an op whose attributes cannot be adapted
 */
export function rebuildGraph(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  { input, attributes, made }: Rebuilding,
): LazyArray[] {
  const rebuilt = new Map<LazyArray, LazyArray>();
  const put = (recorded: LazyArray, array: LazyArray) => {
    rebuilt.set(recorded, array);
    made(recorded, array);
  };
  // Leaves first: their dimensions explain those of the constants.
  for (const array of [...graph.leaves, ...graph.constants]) put(array, input(array));
  let waiting: readonly GraphNode[] = graph.nodes;
  while (waiting.length > 0) {
    const later: GraphNode[] = [];
    for (const node of waiting) {
      const inputs = node.inputs.map((array) => rebuilt.get(array));
      const adapted = inputs.every((array) => array) ? attributes(node.attributes) : undefined;
      if (!adapted) later.push(node);
      else {
        const outputs = applyOp(node.op, inputs as LazyArray[], adapted);
        node.outputs.forEach((output, i) => rebuilt.has(output) || put(output, outputs[i]));
      }
    }
    if (later.length === waiting.length) throw new Error(unresolved(later[0]));
    waiting = later;
  }
  return roots.map((root) => rebuilt.get(root)!);
}

function unresolved({ op, attributes }: GraphNode): string {
  return `${op.name}: ${
    JSON.stringify(attributes)
  } holds a dimension that follows from no known one`;
}
