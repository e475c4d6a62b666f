/**
 * Weights of eight bits, inputs quantized while the model runs.
 * @module
 */
import proto from "onnx-proto";
import {
  addInputs,
  floatsOf,
  type Graph,
  type Node,
  numberOf,
  rewriteFile,
  type Tensor,
} from "./rewritten_file.ts";

const { DataType } = proto.onnx.TensorProto;

/** Options of {@linkcode quantizeDynamic}. */
export interface QuantizeDynamicOptions {
  /** Whether each output of a layer has a scale of its own: more exact; false unless given. */
  readonly perChannel?: boolean;
  /** Operators whose weights are quantized; "MatMul", "Gemm" and "Conv" unless given. */
  readonly opTypesToQuantize?: readonly string[];
}

const OPERATORS = ["MatMul", "Gemm", "Conv"];

/**
 * Writes a model with weights of eight bits: a quarter of the size. Products are computed of integers; their inputs are quantized
 * when the model runs, each by its own range. Nodes whose weights are computed stay as they are.
 * Follows https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html (quantize_dynamic)
 *
 * @throws {Error} if the file is no ONNX model with its weights in it, or an operator cannot be quantized
 * @example
 * ```ts
 * import { onnx, torch } from "@tandem/tandem";
 * await torch.onnx.export(new torch.nn.Linear(64, 10), torch.zeros([1, 64]), "linear.onnx");
 * await onnx.quantizeDynamic("linear.onnx", "linear_int8.onnx", { perChannel: true });
 * ```
 */
export async function quantizeDynamic(
  modelInput: string | URL,
  modelOutput: string | URL,
  options: QuantizeDynamicOptions = {},
): Promise<void> {
  const { perChannel = false, opTypesToQuantize = OPERATORS } = options;
  const unknown = opTypesToQuantize.find((type) => !OPERATORS.includes(type));
  if (unknown !== undefined) {
    throw new Error(
      `quantizeDynamic: opTypesToQuantize has "${unknown}", expected ${OPERATORS.join(", ")}`,
    );
  }
  await rewriteFile(modelInput, modelOutput, (graph) => {
    new Quantizer(graph, perChannel).quantize(new Set(opTypesToQuantize));
  });
}

/** A weight of a product. */
interface Weight {
  readonly tensor: Tensor;
  readonly values: Float32Array;
}

/** How many values share a scale: those of an output, or all. */
interface Channels {
  readonly count: number;
  /** The output that a value belongs to. */
  of(index: number): number;
}

class Quantizer {
  readonly #weights: Map<string, Tensor>;
  readonly #nodes: Node[] = [];
  readonly #inputs = new Map<string, string[]>();
  #names = 0;

  constructor(readonly graph: Graph, readonly perChannel: boolean) {
    this.#weights = new Map(graph.initializer!.map((tensor) => [tensor.name!, tensor]));
  }

