/**
 * Reads a model file, lets a function change it, and writes the result.
 * @module
 */
import proto from "onnx-proto";
import { encodeModel } from "../export/graph_writer.ts";
import { writeBeside } from "../files/write_beside.ts";

/** A model's graph, whose parts a function may replace. */
export type Graph = proto.onnx.IGraphProto;
/** A node of a graph. */
export type Node = proto.onnx.INodeProto;
/** A tensor in a model. */
export type Tensor = proto.onnx.ITensorProto;

/**
 * Writes what a function makes of a model's graph.
 *
 * @throws {Error} if the file is no ONNX model, or its weights lie in another file
 */
export async function rewriteFile(
  from: string | URL,
  to: string | URL,
  change: (graph: Graph) => void,
): Promise<void> {
  const model = await readModel(from);
  change(model.graph as Graph);
  await writeModel(to, model);
}

/** A model of a file. @throws {Error} if the file is no ONNX model, or its weights lie in another file */
export async function readModel(from: string | URL): Promise<proto.onnx.ModelProto> {
  const bytes = await Deno.readFile(from);
  let model: proto.onnx.ModelProto;
  try {
    model = proto.onnx.ModelProto.decode(bytes);
  } catch {
    throw new Error(`"${from}" is no ONNX model`);
  }
  if (!model.graph?.output?.length) {
    throw new Error(`"${from}" is no ONNX model: it has no outputs`);
  }
  const { EXTERNAL } = proto.onnx.TensorProto.DataLocation;
  if (model.graph.initializer!.some(({ dataLocation }) => dataLocation === EXTERNAL)) {
    throw new Error(`"${from}" keeps its weights in another file, expected them in the model`);
  }
  return model;
}

/** Writes a changed model. */
export async function writeModel(to: string | URL, model: proto.onnx.ModelProto): Promise<void> {
  // Of the types before the change.
  model.graph!.valueInfo = [];
  await writeBeside(to, encodeModel(model));
}

/** The values of a float32 tensor; undefined for other types. */
export function floatsOf(tensor: Tensor): Float32Array | undefined {
  if (tensor.dataType !== proto.onnx.TensorProto.DataType.FLOAT) return undefined;
  const { rawData, floatData } = tensor;
  if (!rawData?.length) return Float32Array.from(floatData ?? []);
  return new Float32Array(rawData.slice().buffer);
}

/** A number of a node's attribute. */
export function numberOf({ attribute }: Node, name: string, byDefault: number): number {
  const found = attribute?.find((one) => one.name === name);
  if (!found) return byDefault;
  return found.type === proto.onnx.AttributeProto.AttributeType.FLOAT
    ? found.f ?? byDefault
    : Number(found.i ?? byDefault);
}

/** Everything that nodes read, those of branches and loops included. */
export function addInputs(nodes: readonly Node[], names: Set<string>): void {
  for (const { input, attribute } of nodes) {
    input?.forEach((name) => names.add(name));
    for (const { g } of attribute ?? []) if (g) addInputs(g.node!, names);
  }
}
