/**
 * Weights and activations of eight bits, with ranges that are found beforehand.
 * @module
 */
import proto from "onnx-proto";
import { viewBytes } from "../bytes.ts";
import { createSession } from "../runtime/session.ts";
import { type CalibrationSource, type Range, rangesOf } from "./calibration.ts";
import {
  addInputs,
  floatsOf,
  type Graph,
  type Node,
  numberOf,
  readModel,
  type Tensor,
  writeModel,
} from "./rewritten_file.ts";

const { DataType } = proto.onnx.TensorProto;
const { AttributeType } = proto.onnx.AttributeProto;

/** Options of {@linkcode quantizeStatic}. */
export interface QuantizeStaticOptions {
  /** Whether each output of a layer has a scale of its own: more exact; false unless given. */
  readonly perChannel?: boolean;
  /** What activations become: "int8" unless given. */
  readonly activationType?: "int8" | "uint8";
  /** Operators that compute with eight bits; "Conv", "MatMul", "Gemm", "Add" and "MaxPool" unless given. */
  readonly opTypesToQuantize?: readonly string[];
}

const OPERATORS = ["Conv", "MatMul", "Gemm", "Add", "MaxPool"];
/** Operators with weights. */
const PRODUCTS = ["Conv", "MatMul", "Gemm"];

/**
 * Writes a model whose weights and activations have eight bits: a quarter of the size, and computed of integers. The ranges of
 * activations are those that a few batches of examples show. The file has QuantizeLinear and DequantizeLinear around operators
 * (QDQ), which ONNX Runtime joins with them; batch normalization is folded into convolutions before.
 * Follows https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html (quantize_static)
 *
 * @param calibrationDataReader batches of examples
 * @throws {Error} if the file is no ONNX model with its weights in it, if an operator cannot be quantized, or for batches that the
 * model does not take
 * @example
 * ```ts
 * import { onnx, torch } from "@tandem/tandem";
 * const images = [0, 1, 2].map(() => ({ input: torch.rand([8, 64]).array }));
 * await torch.onnx.export(new torch.nn.Linear(64, 10), torch.zeros([8, 64]), "linear.onnx", { inputNames: ["input"] });
 * await onnx.quantizeStatic("linear.onnx", "linear_int8.onnx", images, { perChannel: true });
 * ```
 */
export async function quantizeStatic(
  modelInput: string | URL,
  modelOutput: string | URL,
  calibrationDataReader: CalibrationSource,
  options: QuantizeStaticOptions = {},
): Promise<void> {
  const { opTypesToQuantize = OPERATORS, activationType = "int8", perChannel = false } = options;
  const unknown = opTypesToQuantize.find((type) => !OPERATORS.includes(type));
  if (unknown !== undefined) {
    throw new Error(
      `quantizeStatic: opTypesToQuantize has "${unknown}", expected ${OPERATORS.join(", ")}`,
    );
  }
  if (activationType !== "int8" && activationType !== "uint8") {
    throw new Error(`quantizeStatic: activationType is ${activationType}, expected int8 or uint8`);
  }
  const model = await optimized(modelInput);
  const graph = model.graph!;
  const types = new Set(opTypesToQuantize);
  const quantized = new StaticQuantizer(graph, { types, activationType, perChannel });
  quantized.quantize(await rangesOf(model, quantized.activations(), calibrationDataReader));
  await writeModel(modelOutput, model);
}

