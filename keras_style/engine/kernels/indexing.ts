/**
 * Kernels that gather or scatter entries by their indices.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type DType, type LazyArray, ops, sizeOf } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { like } from "./elementwise.ts";

defineKernel<tf.GatherV2Attrs>(tf.GatherV2, ({ x, indices }, { axis, batchDims }) => {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  // Throws where the arguments do not fit each other.
  const { collectGatherOpShapeInfo } = tf.backend_util.segment_util;
  collectGatherOpShapeInfo(describe(x), describe(indices), along, batchDims ?? 0);
  const integers = ops.withinRange("GatherV2", ops.cast(indices, "int32"), {
    to: x.shape[along] - 1,
  });
  return batchDims ? gatherEach(x, integers, along, batchDims) : ops.gather(x, integers, along);
});

/** Every batch entry has indices of its own: the batch is laid out along the axis, its indices moved on. */
function gatherEach(x: LazyArray, indices: LazyArray, axis: number, batchDims: number): LazyArray {
  const lead = x.shape.slice(0, batchDims);
  const [batch, outer, dimension, inner] = [
    sizeOf(lead),
    sizeOf(x.shape.slice(batchDims, axis)),
    x.shape[axis],
    sizeOf(x.shape.slice(axis + 1)),
  ];
  const count = indices.size / batch;
  const rows = ops.transpose(ops.reshape(x, [batch, outer, dimension, inner]), [0, 2, 1, 3]);
  const starts = constant(Array.from({ length: batch }, (_, i) => i * dimension), "int32", [
    batch,
    1,
  ]);
  const found = ops.gather(
    ops.reshape(rows, [batch * dimension, outer * inner]),
    ops.add(ops.reshape(indices, [batch, count]), starts),
  );
  const ordered = ops.transpose(ops.reshape(found, [batch, count, outer, inner]), [0, 2, 1, 3]);
  return ops.reshape(ordered, [
    ...x.shape.slice(0, axis),
    ...indices.shape.slice(batchDims),
    ...x.shape.slice(axis + 1),
  ]);
}

defineKernel<tf.OneHotAttrs>(tf.OneHot, ({ indices }, { depth, onValue, offValue, dtype }) => {
  const column = ops.reshape(indices, [...indices.shape, 1]);
  const classes = constant(Array.from({ length: depth }, (_, i) => i), indices.dtype);
  const hit = ops.equal(column, classes);
  const type = dtype as DType;
  if (onValue === 1 && offValue === 0) return ops.cast(hit, type);
  const chosen = ops.where(hit, constant(onValue), constant(offValue));
  return ops.cast(chosen, type);
});

defineKernel<tf.UnsortedSegmentSumAttrs>(
  tf.UnsortedSegmentSum,
  ({ x, segmentIds }, { numSegments }) => {
    // Rows of no segment go to one more row, which is cut off.
    const outside = ops.logicalOr(
      ops.less(segmentIds, like(segmentIds, 0)),
      ops.greaterEqual(segmentIds, like(segmentIds, numSegments)),
    );
    const ids = ops.where(outside, like(segmentIds, numSegments), segmentIds);
    const row = x.shape.slice(segmentIds.shape.length);
    const model = ops.expand(like(x, 0), [numSegments + 1, ...row]);
    const flat = ops.reshape(x, [segmentIds.size, ...row]);
    const sums = ops.scatterAdd(model, ops.reshape(ids, [ids.size]), flat);
    return ops.slice(sums, sums.shape.map(() => 0), [numSegments, ...row]);
  },
);

defineKernel(tf.GatherNd, ({ params, indices }) => {
  const [shape] = tf.backend_util.prepareAndValidate(describe(params), describe(indices));
  return ops.reshape(ops.gatherNd(params, ops.cast(indices, "int32")), shape);
});

/** What TensorFlow.js' checks look at. */
function describe({ shape, size, dtype }: LazyArray): tf.Tensor {
  return { shape: [...shape], rank: shape.length, size, dtype } as tf.Tensor;
}

/** Entries of x replaced, or added to, at indices given by all their leading coordinates. */
function scatter(
  write: (x: LazyArray, indices: LazyArray, updates: LazyArray) => LazyArray,
  x: LazyArray,
  indices: LazyArray,
  updates: LazyArray,
): LazyArray {
  const { sliceRank, numUpdates } = tf.backend_util.calculateShapes(
    describe(updates),
    describe(indices),
    [...x.shape],
  );
  const coordinates = ops.reshape(ops.cast(indices, "int32"), [numUpdates, sliceRank]);
  checkCoordinates(coordinates, x.shape);
  const shape = [numUpdates, ...x.shape.slice(sliceRank)];
  const given = updates.shape.length === 0
    ? ops.expand(updates, shape)
    : ops.reshape(updates, shape);
  return write(x, coordinates, given);
}

function checkCoordinates(indices: LazyArray, shape: readonly number[]): void {
  if (!indices.isOnHost) return;
  const [count, rank] = indices.shape;
  const data = indices.buffer.data as Int32Array;
  for (let i = 0; i < count; i++) {
    const index = data.subarray(i * rank, (i + 1) * rank);
    if (index.every((at, axis) => at >= 0 && at < shape[axis])) continue;
    throw new Error(`Invalid indices: [${index}] does not index into [${shape}]`);
  }
}

defineKernel<tf.ScatterNdAttrs>(
  tf.ScatterNd,
  ({ indices, updates }, { shape }) =>
    scatter(ops.scatterNdAdd, ops.expand(like(updates, 0), shape), indices, updates),
);

defineKernel(
  tf.TensorScatterUpdate,
  ({ tensor, indices, updates }) => scatter(ops.scatterNd, tensor, indices, updates),
);

defineKernel<tf.SparseToDenseAttrs>(
  tf.SparseToDense,
  ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) =>
    scatter(ops.scatterNd, ops.expand(defaultValue, outputShape), sparseIndices, sparseValues),
);
