/**
 * Makes axes of a model dynamic. Graphs are recorded with all dimensions known; the same graph recorded once more for each
 * axis, with another dimension, shows where dimensions went: into declared shapes, which get names instead, and into shapes
 * that nodes read (Reshape, Expand, Slice, ...). There a dimension is worked out from the inputs' when the model runs; a
 * Reshape with one dimension to work out gets -1. Anywhere else the model really depends on it.
 * @module
 */
import type proto from "onnx-proto";
import { sameBytes } from "../bytes.ts";

type Model = proto.onnx.ModelProto;
type Graph = proto.onnx.IGraphProto;
type Tensor = proto.onnx.ITensorProto;
type Node = proto.onnx.INodeProto;

/** A dynamic axis: its name in the file, and its dimension in the two recordings. */
export interface DynamicAxis {
  readonly name: string;
  readonly dimensions: readonly [first: number, second: number];
}

/** A recording in which one axis has its second dimension. */
export interface Variation {
  readonly axis: DynamicAxis;
  readonly model: Model;
}

/**
 * Joins recordings of one model that differ in the dimension of an axis each.
 *
 * @returns `base` with those axes dynamic
 * @throws {Error} naming the ONNX node whose work depends on a dimension in another way
 */
export function joinRecordings(base: Model, variations: readonly Variation[]): Model {
  const graph = base.graph!;
  for (const { axis, model } of variations) {
    if (outline(graph) === outline(model.graph!)) continue;
    throw new Error(
      `export: the model's ${
        differingNode(graph, model.graph!)
      } depends on the dimension of axis "${axis.name}"`,
    );
  }
  const dimensions = new Dimensions(graph, variations);
  const kept: Tensor[] = [];
  graph.initializer!.forEach((tensor, i) => {
    const others = variations.map(({ model }) => model.graph!.initializer![i]);
    if (dimensions.join(tensor, others)) kept.push(tensor);
  });
  graph.initializer = kept;
  graph.node!.unshift(...dimensions.nodes);
  for (const kind of ["input", "output"] as const) {
    graph[kind]!.forEach((value, i) => {
      joinDimensions(
        value,
        variations.map(({ axis, model }) => ({ axis, value: model.graph![kind]![i] })),
      );
    });
  }
  shareConstants(graph);
  return base;
}

function outline(graph: Graph): string {
  return JSON.stringify(graph.node!.map((n) => [n.opType, n.input, n.output, n.attribute]));
}

function differingNode(a: Graph, b: Graph): string {
  const node = a.node!.find((n, i) => JSON.stringify(n) !== JSON.stringify(b.node![i]));
  return node ? `${node.opType} node "${node.name}"` : "graph";
}

/** A value as a product of dimensions and a factor, or a dimension and a few more. */
interface Expression {
  readonly axes: readonly DynamicAxis[];
  readonly factor: number;
  readonly more: number;
}

/** The nodes that work dimensions out. */
class Dimensions {
  readonly nodes: Node[] = [];
  readonly #known = new Map<string, string>();
  readonly #graph: Graph;
  readonly #variations: readonly Variation[];

  constructor(graph: Graph, variations: readonly Variation[]) {
    this.#graph = graph;
    this.#variations = variations;
  }

  /** Makes a constant that depends on dimensions follow them. @returns whether it stays a constant */
  join(tensor: Tensor, others: readonly Tensor[]): boolean {
    const isSame = (other: Tensor) =>
      sameBytes(tensor.rawData!, other.rawData!) && String(tensor.dims) === String(other.dims);
    if (others.every(isSame)) return true;
    const readers = this.#graph.node!.filter((node) => node.input!.includes(tensor.name!));
    const axis = this.#variations[others.findIndex((other) => !isSame(other))].axis;
    const isShape = tensor.dataType === 7 && tensor.dims!.length === 1 &&
      others.every((other) => String(other.dims) === String(tensor.dims));
    if (!isShape) throw dependence(readers[0], axis);
    const own = int64sOf(tensor);
    const values = others.map(int64sOf);
    const changing = own.flatMap((value, i) =>
      values.some((other) => other[i] !== value) ? [i] : []
    );
    if (
      changing.length === 1 &&
      readers.every((node) => node.opType === "Reshape" && node.input![1] === tensor.name)
    ) {
      tensor.rawData = bytesOf(own.with(changing[0], -1));
      return true;
    }
    const parts = own.map((value, i) => {
      const expression = this.#expressionOf(value, values.map((other) => other[i]));
      if (!expression) throw dependence(readers[0], axis);
      return this.#partOf(expression);
    });
    this.nodes.push({
      opType: "Concat",
      name: tensor.name,
      input: parts,
      output: [tensor.name!],
      attribute: [{ name: "axis", type: 2, i: 0 }],
    });
    return false;
  }

