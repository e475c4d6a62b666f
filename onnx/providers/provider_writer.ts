/**
 * Writes models for one execution provider: where it has no kernel for an operator, what the operator is put together of.
 * @module
 */
import { createStorage, type DType, memoryType, onnxTypeOf, type TypedArray } from "../dtype.ts";
import {
  BFLOAT16,
  GraphWriter,
  type LoopBody,
  type LoopValue,
  type NodeOptions,
} from "../export/graph_writer.ts";
import type { ArrayType } from "../op_types.ts";
import type { Provider } from "./provider_name.ts";
import type { Shape } from "../shape.ts";
import { compose, narrowIndices, type NodeCall, type NodeWriter } from "../rewrite/nodes/mod.ts";
import { hasKernel, kernelsOf, type KernelTable } from "./kernels.ts";
import { dtypeOfOnnx, dtypesOfOutputs, isParameter } from "./node_types.ts";

/** The element types that a provider computes others in, on all of its memory: WebGPU has integers of 32 bits only. */
const STORED: Partial<Record<Provider, Partial<Record<DType, DType>>>> = {
  webgpu: { int64: "int32", int8: "int32" },
};

/** What elements of a type are on a provider: inputs are fed so, and outputs come so. */
export function storedType(provider: Provider, dtype: DType): DType {
  return STORED[provider]?.[dtype] ?? dtype;
}

/**
 * Values as a provider stores them.
 *
 * @throws {RangeError} naming a value that does not fit
 */
export function storedValues(data: TypedArray, from: DType, to: DType): TypedArray {
  if (from === to) return data;
  const stored = createStorage(to, data.length);
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    stored[i] = value;
    if (stored[i] === value) continue;
    throw new RangeError(
      `the ${from} value ${data[i]} does not fit ${to}, which the device computes ${from} in`,
    );
  }
  return stored;
}

const FLOAT32 = onnxTypeOf("float32");

interface Constant {
  readonly data: TypedArray;
  readonly shape: Shape;
}

/** A writer that knows the element types of its names, and asks the table of kernels about every node. */
export class ProviderWriter extends GraphWriter implements NodeWriter {
  override readonly composesMissing = true;
  readonly #types = new Map<string, DType>();
  readonly #constants = new Map<string, Constant>();
  readonly #kernels: KernelTable | undefined;

  constructor(readonly provider: Provider) {
    super();
    this.#kernels = kernelsOf(provider);
  }

