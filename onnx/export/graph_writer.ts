/**
 * Writes a recorded graph as an ONNX model, by way of `onnx-proto`.
 * @module
 */
import proto from "onnx-proto";
import { viewBytes } from "../bytes.ts";
import { type DType, onnxTypeOf, storageFrom, type TypedArray } from "../dtype.ts";
import type { ArrayType, Attribute } from "../op_types.ts";
import { type FloatsAttribute, type NodeAttribute, writeAttributes } from "./node_attributes.ts";
import type { Shape } from "../shape.ts";
import { applicationKey, valuesKey } from "../structural_key.ts";

const { onnx } = proto;

/** The operator set that models are written in: the first with axes as inputs in every reduction. */
export const OPSET = 18;
/** ONNX' number of bfloat16. */
export const BFLOAT16 = onnx.TensorProto.DataType.BFLOAT16;
const { GRAPH } = onnx.AttributeProto.AttributeType;
/** The version of ONNX Runtime's own domains. */
const MICROSOFT_OPSET = 1;

/** How one ONNX node is written, beyond its inputs. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, NodeAttribute>>;
  /** How many outputs the node has; 1 unless given. An empty name leaves an optional output out. */
  readonly outputs?: number;
  /** `com.microsoft` or a domain below it for ONNX Runtime's own operators. */
  readonly domain?: string;
}

/** What a finished model declares about itself. */
export interface ModelMetadata {
  readonly graphName?: string;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The operator set that the model says it is written in: {@linkcode OPSET} unless given. */
  readonly opset?: number;
}

/** Newest operator set that the operators written here are known to mean the same in. */
export const NEWEST_OPSET = 26;

/** A value of a loop, by its name. */
export interface LoopValue {
  readonly name: string;
  readonly type: ArrayType;
}

/** One round of a loop. */
export interface LoopBody {
  /** Writes the round; gives the next carried values, in order, then those that are stacked. */
  write(round: string, carried: readonly string[]): readonly LoopValue[];
}

/** A dimension of a model's input or output: fixed, or dynamic with a name. */
export type AxisSize = number | string;

/** Collects nodes and initializers and encodes them as one model. */
export class GraphWriter {
  #nodes: proto.onnx.INodeProto[] = [];
  readonly #initializers: proto.onnx.ITensorProto[] = [];
  readonly #inputs: proto.onnx.IValueInfoProto[] = [];
  readonly #outputs: proto.onnx.IValueInfoProto[] = [];
  readonly #constants = new Map<string, string>();
  readonly #promised = new Set<string>();
  /** What the nodes of the graph that is being written compute. */
  #made = new Set<string>();
  /** Names that those of the model's promises replace in the end, all in one walk. */
  readonly #renamed = new Map<string, string>();
  #names = 0;
  /** Domains of operators beyond ONNX' own. */
  readonly #domains = new Set<string>();
  /** Prefix for the names of nodes written from now on: a module's path. */
  scope = "";
  /** Whether nodes are added where ONNX Runtime's kernels pass over NaN. Exported files do without, as PyTorch's do. */
  carriesNaN = false;
  /** The same for maximum pooling, by nodes that only the CPU has. */
  poolsCarryNaN = false;
  /** Whether what a provider has no kernel for is put together of what it has. Exported files say what is meant. */
  readonly composesMissing: boolean = false;
  /** Whether nodes that compute the same from the same are written once. Exported files keep the nodes of each module apart. */
  sharesNodes = false;
  /** Outputs of the nodes of the graph that is being written, where those are shared. */
  #shared = new Map<string, string[]>();

  readonly #reserved = new Set<string>();

  /** @param sharesConstants whether equal constants are written once; recordings that are compared keep them apart */
  constructor(readonly sharesConstants = true) {}

  /**
   * Keeps names for what the model promises: nothing else is called so.
   *
   * @throws {Error} if a name is reserved already, saying for what both are
   */
  reserve(names: readonly string[], what: string): void {
    for (const name of names) {
      if (this.#reserved.has(name)) {
        throw new Error(
          `the name "${name}" of ${what} belongs to something else in the model already`,
        );
      }
      this.#reserved.add(name);
    }
  }