  /** What a value of all recordings is; undefined if it is neither a multiple of dimensions nor next to one. */
  #expressionOf(value: number, others: readonly number[]): Expression | undefined {
    const changed = this.#variations.flatMap(({ axis }, i) =>
      others[i] === value ? [] : [{ axis, other: others[i] }]
    );
    const axes = changed.map(({ axis }) => axis);
    const isMultiple = changed.every(({ axis: { dimensions: [first, second] }, other }) =>
      other * first === value * second
    );
    const factor = value / axes.reduce((n, axis) => n * axis.dimensions[0], 1);
    if (isMultiple && Number.isInteger(factor)) return { axes, factor, more: 0 };
    const [{ axis: { dimensions: [first, second] }, other }] = changed;
    // One longer by a token, shorter by a window: no other multiple grows by just as much.
    const isNextTo = changed.length === 1 && other - value === second - first &&
      Math.abs(value - first) < first;
    return isNextTo ? { axes, factor: 1, more: value - first } : undefined;
  }

  #partOf({ axes, factor, more }: Expression): string {
    if (axes.length === 0) return this.#constant(factor);
    let part = axes.map((axis) => this.#dimension(axis)).reduce((a, b) =>
      this.#node("Mul", [a, b])
    );
    if (factor !== 1) part = this.#node("Mul", [part, this.#constant(factor)]);
    return more === 0 ? part : this.#node("Add", [part, this.#constant(more)]);
  }

  /** An axis' dimension, from the shape of an input that has it. */
  #dimension(axis: DynamicAxis): string {
    const { model } = this.#variations.find((variation) => variation.axis === axis)!;
    for (const [i, input] of this.#graph.input!.entries()) {
      const [own, other] = [input, model.graph!.input![i]].map(dimensionsOf);
      const at = own.findIndex((dim, k) =>
        Number(dim.dimValue ?? 0) === axis.dimensions[0] &&
        Number(other[k].dimValue ?? 0) === axis.dimensions[1]
      );
      if (at >= 0) {
        return this.#node("Gather", [this.#node("Shape", [input.name!]), this.#constant(at)]);
      }
    }
    throw new Error(`export: no input has the axis "${axis.name}"`);
  }

  #constant(value: number): string {
    const name = `dimension_constant_${value}`;
    if (!this.#known.has(name)) {
      this.#known.set(name, name);
      this.nodes.unshift({
        opType: "Constant",
        name,
        input: [],
        output: [name],
        attribute: [{
          name: "value",
          type: 4,
          t: { dataType: 7, dims: [1], rawData: bytesOf([value]) },
        }],
      });
    }
    return name;
  }

  /** The output of a node; equal ones are written once. */
  #node(opType: string, input: string[]): string {
    const key = `${opType}(${input})`;
    const known = this.#known.get(key);
    if (known) return known;
    const name = `dimension_${this.#known.size}`;
    this.#known.set(key, name);
    this.nodes.push({ opType, name, input, output: [name], attribute: [] });
    return name;
  }
}

function dependence(node: Node, axis: DynamicAxis): Error {
  return new Error(
    `export: the ${node.opType} node "${node.name}" depends on the dimension of axis "${axis.name}" in a way that a dynamic ` +
      `axis does not allow; only shapes that are multiples of dimensions do`,
  );
}

function int64sOf(tensor: Tensor): number[] {
  return Array.from(new BigInt64Array(tensor.rawData!.slice().buffer), Number);
}

function bytesOf(values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

function dimensionsOf(value: proto.onnx.IValueInfoProto) {
  return value.type!.tensorType!.shape!.dim!;
}

/** A dimension that follows from axes without being one (a pooled height) gets a name of its own. */
function joinDimensions(
  own: proto.onnx.IValueInfoProto,
  others: readonly { readonly axis: DynamicAxis; readonly value: proto.onnx.IValueInfoProto }[],
): void {
  const dims = dimensionsOf(own);
  dims.forEach((dim, i) => {
    const first = Number(dim.dimValue ?? -1);
    const changed = others.filter(({ value }) =>
      Number(dimensionsOf(value)[i].dimValue ?? -1) !== first
    );
    if (changed.length === 0) return;
    const isAxis = ({ axis, value }: typeof others[0]) =>
      changed.length === 1 && first === axis.dimensions[0] &&
      Number(dimensionsOf(value)[i].dimValue) === axis.dimensions[1];
    const names = changed.map(({ axis }) => axis.name).join("_");
    dims[i] = { dimParam: isAxis(changed[0]) ? names : `${names}_of_${own.name}` };
  });
}

/** Equal small constants are one. They are written apart in recordings, where equal ones may come to differ. */
function shareConstants(graph: Graph): void {
  const known = new Map<string, string>();
  const renamed = new Map<string, string>();
  const outputs = new Set(graph.output!.map(({ name }) => name));
  graph.initializer = graph.initializer!.filter((tensor) => {
    if (
      tensor.rawData!.length > 64 * 8 || !/^const_\d+$/.test(tensor.name!) ||
      outputs.has(tensor.name)
    ) return true;
    const key = `${tensor.dataType}|${tensor.dims}|${tensor.rawData}`;
    const first = known.get(key);
    if (first === undefined) known.set(key, tensor.name!);
    else renamed.set(tensor.name!, first);
    return first === undefined;
  });
  for (const node of graph.node!) node.input = node.input!.map((name) => renamed.get(name) ?? name);
}