  quantize(types: ReadonlySet<string>): void {
    for (const node of this.graph.node!) {
      const weight = types.has(node.opType!) ? this.#weightOf(node) : undefined;
      if (!weight) this.#nodes.push(node);
      else if (node.opType === "Conv") this.#convolution(node, weight);
      else this.#product(node, weight);
    }
    this.graph.node = this.#nodes;
    const read = new Set(this.graph.output!.map(({ name }) => name!));
    addInputs(this.#nodes, read);
    this.graph.initializer = [...this.#weights.values()].filter(({ name }) => read.has(name!));
  }

  #weightOf(node: Node): Weight | undefined {
    const tensor = this.#weights.get(node.input![1]);
    const values = tensor && floatsOf(tensor);
    if (!values || values.length === 0) return undefined;
    if (node.opType === "MatMul" && tensor.dims!.length !== 2) return undefined;
    const isPlain = node.opType !== "Gemm" ||
      (numberOf(node, "alpha", 1) === 1 && numberOf(node, "beta", 1) === 1 &&
        numberOf(node, "transA", 0) === 0);
    return isPlain ? { tensor, values } : undefined;
  }

  /** x W + b, of a MatMul or a Gemm. */
  #product(node: Node, { tensor, values }: Weight): void {
    const [rows, columns] = tensor.dims!.map(Number);
    const isTransposed = node.opType === "Gemm" && numberOf(node, "transB", 0) === 1;
    const [inner, outer] = isTransposed ? [columns, rows] : [rows, columns];
    const laid = isTransposed ? transposed(values, rows, columns) : values;
    const weight = this.#quantized(tensor.name!, laid, [inner, outer], {
      count: outer,
      of: (index) => index % outer,
    }, 0);
    const [x, scale, zero] = this.#quantizedInput(node.input![0]);
    const integers = this.#node("MatMulInteger", [x, weight.name, zero, weight.zero]);
    this.#finish(node, integers, scale, weight.scale, node.input![2]);
  }

  #convolution(node: Node, { tensor, values }: Weight): void {
    const dims = tensor.dims!.map(Number);
    const size = values.length / dims[0];
    // ONNX Runtime's CPU kernel takes unsigned weights, with one zero point.
    const weight = this.#quantized(tensor.name!, values, dims, {
      count: dims[0],
      of: (index) => Math.floor(index / size),
    }, 128);
    const spatial = dims.slice(2).map(() => 1);
    const [x, scale, zero] = this.#quantizedInput(node.input![0]);
    const integers = this.#node("ConvInteger", [x, weight.name, zero, weight.zero], {
      attribute: node.attribute,
    });
    const perOutput = this.perChannel ? this.#reshaped(weight.scale, spatial) : weight.scale;
    const bias = node.input![2] ? this.#reshaped(node.input![2], spatial) : undefined;
    this.#finish(node, integers, scale, perOutput, bias);
  }

  /** Back to numbers with fractions, under the name that the node's result had. */
  #finish(node: Node, integers: string, scale: string, weightScale: string, bias?: string): void {
    const numbers = this.#node("Cast", [integers], {
      attribute: [{
        name: "to",
        type: proto.onnx.AttributeProto.AttributeType.INT,
        i: DataType.FLOAT,
      }],
    });
    const both = this.#node("Mul", [scale, weightScale]);
    const output = node.output![0];
    if (!bias) this.#node("Mul", [numbers, both], { output: [output] });
    else this.#node("Add", [this.#node("Mul", [numbers, both]), bias], { output: [output] });
  }

  /** A layer's input in eight bits, with scale and zero point; once for all that read it. */
  #quantizedInput(name: string): string[] {
    let known = this.#inputs.get(name);
    if (!known) {
      known = ["values", "scale", "zero"].map((part) => this.#name(`${name}_${part}`));
      this.#nodes.push({ opType: "DynamicQuantizeLinear", input: [name], output: known });
      this.#inputs.set(name, known);
    }
    return known;
  }

  #quantized(
    name: string,
    values: Float32Array,
    dims: readonly number[],
    channels: Channels,
    zeroPoint: 0 | 128,
  ): { name: string; scale: string; zero: string } {
    const count = this.perChannel ? channels.count : 1;
    const channelOf = (index: number) => this.perChannel ? channels.of(index) : 0;
    const largest = new Float32Array(count);
    values.forEach((value, i) => {
      const channel = channelOf(i);
      largest[channel] = Math.max(largest[channel], Math.abs(value));
    });
    const scales = largest.map((value) => value === 0 ? 1 : value / 127);
    const isSigned = zeroPoint === 0;
    const data = new Uint8Array(values.length);
    values.forEach((value, i) => {
      const rounded = Math.round(value / scales[channelOf(i)]);
      data[i] = Math.max(-127, Math.min(127, rounded)) + zeroPoint;
    });
    const dataType = isSigned ? DataType.INT8 : DataType.UINT8;
    const shape = this.perChannel ? [count] : [];
    return {
      name: this.#store(`${name}_quantized`, dataType, dims, data),
      scale: this.#store(`${name}_scale`, DataType.FLOAT, shape, new Uint8Array(scales.buffer)),
      zero: this.#store(`${name}_zero`, dataType, [], Uint8Array.of(zeroPoint)),
    };
  }

  /** One number an output, before spatial axes. */
  #reshaped(name: string, spatial: readonly number[]): string {
    const shape = BigInt64Array.from([-1, ...spatial], BigInt);
    const dims = [shape.length];
    const bytes = new Uint8Array(shape.buffer);
    const sizes = this.#store(`${name}_shape`, DataType.INT64, dims, bytes);
    return this.#node("Reshape", [name, sizes]);
  }

  #store(hint: string, dataType: number, dims: readonly number[], rawData: Uint8Array): string {
    const name = this.#name(hint);
    this.#weights.set(name, { name, dataType, dims: [...dims], rawData });
    return name;
  }

  #node(opType: string, input: string[], more: Partial<Node> = {}): string {
    const output = more.output ?? [this.#name(opType)];
    this.#nodes.push({ attribute: [], ...more, opType, input, output, name: output[0] });
    return output[0];
  }

  #name(hint: string): string {
    return `${hint}_int8_${this.#names++}`;
  }
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column];
    }
  }
  return result;
}
