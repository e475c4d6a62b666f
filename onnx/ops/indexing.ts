/**
 * Ops that read and write single elements or rows at indices known only when the graph runs.
 * @module
 */
import { createStorage, type TypedArray } from "../dtype.ts";
import { flopsPerInput, noFlops } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type HostArray, type Op } from "../op.ts";
import { normalizeAxis, sameShape, showShape, sizeOf, stridesOf } from "../shape.ts";
import { zerosLike } from "./elementwise.ts";
import { inversePermutation, transpose } from "./movement.ts";
import { foldingScatter } from "./scatter_node.ts";

interface AxisAttribute {
  readonly [name: string]: number;
  readonly axis: number;
}

const GATHER: Op<AxisAttribute> = {
  name: "Gather",
  movesMemory: true,
  infer: ([x, indices], { axis }) => {
    checkIndexType("gather", indices);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [{ dtype: x.dtype, shape }];
  },
  flops: noFlops,
  lower: (writer, inputs, { axis }) => [writer.node("Gather", inputs, { attributes: { axis } })],
  host: ([x, indices], { axis }, output) => gatherHost(x, indices, axis, sizeOf(output.shape)),
  gradient: ({ inputs: [x, indices], attributes: { axis }, upstream: [dy] }) => [
    gatherGradient(x, indices, axis, dy!),
    null,
  ],
};

/** With the gathered axis in front the gradient is a sum of rows. */
function gatherGradient(x: LazyArray, indices: LazyArray, axis: number, dy: LazyArray): LazyArray {
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const indexAxes = indices.shape.map((_, i) => axis + i);
  const before = others.slice(0, axis);
  const after = others.slice(axis).map((i) => i - 1 + indexAxes.length);
  const rows = transpose(dy, [...indexAxes, ...before, ...after]);
  const order = [axis, ...others];
  const summed = scatterAdd(transpose(x, order), indices, rows);
  return transpose(summed, inversePermutation(order));
}

/** Copies whole runs; an index outside is an error here as it is in ONNX Runtime. */
function gatherHost(x: HostArray, indices: HostArray, axis: number, size: number): TypedArray {
  const out = createStorage(x.dtype, size);
  const run = sizeOf(x.shape.slice(axis + 1));
  const dimension = x.shape[axis];
  const rows = sizeOf(x.shape.slice(0, axis));
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < indices.data.length; k++) {
      const wanted = Number(indices.data[k]);
      const index = wanted < 0 ? wanted + dimension : wanted;
      if (!(index >= 0 && index < dimension)) {
        failShape(
          "gather",
          `index ${wanted} is out of range for axis ${axis} of ${showShape(x.shape)}`,
        );
      }
      const from = (row * dimension + index) * run;
      if (run === 1) out[to] = x.data[from];
      else out.set(x.data.subarray(from, from + run) as never, to);
      to += run;
    }
  }
  return out;
}

/** The entries of x along an axis at the given indices (int32 or int64, negative ones from the back). */
export function gather(x: LazyArray, indices: LazyArray, axis = 0): LazyArray {
  return applyOp(GATHER, [x, indices], { axis: normalizeAxis("gather", axis, x.shape.length) })[0];
}

export function checkIndexType(op: string, { dtype }: ArrayType): void {
  if (dtype === "int32" || dtype === "int64") return;
  failShape(op, `indices are ${dtype}, expected int32 or int64`);
}

function checkRows(op: string, x: ArrayType, indices: ArrayType, updates: ArrayType): void {
  checkIndexType(op, indices);
  const expected = [...indices.shape, ...x.shape.slice(1)];
  if (sameShape(updates.shape, expected) && updates.dtype === x.dtype) return;
  failShape(
    op,
    `updates ${updates.dtype}${showShape(updates.shape)} do not fit, expected ${x.dtype}${
      showShape(expected)
    }`,
  );
}

/** Indices of rows as ScatterND reads them: int64, each a list of one coordinate. */
function rowCoordinates(writer: GraphWriter, indices: string, { shape }: ArrayType): string {
  const long = castNode(writer, indices, "int64");
  return writer.node("Unsqueeze", [long, writer.int64s([shape.length])]);
}

const SCATTER_ADD: Op = {
  name: "ScatterAdd",
  infer: ([x, indices, updates]) => {
    checkRows("scatterAdd", x, indices, updates);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: flopsPerInput(1, 2),
  lower: (writer, [, indices, updates], _, { inputs: [x, indexType, values] }) => {
    const column = rowCoordinates(writer, indices, indexType);
    const zero = writer.constant([0], values.dtype, [1]);
    const zeros = writer.node("Expand", [zero, writer.int64s(x.shape)]);
    const node = { op: "ScatterND", reduction: "add" } as const;
    return [foldingScatter(writer, node, [zeros, column, updates], values.dtype)];
  },
  gradient: ({ inputs: [, indices], upstream: [dy] }) => [null, null, gather(dy!, indices, 0)],
};

/** Zeros of x's type and shape with `updates` added to the rows at `indices`. */
export function scatterAdd(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ADD, [x, indices, updates])[0];
}