  /** Whether the provider has a kernel of an operator (or of a variant of it) for an element type. */
  has(key: string, dtype: string): boolean {
    // Their results are int64, which is not stored as such.
    const isNarrowed = /^Arg(Max|Min)/.test(key) && storedType(this.provider, "int64") !== "int64";
    return !isNarrowed && hasKernel(this.#kernels, key, dtype);
  }

  /** The element type of a name: that in which the provider stores it. */
  typeOf(name: string): DType {
    return this.#types.get(name) ?? "float32";
  }

  /** The values of a name that is a constant. */
  constantOf(name: string): Constant | undefined {
    return this.#constants.get(name);
  }

  /** With operators that all providers have: 16 of 24 bits are split off (Veltkamp); numbers near float32's largest stay. */
  override bfloat16(x: string): string {
    if (this.provider === "cpu") return this.#castFloat32(this.#castFloat32(x, BFLOAT16), FLOAT32);
    const limit = this.scalar(2 ** 110, "float32");
    const above = this.node("Mul", [x, this.scalar(2 ** 16 + 1, "float32")]);
    const short = this.node("Sub", [above, this.node("Sub", [above, x])]);
    const fits = this.node("Less", [this.node("Abs", [x]), limit]);
    return this.node("Where", [fits, short, x]);
  }

  override input(name: string, type: ArrayType, dimensions?: readonly (number | string)[]): void {
    const dtype = storedType(this.provider, memoryType(type.dtype));
    this.#types.set(name, dtype);
    super.input(name, { dtype, shape: type.shape }, dimensions);
  }

  override loop(rounds: string, carried: readonly LoopValue[], body: LoopBody): string[] {
    const stored = (value: LoopValue): LoopValue => {
      const dtype = storedType(this.provider, memoryType(value.type.dtype));
      return { name: value.name, type: { dtype, shape: value.type.shape } };
    };
    let last: readonly LoopValue[] = [];
    const outputs = super.loop(rounds, carried.map(stored), {
      write: (round, names) => {
        this.#types.set(round, "int64");
        carried.forEach((value, i) => this.#types.set(names[i], stored(value).type.dtype));
        return last = body.write(round, names).map(stored);
      },
    });
    outputs.forEach((name, i) => this.#types.set(name, last[i].type.dtype));
    return outputs;
  }

  override scan(
    arrays: readonly string[],
    parts: readonly ArrayType[],
    write: (parts: readonly string[]) => readonly LoopValue[],
  ): string[] {
    let results: readonly LoopValue[] = [];
    const outputs = super.scan(arrays, parts, (names) => {
      names.forEach((name, i) => this.#types.set(name, parts[i].dtype));
      return results = write(names);
    });
    outputs.forEach((name, i) => this.#types.set(name, results[i].type.dtype));
    return outputs;
  }

  override choose(
    condition: string,
    types: readonly ArrayType[],
    ways: { readonly yes: () => readonly string[]; readonly no: () => readonly string[] },
  ): string[] {
    const outputs = super.choose(condition, types, ways);
    outputs.forEach((name, i) => this.#types.set(name, types[i].dtype));
    return outputs;
  }

  override output(name: string, type: ArrayType, dimensions?: readonly (number | string)[]): void {
    super.output(name, { dtype: this.typeOf(name), shape: type.shape }, dimensions);
  }

  override nameOutput(current: string, promised: string): void {
    // Shapes and axes stay int64; where one is a result it is stored as everything else is.
    const stored = this.#stored(current);
    this.#types.set(promised, this.typeOf(stored));
    super.nameOutput(stored, promised);
  }

  override initializer(data: TypedArray, dtype: DType, shape: Shape, name?: string): string {
    const chosen = super.initializer(data, dtype, shape, name);
    this.#types.set(chosen, memoryType(dtype));
    this.#constants.set(chosen, { data, shape });
    return chosen;
  }

  override nodes(type: string, inputs: readonly string[], options: NodeOptions = {}): string[] {
    const read = inputs.map((name, i) => this.#asRead(type, i, name));
    const call = this.#narrowed({
      type,
      inputs: read,
      types: read.map((x) => this.typeOf(x)),
      options,
    });
    if (type === "Cast" && call.options.attributes!.to === onnxTypeOf(call.types[0])) {
      return [read[0]];
    }
    // ONNX Runtime's own operators are written where they are known to be there.
    if (options.domain) return this.plain(call);
    return compose(this, call, dtypeOfOnnx) ?? this.#onlyStored(call, this.plain(call));
  }

  /** A cast of float32, or of bfloat16, which arrays are not stored in. @param to as ONNX numbers it */
  #castFloat32(x: string, to: number): string {
    const options = { attributes: { to } };
    return this.plain({ type: "Cast", inputs: [x], types: ["float32"], options })[0];
  }

  /** The node itself, whatever the provider has. */
  plain({ type, inputs, types, options }: NodeCall): string[] {
    const outputs = super.nodes(type, inputs, options);
    const dtypes = dtypesOfOutputs(type, types, options);
    outputs.forEach((name, i) => this.#types.set(name, dtypes[i] ?? types[0]));
    return outputs;
  }

  /** ONNX wants coordinates to be int64, however the provider stores that otherwise. */
  #asRead(type: string, input: number, name: string): string {
    if (isParameter(type, input)) return name;
    const isCoordinates = input === 1 && (type === "GatherND" || type === "ScatterND");
    if (!isCoordinates) return this.#stored(name);
    if (this.typeOf(name) === "int64") return name;
    const cast = { type: "Cast", inputs: [name], types: [this.typeOf(name)] };
    return this.plain({ ...cast, options: castTo("int64") })[0];
  }

  /** Casts go to what a type is stored as. */
  #narrowed(call: NodeCall): NodeCall {
    if (call.type !== "Cast") return call;
    const to = storedType(this.provider, dtypeOfOnnx(call.options.attributes!.to as number));
    return { ...call, options: castTo(to) };
  }

  /** TopK gives int64, whatever the provider stores that as. */
  #onlyStored({ type, inputs: [x], options }: NodeCall, outputs: string[]): string[] {
    if (type !== "TopK" || storedType(this.provider, "int64") === "int64") return outputs;
    const axis = options.attributes?.axis as number ?? -1;
    return [outputs[0], narrowIndices(this, x, outputs[1], axis)];
  }

  /** A constant of a type that the provider stores in another one, so stored. */
  #stored(name: string): string {
    const constant = this.#constants.get(name);
    const dtype = this.typeOf(name);
    const stored = storedType(this.provider, dtype);
    if (!constant || dtype === stored) return name;
    return this.initializer(storedValues(constant.data, dtype, stored), stored, constant.shape);
  }
}

/** The attribute of a cast. */
export function castTo(dtype: DType): NodeOptions {
  return { attributes: { to: onnxTypeOf(dtype) } };
}
