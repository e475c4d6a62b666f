/**
 * The walk of rewriting: a collected graph is built anew over new leaves, node by node, inputs first. At every node the
 * rules for its op are tried in order; what is computed twice is computed once.
 * @module
 */
import type { PendingGraph } from "../graph.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { applyOp, hasTrait, type Op } from "../op.ts";
import { applicationKey, valuesKey } from "../structural_key.ts";
import { applyRule, asksFor, type Root, type Rule, type Uses } from "./pattern.ts";

/** Rules by name, in the order they are tried. */
export type NamedRules = Readonly<Record<string, Rule>>;

/** How often which rule fired. */
export type FiredRules = Map<string, number>;

/** Rules that undo each other would go on for ever. */
const MOST_STEPS = 64;

/** An error that names the rules that have no end. */
export function endless(rules: readonly string[]): Error {
  return new Error(`rewriting has no end: ${rules.join(", ")} still fires`);
}

/**
 * Rebuilds a collected graph over new leaves, cheaper where a rule knows how.
 *
 * @param fired counts which rules fired
 * @param keepsNodes whether nodes that nothing changed stay; false where the graph's own arrays may be computed meanwhile
 * @returns the new roots, in order
 */
export function applyRules(
  rules: NamedRules,
  graph: PendingGraph,
  roots: readonly LazyArray[],
  newLeaves: readonly LazyArray[],
  fired: FiredRules = new Map(),
  keepsNodes = true,
): LazyArray[] {
  const walk = new Walk(graph, roots, new RulesByRoot(rules), fired, keepsNodes);
  graph.leaves.forEach((leaf, i) => walk.become(leaf, newLeaves[i]));
  for (const node of graph.nodes) walk.pass(node);
  return roots.map((root) => walk.renewed(root));
}

class Walk {
  readonly #renewed = new Map<LazyArray, LazyArray>();
  readonly #shared = new SharedParts();
  readonly #uses: LiveUses;
  #last = "";

  constructor(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    readonly rules: RulesByRoot,
    readonly fired: FiredRules,
    readonly keepsNodes: boolean,
  ) {
    this.#uses = new LiveUses(graph, roots);
  }

  become(recorded: LazyArray, renewed: LazyArray): void {
    this.#renewed.set(recorded, renewed);
    this.#uses.become(recorded, renewed);
  }

  renewed(array: LazyArray): LazyArray {
    const renewed = this.#renewed.get(array);
    if (renewed) return renewed;
    if (array.node) {
      throw new Error(`${array} is read, but the graph lacks its ${array.node.op.name}`);
    }
    return array;
  }

  pass(node: GraphNode): void {
    const outputs = this.#shared.share(this.#rewritten(node));
    node.outputs.forEach((output, i) => {
      // A leaf has its values, though the node computes another output.
      if (!this.#renewed.has(output)) this.become(output, outputs[i]);
    });
  }

  #rewritten({ op, inputs: recorded, attributes, outputs }: GraphNode): readonly LazyArray[] {
    const outputUses = outputs.map(this.#uses.recorded);
    const inputs = recorded.map((input) => this.renewed(input));
    let made = this.#applyFirst({ op, inputs, attributes, outputUses });
    if (!made) {
      const isSame = inputs.every((input, i) => input === recorded[i]);
      return isSame && this.keepsNodes ? outputs : applyOp(op, inputs, attributes);
    }
    // What a rule made may be what another one looks for.
    for (let step = 0; step < MOST_STEPS; step++) {
      const node = nodeOf(made);
      const next = node && this.#applyFirst({ ...node, outputUses });
      if (!next) return made;
      made = next;
    }
    throw endless([this.#last]);
  }

  #applyFirst(root: Root): readonly LazyArray[] | undefined {
    for (const [name, rule] of this.rules.of(root.op)) {
      const outputs = applyRule(rule, root, this.#uses.of);
      if (!outputs) continue;
      this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
      this.#last = name;
      return outputs;
    }
    return undefined;
  }
}

/** The node that computes these outputs and no others. */
function nodeOf(outputs: readonly LazyArray[]): GraphNode | undefined {
  const node = outputs[0].node;
  const isWhole = node?.outputs.length === outputs.length &&
    outputs.every((output, i) => output === node.outputs[i]);
  return isWhole ? node : undefined;
}

/** The rules that may fire at an op, found once for each op. */
class RulesByRoot {
  readonly #rules: readonly (readonly [name: string, rule: Rule])[];
  readonly #known = new Map<Op, readonly (readonly [string, Rule])[]>();

  constructor(rules: NamedRules) {
    this.#rules = Object.entries(rules);
  }

  of(op: Op): readonly (readonly [name: string, rule: Rule])[] {
    let found = this.#known.get(op);
    if (!found) {
      this.#known.set(op, found = this.#rules.filter(([, { find }]) => asksFor(find, op)));
    }
    return found;
  }
}

/** How often the arrays of a graph are read, by nodes or as results; and then those that they become. */
class LiveUses {
  readonly #recorded = new Map<LazyArray, number>();
  readonly #renewed = new Map<LazyArray, number>();

  constructor({ nodes }: PendingGraph, roots: readonly LazyArray[]) {
    const count = (array: LazyArray) =>
      this.#recorded.set(array, (this.#recorded.get(array) ?? 0) + 1);
    roots.forEach(count);
    for (const { inputs } of nodes) inputs.forEach(count);
  }

  /** Of an array of the graph as it was. */
  readonly recorded = (array: LazyArray): number => this.#recorded.get(array) ?? 0;

  become(recorded: LazyArray, renewed: LazyArray): void {
    this.#renewed.set(renewed, (this.#renewed.get(renewed) ?? 0) + this.recorded(recorded));
  }

  /** What a rule made on the way has one reader: what it was made for. */
  readonly of: Uses = (array) => this.#renewed.get(array) ?? 1;
}

/** Gives every distinct computation one representative (common subexpression elimination). */
class SharedParts {
  readonly #ids = new Map<LazyArray, string>();
  readonly #known = new Map<string, LazyArray[]>();
  readonly #shared = new Map<LazyArray, LazyArray>();

  share(outputs: readonly LazyArray[]): LazyArray[] {
    return outputs.map((output) => this.#representative(output));
  }

  #representative(array: LazyArray): LazyArray {
    const known = this.#shared.get(array);
    if (known) return known;
    if (!array.node) return this.#leaf(array);
    const { op, inputs, attributes, outputs } = array.node;
    const parts = inputs.map((input) => this.#representative(input));
    const ids = parts.map((part) => this.#ids.get(part)!);
    const key = applicationKey(op.name, attributes, hasTrait(op, "commutative") ? ids.sort() : ids);
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
