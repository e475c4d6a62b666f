/**
 * What was computed from what: the graph that a model's pass recorded, which is of the same ops in both idioms.
 * @module
 */
import type { GraphNode, LazyArray } from "../../../onnx/mod.ts";

/** What an array was computed from. */
export interface Sources {
  /** The nearest known arrays. */
  readonly arrays: readonly LazyArray[];
  /** All arrays on the way to them. */
  readonly between: readonly LazyArray[];
  /** Names of the ops between, the last one first. */
  readonly ops: readonly string[];
}

/** The nodes of a pass, walked back from results. */
export class Dataflow {
  readonly #producers = new Map<LazyArray, GraphNode>();

  /** @param nodes in the order in which they were recorded */
  constructor(readonly nodes: readonly GraphNode[]) {
    for (const node of nodes) {
      for (const output of node.outputs) {
        if (!this.#producers.has(output)) this.#producers.set(output, node);
      }
    }
  }

  /** The node that computed an array. */
  producer(array: LazyArray): GraphNode | undefined {
    return this.#producers.get(array);
  }

  /** The array that one is another view of: TensorFlow.js makes a new array whenever a tensor's shape is another one. */
  root(array: LazyArray): LazyArray {
    const node = this.#producers.get(array);
    return node?.op.name === "Reshape" ? this.root(node.inputs[0]) : array;
  }

  /** @param isKnown where to stop, asked of roots; that of the array itself is asked too */
  sources(from: readonly LazyArray[], isKnown: (array: LazyArray) => boolean): Sources {
    const arrays: LazyArray[] = [];
    const between: LazyArray[] = [];
    const ops: string[] = [];
    const visited = new Set<LazyArray>();
    const visit = (given: LazyArray): void => {
      const array = this.root(given);
      if (visited.has(array)) return;
      visited.add(array);
      if (isKnown(array)) {
        arrays.push(array);
        return;
      }
      between.push(array);
      const node = this.#producers.get(array);
      if (!node) return;
      ops.push(node.op.name);
      node.inputs.forEach(visit);
    };
    from.forEach(visit);
    return { arrays, between, ops };
  }
}
