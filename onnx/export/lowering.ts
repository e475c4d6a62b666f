/**
 * Turns a graph of ops into ONNX nodes: each op writes itself, this walks them in order.
 * @module
 */
import { collectGraph } from "../graph.ts";
import type { GraphWriter } from "./graph_writer.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { type ArrayType, hasTrait } from "../op.ts";
import { memoryType } from "../dtype.ts";

/** A wanted array and the name it gets in the model. */
export interface NamedArray {
  readonly name: string;
  readonly array: LazyArray;
}

/**
 * Writes everything behind the wanted arrays. Placeholders keep their names; the model's inputs are
 * declared by the caller, its outputs here.
 *
 * @param initializerNames names for arrays whose values are written into the model
 * @param scopes where nodes belong; goes in front of their names
 */
export function lowerGraph(
  writer: GraphWriter,
  wanted: readonly NamedArray[],
  initializerNames: ReadonlyMap<LazyArray, string> = new Map(),
  scopes: ReadonlyMap<GraphNode, string> = new Map(),
): void {
  lowerInto(writer, wanted, initializerNames, scopes);
  for (const { name, array } of wanted) writer.output(name, array);
}

/** {@linkcode lowerGraph} where the wanted arrays are no outputs of the model: those of a loop's body. */
export function lowerInto(
  writer: GraphWriter,
  wanted: readonly NamedArray[],
  initializerNames: ReadonlyMap<LazyArray, string> = new Map(),
  scopes: ReadonlyMap<GraphNode, string> = new Map(),
): void {
  const graph = collectGraph(wanted.map((w) => w.array));
  const names = new Map<LazyArray, string>();
  for (const leaf of graph.leaves) {
    const name = leaf.placeholder?.name ??
      writeValues(writer, leaf, initializerNames.get(leaf));
    names.set(leaf, name);
  }
  for (const array of graph.constants) names.set(array, writeValues(writer, array));
  const used = usedOutputs(graph.nodes, wanted);
  for (const node of graph.nodes) {
    writer.scope = scopes.get(node) ?? "";
    lowerNode(writer, node, names, used);
  }
  writer.scope = "";
  for (const { name, array } of wanted) {
    writer.nameOutput(names.get(array)!, name);
  }
}

function writeValues(writer: GraphWriter, array: LazyArray, name?: string): string {
  return writer.initializer(array.buffer.data, array.dtype, array.shape, name);
}

function lowerNode(
  writer: GraphWriter,
  node: GraphNode,
  names: Map<LazyArray, string>,
  used: Set<LazyArray>,
): void {
  const inputs = node.inputs.map((input) => names.get(input)!);
  const outputs = node.op.lower(writer, inputs, node.attributes, {
    inputs: node.inputs.map(inMemory),
    outputs: node.outputs.map(inMemory),
    used: node.outputs.map((output) => used.has(output)),
  });
  const isMoved = node.op.movesMemory || hasTrait(node.op, "relayout");
  node.outputs.forEach((output, i) => {
    // A leaf has its values, though the node computes another output.
    if (names.has(output)) return;
    const isRounded = output.dtype === "bfloat16" && !isMoved && used.has(output);
    names.set(output, isRounded ? writer.bfloat16(outputs[i]) : outputs[i]);
  });
}

/** Providers have few kernels of bfloat16: ops compute it as float32, and each result is rounded. */
function inMemory({ dtype, shape }: ArrayType): ArrayType {
  return { dtype: memoryType(dtype), shape };
}

function usedOutputs(nodes: readonly GraphNode[], wanted: readonly NamedArray[]): Set<LazyArray> {
  const used = new Set(wanted.map((w) => w.array));
  for (const node of nodes) for (const input of node.inputs) used.add(input);
  return used;
}
