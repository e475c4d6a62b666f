/**
 * Ops that read and write entries (elements, rows, ...) whose leading coordinates are known only when the graph runs:
 * the last axis of the indices holds the coordinates of one entry.
 * @module
 */
import { flopsPerInput, noFlops } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type Op } from "../op.ts";
import { sameShape, type Shape, showShape } from "../shape.ts";
import { expand } from "./broadcast.ts";
import { foldingScatter } from "./scatter_node.ts";

/** Shape of the entries of x that some indices name. */
function entriesShape(op: string, x: ArrayType, indices: ArrayType): Shape {
  const depth = indices.shape.at(-1);
  const integers = indices.dtype === "int32" || indices.dtype === "int64";
  if (!integers || depth === undefined || depth > x.shape.length) {
    failShape(
      op,
      `indices ${indices.dtype}${showShape(indices.shape)} do not fit ${showShape(x.shape)}, ` +
        `expected int32 or int64 and at most ${x.shape.length} coordinates on the last axis`,
    );
  }
  return [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
}

function int64s(writer: GraphWriter, indices: string, { dtype }: ArrayType): string {
  return dtype === "int64" ? indices : castNode(writer, indices, "int64");
}

const GATHER_ND: Op = {
  name: "GatherND",
  infer: ([x, indices]) => [{ dtype: x.dtype, shape: entriesShape("gatherNd", x, indices) }],
  flops: noFlops,
  lower: (writer, [x, indices], _, { inputs: [, type] }) => [
    writer.node("GatherND", [x, int64s(writer, indices, type)]),
  ],
  gradient: ({ inputs: [x, indices], upstream: [dy] }) => [
    scatterNdAdd(expand(constant(0, x.dtype), x.shape), indices, dy!),
    null,
  ],
};

/** The entries of x at some coordinates (int32 or int64). ONNX operator GatherND. */
export function gatherNd(x: LazyArray, indices: LazyArray): LazyArray {
  return applyOp(GATHER_ND, [x, indices])[0];
}

function scatter(name: string, op: string, reduction: "add" | "none"): Op {
  return {
    name,
    infer: ([x, indices, updates]) => {
      const expected = entriesShape(op, x, indices);
      if (!sameShape(updates.shape, expected) || updates.dtype !== x.dtype) {
        failShape(
          op,
          `updates ${updates.dtype}${showShape(updates.shape)} do not fit, expected ${x.dtype}${
            showShape(expected)
          }`,
        );
      }
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    flops: reduction === "add" ? flopsPerInput(1, 2) : noFlops,
    lower: (writer, [x, indices, updates], _, { inputs: [{ dtype }, type] }) => [
      foldingScatter(
        writer,
        { op: "ScatterND", reduction },
        [x, int64s(writer, indices, type), updates],
        dtype,
      ),
    ],
    gradient: ({ inputs: [x, indices, updates], upstream: [dy] }) => [
      reduction === "add"
        ? dy
        : scatterNd(dy!, indices, expand(constant(0, x.dtype), updates.shape)),
      null,
      gatherNd(dy!, indices),
    ],
  };
}

const SCATTER_ND_ADD = scatter("ScatterNDAdd", "scatterNdAdd", "add");

/** x with updates added to the entries at some coordinates. ONNX operator ScatterND. */
export function scatterNdAdd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ND_ADD, [x, indices, updates])[0];
}

const SCATTER_ND = scatter("ScatterND", "scatterNd", "none");

/** x with the entries at some coordinates replaced. ONNX operator ScatterND. */
export function scatterNd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ND, [x, indices, updates])[0];
}
