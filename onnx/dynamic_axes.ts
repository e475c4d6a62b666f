/**
 * Makes axes of a model dynamic. Graphs are recorded with all dimensions known; the same graph recorded for two
 * dimensions of an axis shows where the dimension went: into declared shapes, which get a name instead, and into the
 * targets of Reshape, which get -1. Anywhere else the model really depends on it.
 * @module
 */
import type proto from "onnx-proto";

type Model = proto.onnx.ModelProto;
type Tensor = proto.onnx.ITensorProto;

/** A dynamic axis: its name in the file, and its dimension in the two recordings. */
export interface DynamicAxis {
  readonly name: string;
  readonly dimensions: readonly [first: number, second: number];
}

/**
 * Joins two recordings of one model that differ in the dimension of an axis.
 *
 * @returns `a` with that axis dynamic
 * @throws {Error} naming the ONNX node whose work depends on the dimension in another way
 */
export function joinRecordings(a: Model, b: Model, axis: DynamicAxis): Model {
  const [first, second] = [a.graph!, b.graph!];
  const outline = (graph: proto.onnx.IGraphProto) =>
    JSON.stringify(graph.node!.map((n) => [n.opType, n.input, n.output, n.attribute]));
  if (outline(first) !== outline(second)) {
    throw new Error(
      `export: the model's ${
        differingNode(first, second)
      } depends on the dimension of axis "${axis.name}"`,
    );
  }
  first.initializer!.forEach((tensor, i) =>
    joinInitializer(first, tensor, second.initializer![i], axis)
  );
  for (const kind of ["input", "output"] as const) {
    first[kind]!.forEach((value, i) => joinDimensions(value, second[kind]![i], axis));
  }
  return a;
}

function differingNode(a: proto.onnx.IGraphProto, b: proto.onnx.IGraphProto): string {
  const node = a.node!.find((n, i) => JSON.stringify(n) !== JSON.stringify(b.node![i]));
  return node ? `${node.opType} node "${node.name}"` : "graph";
}

function joinInitializer(
  graph: proto.onnx.IGraphProto,
  a: Tensor,
  b: Tensor,
  axis: DynamicAxis,
): void {
  if (sameBytes(a.rawData!, b.rawData!) && String(a.dims) === String(b.dims)) return;
  const readers = graph.node!.filter((node) => node.input!.includes(a.name!));
  const stray = readers.find((node) => node.opType !== "Reshape" || node.input![1] !== a.name);
  const target = stray ? new BigInt64Array() : int64sOf(a);
  const differing = stray ? [] : differingDimensions(target, int64sOf(b));
  if (differing.length !== 1) {
    const node = stray ?? readers[0];
    throw new Error(
      `export: the ${node.opType} node "${node.name}" depends on the dimension of axis "${axis.name}" in a way ` +
        `that a dynamic axis does not allow; only reshapes that keep the axis do`,
    );
  }
  target[differing[0]] = -1n;
  a.rawData = new Uint8Array(target.buffer);
}

function differingDimensions(a: BigInt64Array, b: BigInt64Array): number[] {
  return Array.from(a, (_, i) => i).filter((i) => a[i] !== b[i]);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function int64sOf(tensor: Tensor): BigInt64Array {
  return new BigInt64Array(tensor.rawData!.slice().buffer);
}

/** A dimension that follows from the axis without being it (a pooled height) gets a name of its own. */
function joinDimensions(
  a: proto.onnx.IValueInfoProto,
  b: proto.onnx.IValueInfoProto,
  axis: DynamicAxis,
): void {
  const [left, right] = [a, b].map((value) => value.type!.tensorType!.shape!.dim!);
  left.forEach((dim, i) => {
    const [first, second] = [dim, right[i]].map(({ dimValue }) => Number(dimValue ?? -1));
    // What has a name already is dynamic by another axis.
    if (dim.dimParam || first === second) return;
    const same = first === axis.dimensions[0] && second === axis.dimensions[1];
    left[i] = { dimParam: same ? axis.name : `${axis.name}_of_${a.name}` };
  });
}
