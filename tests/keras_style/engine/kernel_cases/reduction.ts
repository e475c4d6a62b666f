/**
 * Calls of kernels that fold axes, multiply matrices or normalize.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  bool,
  coarse,
  float,
  given,
  int,
  type KernelCase,
  type KernelCases,
} from "./kernel_case.ts";

type Kind = (shape: readonly number[]) => ReturnType<typeof float>;

/** Reductions over each kind of axes, inner ones as TensorFlow.js passes them to kernels, and others. */
function folds(kinds: readonly Kind[], attribute = "axis"): KernelCase[] {
  const axes: [readonly number[], readonly number[]][] = [
    [[2, 3], [1]],
    [[2, 3], [0, 1]],
    [[3, 4, 2], [1]],
    [[3, 4, 2], [0, 2]],
    [[4], [0]],
    [[], []],
  ];
  return kinds.flatMap((kind) =>
    axes.map(([shape, list]) => ({
      inputs: { x: kind(shape) },
      attrs: { [attribute]: list, keepDims: false },
    }))
  );
}

/** TensorFlow.js' cpu engine folds only the last axes: its own op does the rest. */
const empty: KernelCase = { inputs: { x: float([2, 0]) }, attrs: { axis: [1], keepDims: false } };
const indices = (name: string) =>
  [coarse([3, 4]), int([3, 4], 0, 2), float([2, 3, 2])].flatMap((x) =>
    [0, 1, -1].map((axis) => ({ inputs: { x }, attrs: { [name]: axis } }))
  );

function products(): KernelCase[] {
  const shapes: [number[], number[], boolean, boolean][] = [
    [[1, 2, 3], [1, 3, 4], false, false],
    [[2, 3, 2], [2, 3, 4], true, false],
    [[2, 2, 3], [2, 4, 3], false, true],
    [[2, 3, 2], [2, 4, 3], true, true],
    [[3, 2, 3], [1, 3, 4], false, false],
    [[1, 0, 3], [1, 3, 2], false, false],
  ];
  return shapes.map(([a, b, transposeA, transposeB]) => ({
    inputs: { a: float(a), b: float(b) },
    attrs: { transposeA, transposeB },
  }));
}

/** Not values, and the largest that there are. */
const STRANGE = given([1, NaN, 3, 2, -Infinity, 2, NaN, Infinity], [2, 4]);

const plain = { transposeA: false, transposeB: false };

export const reductionCases: KernelCases = {
  [tf.Sum]: [...folds([float, int, bool]), empty],
  [tf.Mean]: folds([float, int]),
  [tf.Prod]: [...folds([float, int]), empty],
  [tf.Max]: [
    ...folds([float, int], "reductionIndices"),
    { inputs: { x: STRANGE }, attrs: { reductionIndices: [1], keepDims: false } },
  ],
  [tf.Min]: [
    ...folds([float, int]),
    { inputs: { x: STRANGE }, attrs: { axis: [1], keepDims: false } },
  ],
  [tf.All]: folds([bool]),
  [tf.Any]: folds([bool]),
  [tf.ArgMax]: [...indices("axis"), { inputs: { x: STRANGE }, attrs: { axis: 1 } }],
  [tf.ArgMin]: [...indices("axis"), { inputs: { x: STRANGE }, attrs: { axis: 1 } }],
  [tf.Softmax]: [float([2, 5]), float([2, 3, 4], -40, 40), float([1])].map((logits) => ({
    inputs: { logits },
    attrs: { dim: logits.shape.length - 1 },
  })),
  [tf.LogSoftmax]: [float([2, 5]), float([2, 3, 4], -40, 40)].map((logits) => ({
    inputs: { logits },
    attrs: { axis: logits.shape.length - 1 },
    expected: ({ logits }) => tf.sub(logits, tf.logSumExp(logits, -1, true)),
  })),
  [tf.Cumsum]: [float([3, 4]), int([5]), float([2, 3, 2])].flatMap((x) =>
    [false, true].flatMap((exclusive) =>
      [false, true].map((reverse) => ({
        inputs: { x },
        attrs: { axis: x.shape.length - 1, exclusive, reverse },
      }))
    )
  ),
  [tf.Cumprod]: [float([3, 4]), int([5], 1, 3)].flatMap((x) =>
    [false, true].flatMap((exclusive) =>
      [false, true].map((reverse) => ({
        inputs: { x },
        attrs: { axis: x.shape.length - 1, exclusive, reverse },
      }))
    )
  ),
  [tf.Einsum]: [
    { inputs: [float([2, 3]), float([3, 4])], attrs: { equation: "ij,jk->ik" } },
    { inputs: [float([2, 3, 4]), float([2, 4])], attrs: { equation: "bij, bj -> bi" } },
    { inputs: [float([2, 3])], attrs: { equation: "ij->ji" } },
    { inputs: [float([3])], attrs: { equation: "i->" } },
  ],
  [tf.TopK]: [float([3, 5]), int([2, 6], -30, 30), float([4])].map((x) => ({
    inputs: { x },
    attrs: { k: 3, sorted: true },
  })),
  [tf.BatchMatMul]: products(),
  [tf._FusedMatMul]: [
    ...products().map(({ inputs, attrs }) => ({
      inputs,
      attrs: { ...attrs, activation: "linear" },
    })),
    ...["linear", "relu", "relu6", "elu", "sigmoid"].map((activation) => ({
      inputs: { a: float([1, 2, 3]), b: float([1, 3, 4]), bias: float([4]) },
      attrs: { ...plain, activation },
    })),
    {
      inputs: {
        a: float([1, 2, 3]),
        b: float([1, 3, 4]),
        bias: float([1, 4]),
        preluActivationWeights: float([4]),
      },
      attrs: { ...plain, activation: "prelu" },
    },
    {
      inputs: { a: float([1, 2, 3]), b: float([1, 3, 4]), bias: float([]) },
      attrs: { ...plain, activation: "leakyrelu", leakyreluAlpha: 0.3 },
    },
  ],
  [tf.FusedBatchNorm]: [
    {
      inputs: {
        x: float([2, 3, 3, 4]),
        mean: float([4]),
        variance: float([4], 0.1, 2),
        scale: float([4]),
        offset: float([4]),
      },
      attrs: { varianceEpsilon: 0.01 },
    },
    {
      inputs: {
        x: float([1, 2, 2, 3]),
        mean: float([3]),
        variance: float([3], 0.1, 2),
        scale: undefined,
        offset: undefined,
      },
      attrs: { varianceEpsilon: 0.001 },
    },
    {
      inputs: {
        x: float([1, 2, 2, 2]),
        mean: given([1, 2]),
        variance: given([1, 4]),
        scale: undefined,
        offset: given([5, 6]),
      },
      attrs: { varianceEpsilon: 0 },
    },
  ],
};
