/**
 * The walk of rewriting: a collected graph is built anew over new leaves, node by node, inputs first. At every node the
 * rules are tried in order; what is computed twice is computed once.
 * @module
 */
import type { PendingGraph } from "../graph.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes, type Op } from "../op.ts";
import { applicationKey, valuesKey } from "../structural_key.ts";

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

/** Rules by name, in the order they are tried. */
export type NamedRules = Readonly<Record<string, RewriteRule>>;

/** How often which rule fired. */
export type FiredRules = Map<string, number>;

/** Rebuilds a collected graph over new leaves, cheaper where a rule knows how. Returns the new roots, in order. */
export function applyRules(
  rules: NamedRules,
  graph: PendingGraph,
  roots: readonly LazyArray[],
  newLeaves: readonly LazyArray[],
  fired: FiredRules = new Map(),
): LazyArray[] {
  const list = Object.entries(rules);
  const renewed = new Map<LazyArray, LazyArray>(
    graph.leaves.map((leaf, i) => [leaf, newLeaves[i]]),
  );
  const readers = countReaders(graph, roots);
  const shared = new SharedParts();
  const rewriteNode = (node: GraphNode) => {
    const inputs = node.inputs.map((input) => renewed.get(input) ?? input);
    const place = { original: node, readers };
    for (const [name, rule] of list) {
      const outputs = rule(node.op, inputs, node.attributes, place);
      if (!outputs) continue;
      fired.set(name, (fired.get(name) ?? 0) + 1);
      return outputs;
    }
    return applyOp(node.op, inputs, node.attributes);
  };
  for (const node of graph.nodes) {
    const outputs = shared.share(rewriteNode(node));
    node.outputs.forEach((output, i) => renewed.set(output, outputs[i]));
  }
  return roots.map((root) => renewed.get(root) ?? root);
}

function countReaders(
  { nodes }: PendingGraph,
  roots: readonly LazyArray[],
): (array: LazyArray) => number {
  const counts = new Map<LazyArray, number>();
  for (const array of [...roots, ...nodes.flatMap((node) => node.inputs)]) {
    counts.set(array, (counts.get(array) ?? 0) + 1);
  }
  return (array) => counts.get(array) ?? 0;
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
    const key = applicationKey(op.name, attributes, parts.map((p) => this.#ids.get(p)!));
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
    const key = array.isConstant ? valuesKey(array.buffer.data, array) : `leaf${this.#known.size}`;
    const first = this.#known.get(key)?.[0] ?? array;
    this.#known.set(key, [first]);
    if (!this.#ids.has(first)) this.#ids.set(first, `${this.#known.size}.v`);
    this.#shared.set(array, first);
    return first;
  }
}
