/**
 * Calls of kernels that move, look up, make or share elements.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { bool, float, given, int, type KernelCase, type KernelCases } from "./kernel_case.ts";

const KINDS = [float, int, bool];

/** One call for each kind of element. */
function each(
  shape: readonly number[],
  attrs: Readonly<Record<string, unknown>>,
  name = "x",
): KernelCase[] {
  return KINDS.map((kind) => ({ inputs: { [name]: kind(shape) }, attrs }));
}

const slices = {
  beginMask: 0,
  endMask: 0,
  ellipsisMask: 0,
  newAxisMask: 0,
  shrinkAxisMask: 0,
};

export const movementCases: KernelCases = {
  [tf.Identity]: [...each([2, 3], {}), ...each([0], {})],
  [tf.Reshape]: [
    ...each([2, 6], { shape: [3, 2, 2] }),
    ...each([2, 6], { shape: [-1, 4] }),
    ...each([0, 3], { shape: [3, 0] }),
  ],
  [tf.ExpandDims]: [0, 1, -1, -3].map((dim) => ({
    inputs: { input: float([2, 3]) },
    attrs: { dim },
  })),
  [tf.Transpose]: [
    ...each([2, 3, 4], { perm: [2, 0, 1] }),
    ...each([2, 3], { perm: [1, 0] }),
    ...each([0, 3], { perm: [1, 0] }),
  ],
  [tf.Tile]: [
    ...each([2, 3], { reps: [2, 1] }),
    ...each([3], { reps: [1] }),
    { inputs: { x: float([1, 2, 1]) }, attrs: { reps: [3, 1, 4] } },
    { inputs: { x: float([2]) }, attrs: { reps: [0] } },
  ],
  [tf.Slice]: [
    ...each([4, 5], { begin: [1, 2], size: [2, 3] }),
    ...each([4, 5], { begin: [0, 0], size: [4, 5] }),
    ...each([4, 5], { begin: [2, 0], size: [-1, 1] }),
    { inputs: { x: float([3]) }, attrs: { begin: [1], size: [0] } },
  ],
  [tf.StridedSlice]: [
    ...each([4, 6], { ...slices, begin: [0, 1], end: [4, 6], strides: [2, 3] }),
    ...each([4, 6], { ...slices, begin: [3, 5], end: [0, 0], strides: [-1, -2] }),
    {
      inputs: { x: float([3, 4, 5]) },
      attrs: { ...slices, begin: [1, 0, 2], end: [2, 4, 5], strides: [1, 1, 1], shrinkAxisMask: 1 },
    },
    {
      inputs: { x: float([3, 4]) },
      attrs: { ...slices, begin: [2, 1], end: [3, 1], strides: [1, 1], beginMask: 1, endMask: 2 },
    },
    {
      inputs: { x: float([3, 4]) },
      attrs: { ...slices, begin: [2, 1], end: [2, 3], strides: [1, 1] },
    },
  ],
  [tf.Reverse]: [
    ...each([3, 4], { dims: [0] }),
    ...each([3, 4], { dims: [0, 1] }),
    ...each([2, 3, 2], { dims: [-1] }),
  ],
  [tf.Concat]: [
    ...KINDS.map((kind) => ({
      inputs: [kind([2, 3]), kind([1, 3]), kind([0, 3])],
      attrs: { axis: 0 },
    })),
    { inputs: [float([2, 1]), float([2, 3])], attrs: { axis: 1 } },
    { inputs: [float([2, 3])], attrs: { axis: 0 } },
    { inputs: [float([0, 3]), float([0, 3])], attrs: { axis: 0 } },
  ],
  [tf.Pack]: [
    ...KINDS.map((kind) => ({ inputs: [kind([2, 3]), kind([2, 3])], attrs: { axis: 1 } })),
    { inputs: [float([]), float([])], attrs: { axis: 0 } },
    { inputs: [float([2])], attrs: { axis: 0 } },
  ],
  [tf.Unpack]: [
    ...each([2, 3], { axis: 0 }, "value"),
    ...each([2, 3], { axis: 1 }, "value"),
    ...each([1], { axis: 0 }, "value"),
  ],
  [tf.SplitV]: [
    ...each([4, 3], { numOrSizeSplits: 2, axis: 0 }),
    ...each([2, 6], { numOrSizeSplits: [1, 3, 2], axis: -1 }),
    { inputs: { x: float([2, 6]) }, attrs: { numOrSizeSplits: [1, -1], axis: 1 } },
  ],
  [tf.PadV2]: [
    ...[float, int].map((kind) => ({
      inputs: { x: kind([2, 3]) },
      attrs: { paddings: [[1, 0], [2, 1]], constantValue: 3 },
    })),
    { inputs: { x: float([2]) }, attrs: { paddings: [[0, 0]], constantValue: 0 } },
    { inputs: { x: float([0, 2]) }, attrs: { paddings: [[1, 1], [0, 0]], constantValue: 1 } },
  ],
  [tf.MirrorPad]: ["reflect", "symmetric"].flatMap((mode) => [
    { inputs: { x: float([4, 3]) }, attrs: { paddings: [[2, 1], [1, 2]], mode } },
    { inputs: { x: int([5]) }, attrs: { paddings: [[3, 4]], mode } },
  ]),
  [tf.GatherV2]: [
    ...KINDS.map((kind) => ({
      inputs: { x: kind([4, 3]), indices: given([3, 0, 0], [3], "int32") },
      attrs: { axis: 0, batchDims: 0 },
    })),
    {
      inputs: { x: float([2, 4, 3]), indices: given([1, 3], [2, 1], "int32") },
      attrs: { axis: 1, batchDims: 0 },
    },
    {
      inputs: { x: float([2, 4, 3]), indices: given([1, 3, 0, 2], [2, 2], "int32") },
      attrs: { axis: 1, batchDims: 1 },
    },
    {
      inputs: { x: float([2, 2, 3]), indices: given([1, 2, 0, 0], [2, 2], "int32") },
      attrs: { axis: 2, batchDims: 1 },
    },
    {
      inputs: { x: float([4, 3]), indices: given([], [0], "int32") },
      attrs: { axis: 0, batchDims: 0 },
    },
  ],
  [tf.GatherNd]: [
    ...KINDS.map((kind) => ({
      inputs: { params: kind([3, 4, 2]), indices: given([0, 1, 2, 3, 1, 1], [3, 2], "int32") },
    })),
    { inputs: { params: float([3, 4]), indices: given([2, 0], [2, 1], "int32") } },
    { inputs: { params: int([3, 2]), indices: given([2, 1, 0, 0], [2, 1, 2], "int32") } },
  ],
  [tf.ScatterNd]: [float, int].flatMap((kind) => [
    {
      inputs: { indices: given([1, 3, 1], [3, 1], "int32"), updates: kind([3, 2]) },
      attrs: { shape: [5, 2] },
    },
    {
      inputs: { indices: given([0, 1, 2, 0], [2, 2], "int32"), updates: kind([2]) },
      attrs: { shape: [3, 3] },
    },
  ]),
  [tf.TensorScatterUpdate]: KINDS.flatMap((kind) => [
    {
      inputs: {
        tensor: kind([5, 2]),
        indices: given([1, 3], [2, 1], "int32"),
        updates: kind([2, 2]),
      },
    },
    {
      inputs: {
        tensor: kind([3, 3]),
        indices: given([0, 1, 2, 0], [2, 2], "int32"),
        updates: kind([2]),
      },
    },
  ]),
  [tf.SparseToDense]: [float, int].flatMap((kind) => [
    {
      inputs: {
        sparseIndices: given([0, 1, 2, 0], [2, 2], "int32"),
        sparseValues: kind([2]),
        defaultValue: kind([]),
      },
      attrs: { outputShape: [3, 3] },
    },
    {
      inputs: {
        sparseIndices: given([4, 1], [2], "int32"),
        sparseValues: kind([]),
        defaultValue: kind([]),
      },
      attrs: { outputShape: [5] },
    },
  ]),
  [tf.Diag]: [...each([3], {}), ...each([2, 2], {})],
  [tf.FlipLeftRight]: KINDS.map((kind) => ({ inputs: { image: kind([2, 3, 4, 2]) } })),
  [tf.DepthToSpace]: [[1, 2, 3, 8], [2, 1, 1, 4]].map((shape) => ({
    inputs: { x: float(shape) },
    attrs: { blockSize: 2, dataFormat: "NHWC" },
  })),
  [tf.SpaceToBatchND]: [
    ...each([2, 4, 6, 2], { blockShape: [2, 3], paddings: [[0, 0], [0, 0]] }).slice(0, 2),
    { inputs: { x: float([1, 3, 4]) }, attrs: { blockShape: [2], paddings: [[1, 0]] } },
  ],
  [tf.BatchToSpaceND]: [
    ...each([6, 2, 2, 1], { blockShape: [2, 3], crops: [[0, 0], [0, 0]] }),
    { inputs: { x: float([4, 3, 2]) }, attrs: { blockShape: [2], crops: [[1, 2]] } },
  ],
  [tf.OneHot]: [
    {
      inputs: { indices: given([0, 2, 5, -1], [4], "int32") },
      attrs: { depth: 4, onValue: 1, offValue: 0, dtype: "float32" },
    },
    {
      inputs: { indices: given([0, 1], [2, 1], "int32") },
      attrs: { depth: 2, onValue: 7, offValue: -1, dtype: "int32" },
    },
    {
      inputs: { indices: given([], [0], "int32") },
      attrs: { depth: 3, onValue: 1, offValue: 0, dtype: "float32" },
    },
  ],
  [tf.UnsortedSegmentSum]: [
    {
      inputs: { x: float([5, 2]), segmentIds: given([0, 2, 0, 1, 2], [5], "int32") },
      attrs: { numSegments: 3 },
    },
    {
      inputs: {
        x: given([3, -4, 5, 6], [4], "int32"),
        segmentIds: given([1, 1, 1, 0], [4], "int32"),
      },
      attrs: { numSegments: 4 },
      // The cpu engine makes the sums float32, libtensorflow does not.
      expected: () => tf.tensor([6, 4, 0, 0], [4], "int32"),
    },
    {
      inputs: { x: float([3, 2]), segmentIds: given([0, -1, 5], [3], "int32") },
      attrs: { numSegments: 2 },
    },
  ],
  [tf.Fill]: [[2, 3], [], [0, 2], [10, 10]].flatMap((shape) => [
    { inputs: {}, attrs: { shape, value: 1.5, dtype: "float32" } },
    { inputs: {}, attrs: { shape, value: 3, dtype: "int32" } },
    { inputs: {}, attrs: { shape, value: 1, dtype: "bool" } },
  ]),
  [tf.ZerosLike]: [...each([2, 3], {}), ...each([0], {}), ...each([9, 9], {})],
  [tf.OnesLike]: [...each([2, 3], {}), ...each([0], {}), ...each([9, 9], {})],
  [tf.Range]: [
    { inputs: {}, attrs: { start: 0, stop: 5, step: 1, dtype: "int32" } },
    { inputs: {}, attrs: { start: 5, stop: 0, step: -2, dtype: "float32" } },
    { inputs: {}, attrs: { start: 0, stop: 1, step: 0.3, dtype: "float32" } },
    { inputs: {}, attrs: { start: 2, stop: 2, step: 1, dtype: "float32" } },
    { inputs: {}, attrs: { start: 2, stop: -3, step: 1, dtype: "int32" } },
    { inputs: {}, attrs: { start: 2, stop: 5, step: -1, dtype: "int32" } },
  ],
  [tf.LinSpace]: [
    { inputs: {}, attrs: { start: 0, stop: 1, num: 5 } },
    { inputs: {}, attrs: { start: 3, stop: -2, num: 4 } },
    { inputs: {}, attrs: { start: 3, stop: 3, num: 1 } },
  ],
};