function checkIndices(op: string, x: ArrayType, indices: ArrayType, axis: number): void {
  checkIndexType(op, indices);
  const fits = indices.shape.length === x.shape.length &&
    indices.shape.every((dimension, i) => i === axis || dimension <= x.shape[i]);
  if (!fits) {
    failShape(
      op,
      `indices ${showShape(indices.shape)} do not lie within ${
        showShape(x.shape)
      } apart from axis ${axis}`,
    );
  }
}

const GATHER_ELEMENTS: Op<AxisAttribute> = {
  name: "GatherElements",
  infer: ([x, indices], { axis }) => {
    checkIndices("gatherElements", x, indices, axis);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  flops: noFlops,
  lower: (writer, inputs, { axis }) => [
    writer.node("GatherElements", inputs, { attributes: { axis } }),
  ],
  host: ([x, indices], { axis }, output) => {
    const out = createStorage(output.dtype, sizeOf(output.shape));
    const own = stridesOf(x.shape);
    const given = stridesOf(indices.shape);
    for (let i = 0; i < out.length; i++) {
      const wanted = Number(indices.data[i]);
      const index = wanted < 0 ? wanted + x.shape[axis] : wanted;
      if (!(index >= 0 && index < x.shape[axis])) {
        failShape(
          "gatherElements",
          `index ${wanted} is out of range for axis ${axis} of ${showShape(x.shape)}`,
        );
      }
      out[i] = x.data[
        own.reduce((sum, stride, k) => {
          const along = k === axis ? index : Math.floor(i / given[k]) % indices.shape[k];
          return sum + along * stride;
        }, 0)
      ];
    }
    return out;
  },
  gradient: ({ inputs: [x, indices], attributes: { axis }, upstream: [dy] }) => [
    scatterElementsAdd(x, indices, dy!, axis),
    null,
  ],
};

/** result[i, j] = x[i, indices[i, j]], for axis 1; the same for any axis and rank. ONNX operator GatherElements. */
export function gatherElements(x: LazyArray, indices: LazyArray, axis: number): LazyArray {
  return applyOp(GATHER_ELEMENTS, [x, indices], {
    axis: normalizeAxis("gatherElements", axis, x.shape.length),
  })[0];
}

const SCATTER_ELEMENTS_ADD: Op<AxisAttribute> = {
  name: "ScatterElementsAdd",
  infer: ([x, indices], { axis }) => {
    checkIndices("scatterElementsAdd", x, indices, axis);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: flopsPerInput(1, 2),
  lower: (writer, [, indices, updates], { axis }, { inputs: [x] }) => {
    const zero = writer.constant([0], x.dtype, [1]);
    const zeros = writer.node("Expand", [zero, writer.int64s(x.shape)]);
    const node = { op: "ScatterElements", axis, reduction: "add" } as const;
    return [foldingScatter(writer, node, [zeros, indices, updates], x.dtype)];
  },
  gradient: ({ inputs: [, indices], attributes: { axis }, upstream: [dy] }) => [
    null,
    null,
    gatherElements(dy!, indices, axis),
  ],
};

/** Zeros of x's type and shape with `updates` added where {@linkcode gatherElements} would have read. */
export function scatterElementsAdd(
  x: LazyArray,
  indices: LazyArray,
  updates: LazyArray,
  axis: number,
): LazyArray {
  return applyOp(SCATTER_ELEMENTS_ADD, [x, indices, updates], {
    axis: normalizeAxis("scatterElementsAdd", axis, x.shape.length),
  })[0];
}

const SCATTER_ROWS: Op = {
  name: "ScatterRows",
  infer: ([x, indices, updates]) => {
    checkRows("scatterRows", x, indices, updates);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: noFlops,
  lower: (writer, [x, indices, updates], _, { inputs: [, type] }) => [
    writer.node("ScatterND", [x, rowCoordinates(writer, indices, type), updates]),
  ],
  gradient: ({ inputs: [, indices, updates], upstream: [dy] }) => [
    scatterRows(dy!, indices, zerosLike(updates)),
    null,
    gather(dy!, indices, 0),
  ],
};

/** x with the rows at `indices` replaced; the gradient of a row named twice goes to each of its updates. */
export function scatterRows(x: LazyArray, indices: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ROWS, [x, indices, updates])[0];
}
