/**
 * Says what rewriting made of a graph: `TANDEM_EXPLAIN=1` prints it for every program that is built.
 * @module
 */
import { flopsOf } from "../flops.ts";
import { collectGraph, type PendingGraph } from "../graph.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { hasTrait } from "../op.ts";
import { RESHAPE } from "../ops/broadcast.ts";
import type { FiredRules } from "./apply_rules.ts";
import { SPEED } from "./cpu/costs.ts";

/** Whether somebody asked for explanations; not without permission to read the environment. */
export function wantsExplanation(): boolean {
  const permission = Deno.permissions.querySync({ name: "env", variable: "TANDEM_EXPLAIN" });
  return permission.state === "granted" && Deno.env.get("TANDEM_EXPLAIN") === "1";
}

/**
 * Which rules fired, what relayouts are left, and the nodes by op with their estimated cost on one core: operations, memory
 * read and written, and what a node costs beside that.
 */
export function explain(
  recorded: PendingGraph,
  rewritten: readonly LazyArray[],
  fired: FiredRules,
): string {
  const after = collectGraph(rewritten).nodes;
  const byOp = new Map<string, { nodes: number; cost: number }>();
  for (const node of after) {
    const known = byOp.get(node.op.name) ?? { nodes: 0, cost: 0 };
    byOp.set(node.op.name, { nodes: known.nodes + 1, cost: known.cost + costOf(node) });
  }
  const ops = [...byOp].sort(([, a], [, b]) => b.cost - a.cost);
  const total = ops.reduce((sum, [, { cost }]) => sum + cost, 0);
  const rules = [...fired].sort(([, a], [, b]) => b - a);
  const relayouts = after.filter(({ op }) => hasTrait(op, "relayout")).map(({ op }) => op.name);
  const left = [...new Set(relayouts)].map((name) => `${name} ${byOp.get(name)!.nodes}`);
  return [
    `rewritten: ${recorded.nodes.length} nodes as recorded, ${after.length} now, about ${
      total.toFixed(1)
    } ms`,
    `rules: ${rules.map(([name, times]) => `${name} ${times}`).join(", ") || "none fired"}`,
    `relayouts left: ${left.join(", ") || "none"}`,
    ...ops.map(([op, { nodes, cost }]) =>
      `${op.padEnd(24)}${String(nodes).padStart(6)}${cost.toFixed(2).padStart(10)} ms`
    ),
  ].join("\n");
}

/** Roughly, in milliseconds. */
function costOf(node: GraphNode): number {
  if (node.op === RESHAPE as unknown) return SPEED.msANode;
  const elements = [...node.inputs, ...node.outputs].reduce((sum, { size }) => sum + size, 0);
  return Math.max(flopsOf(node) / SPEED.flops, 4 * elements / SPEED.bytes) + SPEED.msANode;
}
