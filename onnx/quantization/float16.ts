/**
 * Models that compute in float16.
 * @module
 */
import proto from "onnx-proto";
import { floatsOf, type Graph, type Node, rewriteFile, type Tensor } from "./rewritten_file.ts";

const { DataType } = proto.onnx.TensorProto;
const { AttributeType } = proto.onnx.AttributeProto;

/** Options of {@linkcode convertFloatToFloat16}. */
export interface Float16Options {
  /** Whether inputs and outputs stay float32; true unless given. */
  readonly keepIoTypes?: boolean;
}

/** The largest number of float16. */
const LARGEST = 65504;

/**
 * Writes a model that computes in float16: half the size. On the CPU ONNX Runtime computes most of it in float32 all the same.
 * Values beyond float16's range become its largest.
 * Follows https://onnxruntime.ai/docs/performance/model-optimizations/float16.html
 *
 * @throws {Error} if the file is no ONNX model with its weights in it
 * @example
 * ```ts
 * import { onnx, torch } from "@tandem/tandem";
 * await torch.onnx.export(new torch.nn.Linear(64, 10), torch.zeros([1, 64]), "linear.onnx");
 * await onnx.convertFloatToFloat16("linear.onnx", "linear_float16.onnx");
 * ```
 */
export async function convertFloatToFloat16(
  modelInput: string | URL,
  modelOutput: string | URL,
  { keepIoTypes = true }: Float16Options = {},
): Promise<void> {
  await rewriteFile(modelInput, modelOutput, (graph) => {
    convert(graph);
    const first = keepIoTypes ? castInputs(graph) : [];
    const last = keepIoTypes ? castOutputs(graph) : [];
    if (!keepIoTypes) [...graph.input!, ...graph.output!].forEach(shorten);
    graph.node = [...first, ...graph.node!, ...last];
  });
}

/** Operators that read float32 only, and whether they give it. */
const FLOAT32_ONLY: Readonly<Record<string, { readonly givesFloats: boolean }>> = {
  Celu: { givesFloats: true },
  IsInf: { givesFloats: false },
};

/** Weights, constants and casts of a graph and of those inside it. */
function convert(graph: Graph): void {
  // How many times as large an image becomes is float32 in any model.
  const scales = new Set(
    graph.node!.flatMap((node) => node.opType === "Resize" ? node.input!.slice(2, 3) : []),
  );
  graph.initializer = (graph.initializer ?? []).map((tensor) =>
    scales.has(tensor.name!) ? tensor : shortened(tensor)
  );
  for (const node of graph.node!) {
    for (const attribute of node.attribute ?? []) {
      if (attribute.g) convertInside(attribute.g);
      if (attribute.t) attribute.t = shortened(attribute.t);
      const isCast = node.opType === "Cast" && attribute.name === "to";
      if (isCast && Number(attribute.i) === DataType.FLOAT) attribute.i = DataType.FLOAT16;
    }
  }
  graph.node = graph.node!.flatMap(inFloat32);
}

/** A node, with casts around it if it reads float32 only. */
function inFloat32(node: Node): Node[] {
  const only = node.domain ? undefined : FLOAT32_ONLY[node.opType!];
  if (!only) return [node];
  const [x] = node.input!;
  const [y] = node.output!;
  const [wide, result] = [`${y}_reads_float32`, only.givesFloats ? `${y}_float32` : y];
  const changed = { ...node, input: [wide], output: [result] };
  const back = only.givesFloats ? [cast(result, y, DataType.FLOAT16)] : [];
  return [cast(x, wide, DataType.FLOAT), changed, ...back];
}

function convertInside(graph: Graph): void {
  convert(graph);
  [...graph.input ?? [], ...graph.output ?? []].forEach(shorten);
}

function shortened(tensor: Tensor): Tensor {
  const values = floatsOf(tensor);
  if (!values) return tensor;
  const half = Float16Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    return Math.max(-LARGEST, Math.min(LARGEST, value));
  });
  const { name, dims } = tensor;
  return { name, dims, dataType: DataType.FLOAT16, rawData: new Uint8Array(half.buffer) };
}

function isFloat({ type }: proto.onnx.IValueInfoProto): boolean {
  return type?.tensorType?.elemType === DataType.FLOAT;
}

function shorten(value: proto.onnx.IValueInfoProto): void {
  if (isFloat(value)) value.type!.tensorType!.elemType = DataType.FLOAT16;
}

function cast(from: string, name: string, to: number): Node {
  return {
    opType: "Cast",
    name: `${name}_cast`,
    input: [from],
    output: [name],
    attribute: [{ name: "to", type: AttributeType.INT, i: to }],
  };
}

function castInputs(graph: Graph): Node[] {
  return graph.input!.filter(isFloat).map((input) => {
    const name = `${input.name}_float16`;
    rename(graph.node!, "input", input.name!, name);
    return cast(input.name!, name, DataType.FLOAT16);
  });
}

function castOutputs(graph: Graph): Node[] {
  return graph.output!.filter(isFloat).map((output) => {
    const name = `${output.name}_float16`;
    rename(graph.node!, "input", output.name!, name);
    rename(graph.node!, "output", output.name!, name);
    return cast(name, output.name!, DataType.FLOAT);
  });
}

function rename(nodes: readonly Node[], side: "input" | "output", from: string, to: string): void {
  for (const node of nodes) {
    node[side] = node[side]!.map((name) => name === from ? to : name);
    for (const { g } of node.attribute ?? []) if (g) rename(g.node!, side, from, to);
  }
}