/** As ONNX Runtime simplifies it: constants are computed, what follows a convolution channel by channel goes into it. */
async function optimized(path: string | URL): Promise<proto.onnx.ModelProto> {
  await readModel(path);
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/model.onnx`;
    const session = await createSession(await Deno.readFile(path), {
      graphOptimizationLevel: "basic",
      optimizedModelFilePath: file,
    });
    await session.release();
    return await readModel(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Settings {
  readonly types: ReadonlySet<string>;
  readonly activationType: "int8" | "uint8";
  readonly perChannel: boolean;
}

/** What a value is divided by and what 0 becomes. */
interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/** Weights in eight bits: where they are, and the scale of each output, or one of all. */
interface QuantizedWeight {
  readonly name: string;
  readonly scales: Float32Array;
}

class StaticQuantizer {
  readonly #weights: Map<string, Tensor>;
  readonly #readers = new Map<string, Node[]>();
  readonly #outputs: ReadonlySet<string>;
  readonly #scales = new Map<string, Scale>();
  /** What stands for a tensor once it has been through eight bits. */
  readonly #instead = new Map<string, string>();
  #nodes: Node[] = [];

  constructor(readonly graph: Graph, readonly settings: Settings) {
    this.#weights = new Map(graph.initializer!.map((tensor) => [tensor.name!, tensor]));
    this.#outputs = new Set(graph.output!.map(({ name }) => name!));
    for (const node of graph.node!) {
      for (const name of node.input!) {
        this.#readers.set(name, [...this.#readers.get(name) ?? [], node]);
      }
    }
  }

  #isQuantized({ opType }: Node): boolean {
    return this.settings.types.has(opType!);
  }

  /** The tensors whose ranges are wanted. */
  activations(): string[] {
    const names = this.graph.node!.filter((node) => this.#isQuantized(node))
      .flatMap((node) => [...this.#inputsOf(node), this.#resultOf(node)]);
    return [...new Set(names)].filter((name) => !this.#outputs.has(name));
  }

  #inputsOf({ opType, input }: Node): string[] {
    const data = opType === "Add" || opType === "MatMul" ? input! : input!.slice(0, 1);
    return data.filter((name) => !this.#weights.has(name));
  }

  /** A relu that alone reads a result is a part of it: quantizing cuts off what is below 0. */
  #resultOf({ output }: Node): string {
    const [name] = output!;
    const readers = this.#readers.get(name) ?? [];
    const isRelu = readers.length === 1 && readers[0].opType === "Relu" && !this.#outputs.has(name);
    return isRelu ? readers[0].output![0] : name;
  }

  quantize(ranges: ReadonlyMap<string, Range>): void {
    for (const [name, range] of ranges) this.#scales.set(name, this.#scaleOf(range));
    // A maximum is one of the values it is taken of.
    for (const node of this.graph.node!) {
      const given = node.opType === "MaxPool" && this.#scales.get(node.input![0]);
      if (given && this.#isQuantized(node)) this.#scales.set(this.#resultOf(node), given);
    }
    for (const { name } of this.graph.input!) this.#throughEightBits(name!);
    for (const node of this.graph.node!) {
      const read = node.input!;
      const products = this.#isQuantized(node) && PRODUCTS.includes(node.opType!);
      const x = this.#scales.get(read[0]);
      const weight = products && x ? this.#weightOf(node) : undefined;
      const input = read.map((name) => this.#instead.get(name) ?? name);
      if (weight && x) {
        input[1] = weight.name;
        if (read[2] && numberOf(node, "beta", 1) === 1) {
          input[2] = this.#biasOf(node, x, weight) ?? input[2];
        }
      }
      this.#nodes.push({ ...node, input });
      for (const name of node.output!) this.#throughEightBits(name);
    }
    this.graph.node = this.#nodes;
    const read = new Set(this.#outputs);
    addInputs(this.#nodes, read);
    this.graph.initializer = [...this.#weights.values()].filter(({ name }) => read.has(name!));
  }

  #scaleOf({ min, max }: Range): Scale {
    const scale = Math.fround((max - min) / 255) || 1;
    const least = this.settings.activationType === "int8" ? -128 : 0;
    return { scale, zero: Math.max(least, Math.min(least + 255, Math.round(least - min / scale))) };
  }

  /** Whoever reads the tensor reads what is left of it after eight bits. */
  #throughEightBits(name: string): void {
    const found = this.#scales.get(name);
    if (!found) return;
    const signed = this.settings.activationType === "int8";
    const scale = this.#store(`${name}_scale`, [], Float32Array.of(found.scale), DataType.FLOAT);
    const zero = this.#store(
      `${name}_zero_point`,
      [],
      signed ? Int8Array.of(found.zero) : Uint8Array.of(found.zero),
      signed ? DataType.INT8 : DataType.UINT8,
    );
    const short = this.#node("QuantizeLinear", [name, scale, zero], `${name}_QuantizeLinear`);
    const output = `${name}_DequantizeLinear`;
    this.#instead.set(name, this.#node("DequantizeLinear", [short, scale, zero], output));
  }

  #weightOf(node: Node): QuantizedWeight | undefined {
    const name = node.input![1];
    const tensor = this.#weights.get(name);
    const values = tensor && floatsOf(tensor);
    if (!values || values.length === 0) return undefined;
    const dims = tensor.dims!.map(Number);
    const isRows = node.opType === "Conv" || numberOf(node, "transB", 0) === 1;
    const axis = isRows ? 0 : dims.length - 1;
    const count = this.settings.perChannel ? dims[axis] : 1;
    const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
    const channelOf = (index: number) => Math.floor(index / inner) % count;
    const largest = new Float32Array(count);
    values.forEach((value, i) => {
      largest[channelOf(i)] = Math.max(largest[channelOf(i)], Math.abs(value));
    });
    const scales = largest.map((value) => value === 0 ? 1 : value / 127);
    const data = Int8Array.from(
      values,
      (value, i) => Math.max(-127, Math.min(127, Math.round(value / scales[channelOf(i)]))),
    );
    const own = `${name}_${axis}`;
    const isKnown = this.#weights.has(`${own}_quantized`);
    const output = `${own}_DequantizeLinear`;
    if (!isKnown) {
      const short = this.#store(`${own}_quantized`, dims, data, DataType.INT8);
      this.#dequantized(short, scales, new Int8Array(count), DataType.INT8, axis, output);
    }
    return { name: output, scales };
  }

  /** A bias of 32 bits, in the units of the product that it is added to. */
  #biasOf(node: Node, x: Scale, { scales }: QuantizedWeight): string | undefined {
    const tensor = this.#weights.get(node.input![2]);
    const values = tensor && floatsOf(tensor);
    const isFitting = values && (scales.length === 1 || scales.length === values.length);
    if (!isFitting || tensor.dims!.length !== 1) return undefined;
    const units = scales.map((scale) => scale * x.scale);
    const most = 2 ** 31 - 1;
    const data = Int32Array.from(values, (value, i) => {
      const whole = Math.round(value / units[units.length === 1 ? 0 : i]);
      return Math.max(-most, Math.min(most, whole));
    });
    const own = `${node.output![0]}_bias`;
    const short = this.#store(`${own}_quantized`, [values.length], data, DataType.INT32);
    const zeros = new Int32Array(units.length);
    return this.#dequantized(short, units, zeros, DataType.INT32, 0, `${own}_DequantizeLinear`);
  }

  #dequantized(
    short: string,
    scales: Float32Array,
    zeros: ArrayBufferView,
    dataType: number,
    axis: number,
    output: string,
  ): string {
    const dims = this.settings.perChannel ? [scales.length] : [];
    const scale = this.#store(`${short}_scale`, dims, scales, DataType.FLOAT);
    const zero = this.#store(`${short}_zero_point`, dims, zeros, dataType);
    const attribute = this.settings.perChannel
      ? [{ name: "axis", type: AttributeType.INT, i: axis }]
      : [];
    return this.#node("DequantizeLinear", [short, scale, zero], output, attribute);
  }

  #store(
    name: string,
    dims: readonly number[],
    data: ArrayBufferView,
    dataType: number,
  ): string {
    this.#weights.set(name, { name, dataType, dims: [...dims], rawData: viewBytes(data) });
    return name;
  }

  #node(opType: string, input: string[], output: string, attribute: Node["attribute"] = []) {
    this.#nodes.push({ opType, name: output, input, output: [output], attribute });
    return output;
  }
}
