/**
 * Models in other operator sets than the one they are written in (18): attributes that became inputs go back in older ones, and
 * an operator that an older set does not have is refused by name.
 *
 * Source: https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 * @module
 */
import type proto from "onnx-proto";

type Graph = proto.onnx.IGraphProto;
type Node = proto.onnx.INodeProto;

/** Oldest operator set that models are written in. */
export const OLDEST_OPSET = 13;

/** Reductions whose axes became an input with operator set 18; ReduceSum's did with 13. */
const REDUCTIONS = new Set([
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
]);

/** The first operator set with an operator as it is written here; those that are not named are older than all. */
const SINCE: Readonly<Record<string, number>> = {
  HardSwish: 14,
  BitwiseAnd: 18,
  BitwiseOr: 18,
  BitwiseXor: 18,
  BitwiseNot: 18,
  DFT: 17,
};

/**
 * Rewrites a model for an operator set from {@linkcode OLDEST_OPSET} on.
 *
 * @throws {Error} naming a node that cannot be written in it
 */
export function toOpset(model: proto.onnx.ModelProto, version: number): void {
  const graph = model.graph!;
  for (const node of graph.node!) {
    if (node.domain) continue;
    const since = sinceOf(node);
    if (version < since) {
      throw new Error(
        `export: operator set ${version} has no ${node.opType} as the node "${node.name}" needs it, expected at least ${since}`,
      );
    }
    if (version < 18 && REDUCTIONS.has(node.opType!)) axesAsAttribute(graph, node);
    if (version < 14 && node.opType === "Reshape") dropAttribute(node, "allowzero");
    // Only "none" is left there.
    if (version < 16) dropAttribute(node, "reduction");
    // The axis is an input from there on; without it, it is the one that is written here.
    if (version >= 20 && node.opType === "DFT") dropAttribute(node, "axis");
  }
  const read = new Set([
    ...graph.node!.flatMap((node) => node.input!),
    ...graph.output!.map(({ name }) => name!),
  ]);
  // Axes that nobody reads any more; weights stay, whoever reads them.
  graph.initializer = graph.initializer!.filter(({ name }) =>
    read.has(name!) || !/^const_\d+$/.test(name!)
  );
  model.opsetImport!.find(({ domain }) => !domain)!.version = version;
}

function sinceOf(node: Node): number {
  const reduction = attributeOf(node, "reduction")?.s;
  if (!reduction || reduction.length === 0) return SINCE[node.opType!] ?? 1;
  const kind = new TextDecoder().decode(reduction);
  if (kind === "none") return 13;
  return kind === "max" || kind === "min" ? 18 : 16;
}

function attributeOf(node: Node, name: string) {
  return node.attribute!.find((attribute) => attribute.name === name);
}

function dropAttribute(node: Node, name: string): void {
  node.attribute = node.attribute!.filter((attribute) => attribute.name !== name);
}

function axesAsAttribute(graph: Graph, node: Node): void {
  const [data, axes] = node.input!;
  dropAttribute(node, "noop_with_empty_axes");
  if (!axes) return;
  const tensor = graph.initializer!.find(({ name }) => name === axes);
  if (!tensor) {
    throw new Error(
      `export: the axes of ${node.opType} node "${node.name}" are computed, which needs operator set 18`,
    );
  }
  node.input = [data];
  const ints = Array.from(new BigInt64Array(tensor.rawData!.slice().buffer), Number);
  node.attribute!.push({ name: "axes", type: 7, ints });
}
