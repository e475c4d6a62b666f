/**
 * Rewrites a graph before it is written: equal parts are computed once, transposes cancel out, relu's
 * mask goes to the small side of a pooling. Rules are functions from an op on new inputs to something
 * equal but cheaper; they are tried in order, inputs first.
 * @module
 */
import type { PendingGraph } from "../graph.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { applyOp } from "../op.ts";
import { biasIntoConvolution } from "./conv_bias.ts";
import { biasIntoProduct } from "./product_bias.ts";
import { sinkTransposes } from "./transposes.ts";
import { maskBeforeUnpool } from "./pool_mask.ts";
import type { RewriteRule } from "./rule.ts";

export type { RewriteRule } from "./rule.ts";

const RULES: readonly RewriteRule[] = [
  sinkTransposes,
  biasIntoConvolution,
  biasIntoProduct,
  maskBeforeUnpool,
];

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
  const renewed = new Map<LazyArray, LazyArray>(
    graph.leaves.map((leaf, i) => [leaf, newLeaves[i]]),
  );
  const shared = new SharedParts();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => renewed.get(input) ?? input);
    const outputs = shared.share(rewriteNode(node, inputs));
    node.outputs.forEach((output, i) => renewed.set(output, outputs[i]));
  }
  return roots.map((root) => renewed.get(root) ?? root);
}

function rewriteNode(node: GraphNode, inputs: readonly LazyArray[]): LazyArray[] {
  for (const rule of RULES) {
    const outputs = rule(node.op, inputs, node.attributes);
    if (outputs) return outputs;
  }
  return applyOp(node.op, inputs, node.attributes);
}

/** Gives every distinct computation one representative (common subexpression elimination). */
class SharedParts {
  readonly #ids = new Map<LazyArray, string>();
  readonly #known = new Map<string, LazyArray[]>();
  readonly #shared = new Map<LazyArray, LazyArray>();

  share(outputs: LazyArray[]): LazyArray[] {
    return outputs.map((output) => this.#representative(output));
  }

  #representative(array: LazyArray): LazyArray {
    const known = this.#shared.get(array);
    if (known) return known;
    if (!array.node) return this.#leaf(array);
    const { op, inputs, attributes, outputs } = array.node;
    const parts = inputs.map((input) => this.#representative(input));
    const key = `${op.name}|${JSON.stringify(attributes)}|${
      parts.map((p) => this.#ids.get(p)).join()
    }`;
    let first = this.#known.get(key);
    if (!first) {
      first = parts.every((part, i) => part === inputs[i])
        ? outputs
        : applyOp(op, parts, attributes);
      this.#known.set(key, first);
      first.forEach((output, i) => this.#ids.set(output, `${this.#known.size}.${i}`));
    }
    outputs.forEach((output, i) => this.#shared.set(output, first[i]));
    first.forEach((output) => this.#shared.set(output, output));
    return first[array.outputIndex];
  }

  #leaf(array: LazyArray): LazyArray {
    const key = array.isConstant
      ? `${array.dtype}${array.shape}:${array.buffer.data.join()}`
      : `leaf${this.#ids.size}`;
    const first = this.#known.get(key)?.[0] ?? array;
    this.#known.set(key, [first]);
    if (!this.#ids.has(first)) this.#ids.set(first, key);
    this.#shared.set(array, first);
    return first;
  }
}