  /** A name that nothing else in the graph has. */
  freshName(hint: string): string {
    let name: string;
    do name = `${hint}_${this.#names++}`; while (this.#reserved.has(name));
    return name;
  }

  /** Adds a node and returns the names of its outputs. */
  nodes(type: string, inputs: readonly string[], options: NodeOptions = {}): string[] {
    if (!this.sharesNodes) return this.#fresh(type, inputs, options);
    const key = nodeKey(type, inputs, options);
    const known = this.#shared.get(key) ?? this.#fresh(type, inputs, options);
    this.#shared.set(key, known);
    return [...known];
  }

  #fresh(type: string, inputs: readonly string[], options: NodeOptions): string[] {
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => this.freshName(type));
    this.#write(type, inputs, [...outputs], options);
    return outputs;
  }

  /** Adds a node with one output and returns its name. */
  node(type: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.nodes(type, inputs, options)[0];
  }

  /** float32 values rounded to those that bfloat16 has. */
  bfloat16(x: string): string {
    const short = this.node("Cast", [x], { attributes: { to: BFLOAT16 } });
    return castNode(this, short, "float32");
  }

  /**
   * Gives a node's output the name that the model promises. Where the name belongs to an input, an initializer
   * or another promise already, a copy bears it.
   */
  nameOutput(current: string, promised: string): void {
    const isTaken = !this.#made.has(current) || this.#renamed.has(current) ||
      this.#promised.has(current);
    this.#promised.add(promised);
    if (isTaken) return this.#write("Identity", [current], [promised], {});
    this.#renamed.set(current, promised);
  }

  /**
   * Adds what is computed in one of two ways, as a condition says; nodes of the other are not run.
   *
   * @param types of the results, which both ways give
   * @returns the names of the results
   */
  choose(
    condition: string,
    types: readonly ArrayType[],
    ways: { readonly yes: () => readonly string[]; readonly no: () => readonly string[] },
  ): string[] {
    const branches = {
      then_branch: this.#branch(types, ways.yes),
      else_branch: this.#branch(types, ways.no),
    };
    return this.#around(branches, "If", [condition], { outputs: types.length });
  }

  /**
   * Adds a loop: a body that is run so many times. Carried values go from one round to the next; of the others each
   * round's are stacked.
   *
   * @param rounds the name of an int64 scalar
   * @param body writes one round, given the names of its number (an int64 scalar) and of what is carried
   * @returns the names of the last carried values, then those of the stacked ones
   */
  loop(rounds: string, carried: readonly LoopValue[], body: LoopBody): string[] {
    const round = this.freshName("round");
    const going = this.freshName("going");
    const before = carried.map(() => this.freshName("carried"));
    const { node, written: [results, goesOn] } = this.#inside(() =>
      [body.write(round, before), this.node("Identity", [going])] as const
    );
    const scalar = (name: string, dtype: DType) => valueInfo(name, dtype, []);
    const g = {
      name: this.freshName("body"),
      node,
      input: [
        scalar(round, "int64"),
        scalar(going, "bool"),
        ...carried.map(({ type }, i) => loopValueInfo({ name: before[i], type })),
      ],
      output: [scalar(goesOn, "bool"), ...results.map(loopValueInfo)],
    };
    const inputs = [rounds, "", ...carried.map(({ name }) => name)];
    return this.#around({ body: g }, "Loop", inputs, { outputs: results.length });
  }

  /**
   * Adds a scan: a body that is run for each part of some arrays along their first axis, whose results are stacked.
   *
   * @param arrays the names of the arrays
   * @param parts the types of a part of each
   * @param write writes the body, given the names of the parts; gives its results
   * @returns the names of the stacked results
   */
  scan(
    arrays: readonly string[],
    parts: readonly ArrayType[],
    write: (parts: readonly string[]) => readonly LoopValue[],
  ): string[] {
    const names = parts.map(() => this.freshName("part"));
    const { node, written } = this.#inside(() => write(names));
    const input = parts.map((type, i) => loopValueInfo({ name: names[i], type }));
    const g = { name: this.freshName("body"), node, input, output: written.map(loopValueInfo) };
    return this.#around({ body: g }, "Scan", arrays, {
      outputs: written.length,
      attributes: { num_scan_inputs: arrays.length },
    });
  }

  /** Adds a node that has graphs inside it, as attributes. */
  #around(
    graphs: Readonly<Record<string, proto.onnx.IGraphProto>>,
    type: string,
    inputs: readonly string[],
    options: NodeOptions,
  ): string[] {
    const outputs = this.#fresh(type, inputs, options);
    const attributes = Object.entries(graphs).map(([name, g]) => ({ name, type: GRAPH, g }));
    this.#nodes.at(-1)!.attribute!.push(...attributes);
    return outputs;
  }

  /** What a function writes, as a graph of its own. It reads names of the graph around it; constants go there. */
  #branch(types: readonly ArrayType[], write: () => readonly string[]): proto.onnx.IGraphProto {
    const { node, written } = this.#inside(write);
    const output = written.map((name, i) => valueInfo(name, types[i].dtype, types[i].shape));
    return { name: this.freshName("branch"), node, output };
  }

  /** The nodes of a graph inside this one, and what writing them returned. */
  #inside<T>(write: () => T): { node: proto.onnx.INodeProto[]; written: T } {
    const [nodes, made, shared] = [this.#nodes, this.#made, this.#shared];
    this.#nodes = [];
    this.#made = new Set();
    this.#shared = new Map();
    try {
      const written = write();
      return { node: this.#nodes, written };
    } finally {
      [this.#nodes, this.#made, this.#shared] = [nodes, made, shared];
    }
  }

  #write(type: string, inputs: readonly string[], outputs: string[], options: NodeOptions): void {
    outputs.forEach((output) => this.#made.add(output));
    if (options.domain) this.#domains.add(options.domain);
    this.#nodes.push({
      opType: type,
      name: this.scope ? `${this.scope}/${outputs[0]}` : outputs[0],
      domain: options.domain ?? "",
      input: [...inputs],
      output: outputs,
      attribute: writeAttributes(options.attributes ?? {}),
    });
  }

  /** A constant of the graph; equal constants are written once. */
  constant(values: ArrayLike<number>, dtype: DType, shape: Shape = [values.length]): string {
    return this.initializer(storageFrom(values, dtype), dtype, shape);
  }

  /** A list of int64, as ONNX wants shapes and axes. */
  int64s(values: readonly number[]): string {
    return this.constant(values, "int64");
  }

  /** A scalar of the given type. */
  scalar(value: number, dtype: DType): string {
    return this.constant([value], dtype, []);
  }

  /** Values written into the model, under a given name or a fresh one. */
  initializer(data: TypedArray, dtype: DType, shape: Shape, name?: string): string {
    const key = this.sharesConstants && !name ? valuesKey(data, { dtype, shape }) : "";
    const known = key && this.#constants.get(key);
    if (known) return known;
    const chosen = name ?? this.freshName("const");
    this.#initializers.push({
      name: chosen,
      dataType: onnxTypeOf(dtype),
      dims: [...shape],
      rawData: viewBytes(data),
    });
    if (key) this.#constants.set(key, chosen);
    return chosen;
  }

  /** Declares an input of the model. */
  input(name: string, type: ArrayType, dimensions: readonly AxisSize[] = type.shape): void {
    this.#inputs.push(valueInfo(name, type.dtype, dimensions));
  }

  /** Declares an input that is a count: an int64 scalar, whatever integers are stored as elsewhere. */
  count(name: string): void {
    this.#inputs.push(valueInfo(name, "int64", []));
  }

  /** Declares an output of the model. */
  output(name: string, type: ArrayType, dimensions: readonly AxisSize[] = type.shape): void {
    this.#outputs.push(valueInfo(name, type.dtype, dimensions));
  }

  /** The finished model, encoded. */
  encode(about: ModelMetadata = {}): Uint8Array<ArrayBuffer> {
    return encodeModel(this.finish(about));
  }

  /** The finished model. */
  finish(about: ModelMetadata = {}): proto.onnx.ModelProto {
    if (this.#renamed.size > 0) renameInNodes(this.#nodes, this.#renamed);
    this.#renamed.clear();
    const opsetImport = [{ domain: "", version: about.opset ?? OPSET }];
    for (const domain of this.#domains) opsetImport.push({ domain, version: MICROSOFT_OPSET });
    return onnx.ModelProto.create({
      irVersion: about.opset && about.opset > 18 ? 10 : 8,
      producerName: "tandem",
      opsetImport,
      docString: about.docString ?? "",
      metadataProps: Object.entries(about.metadata ?? {}).map(([key, value]) => ({ key, value })),
      graph: {
        name: about.graphName ?? "tandem",
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }
}

/** The key of what a node computes. */
function nodeKey(type: string, inputs: readonly string[], options: NodeOptions): string {
  const { attributes = {}, outputs = 1, domain = "" } = options;
  const plain: Record<string, Attribute> = { outputs, domain };
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      if (value !== undefined) plain[`.${name}`] = value as Attribute;
    } else if ("float" in value) plain[`.${name} float`] = value.float;
    else plain[`.${name} floats`] = (value as FloatsAttribute).floats;
  }
  return applicationKey(type, plain, inputs);
}

function renameInNodes(
  nodes: readonly proto.onnx.INodeProto[],
  renamed: ReadonlyMap<string, string>,
): void {
  for (const { input, output, attribute } of nodes) {
    for (const names of [input!, output!]) {
      names.forEach((name, i) => names[i] = renamed.get(name) ?? name);
    }
    for (const { g } of attribute!) if (g) renameInNodes(g.node!, renamed);
  }
}

/** A model as the bytes of an ONNX file. */
export function encodeModel(model: proto.onnx.ModelProto): Uint8Array<ArrayBuffer> {
  return onnx.ModelProto.encode(model).finish() as Uint8Array<ArrayBuffer>;
}

function loopValueInfo({ name, type }: LoopValue) {
  return valueInfo(name, type.dtype, type.shape);
}

function valueInfo(name: string, dtype: DType, dimensions: readonly AxisSize[]) {
  const dim = dimensions.map((e) => typeof e === "number" ? { dimValue: e } : { dimParam: e });
  return { name, type: { tensorType: { elemType: onnxTypeOf(dtype), shape: { dim } } } };
}

/** Writes a cast. */
export function castNode(writer: GraphWriter, x: string, to: DType): string {
  return writer.node("Cast", [x], { attributes: { to: onnxTypeOf(to) } });
}
