/**
 * Calls of kernels that compute each element by itself.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { bool, float, given, int, type KernelCase, type KernelCases } from "./kernel_case.ts";

type Tensors = Record<string, tf.Tensor>;

const SPECIAL = given([0, -0, 1, -1, 0.5, -0.5, 2.5, -2.5, 1e-7, 30, -30]);
const NOT_FINITE = given([NaN, Infinity, -Infinity]);

/** A float function of one argument in [low, high]. */
function unary(low = -3, high = 3, ...more: KernelCase["inputs"][]): KernelCase[] {
  const inputs = [{ x: float([3, 5], low, high) }, { x: float([], low, high) }, {
    x: float([0, 2]),
  }];
  return [...inputs, ...more].map((inputs) => ({ inputs }));
}

const wide = () => unary(-3, 3, { x: SPECIAL });
const anyNumber = () => unary(-3, 3, { x: SPECIAL }, { x: int([2, 3]) });

/** A function of two arguments of the kinds given, in shapes that meet in all ways. */
function binary(...kinds: ((shape: readonly number[]) => ReturnType<typeof float>)[]) {
  const shapes = [
    [[2, 3], [2, 3]],
    [[2, 3], [3]],
    [[4, 1, 3], [2, 1]],
    [[], [2, 2]],
    [[0, 3], [3]],
    [[1], [0]],
  ];
  return kinds.flatMap((kind) =>
    shapes.map(([a, b]): KernelCase => ({ inputs: { a: kind(a), b: kind(b) } }))
  );
}

const positive = (shape: readonly number[]) => float(shape, 0.1, 3);
const tenths = (shape: readonly number[]) => {
  const { values } = int(shape, -2, 2);
  return given(values.map((v) => v / 10), shape);
};
const notZero = (shape: readonly number[]) => {
  const { values } = int(shape, 1, 4);
  return given(values.map((v, i) => i % 2 ? -v : v), shape, "int32");
};
const comparable = () => [
  ...binary(tenths, int, bool),
  { inputs: { a: NOT_FINITE, b: given([NaN, Infinity, 1]) } },
];

export const elementwiseCases: KernelCases = {
  [tf.Abs]: anyNumber(),
  [tf.Acos]: unary(-1, 1),
  [tf.Acosh]: unary(1, 9),
  [tf.Asin]: unary(-1, 1),
  [tf.Asinh]: unary(),
  [tf.Atan]: wide(),
  [tf.Atanh]: unary(-0.9, 0.9),
  [tf.Ceil]: wide(),
  [tf.Cos]: wide(),
  [tf.Cosh]: unary(),
  [tf.Elu]: wide(),
  [tf.Erf]: wide(),
  [tf.Exp]: wide(),
  [tf.Expm1]: wide(),
  [tf.Floor]: wide(),
  [tf.IsFinite]: unary(-1, 1, { x: NOT_FINITE }),
  [tf.IsInf]: unary(-1, 1, { x: NOT_FINITE }),
  [tf.IsNan]: unary(-1, 1, { x: NOT_FINITE }),
  [tf.Log]: unary(0.01, 9, { x: given([0, 1, 1e-20]) }),
  [tf.Log1p]: unary(-0.9, 9, { x: given([0, 1e-7, -1e-7]) }),
  [tf.LogicalNot]: [{ inputs: { x: bool([3, 4]) } }, { inputs: { x: bool([]) } }],
  [tf.Neg]: anyNumber(),
  [tf.Reciprocal]: unary(0.1, 3, { x: given([-2, 4]) }),
  [tf.Relu]: anyNumber(),
  [tf.Relu6]: [...anyNumber(), { inputs: { x: given([5, 6, 7]) } }],
  [tf.Round]: [...wide(), { inputs: { x: int([5]) } }, {
    inputs: { x: given([0.5, 1.5, 2.5, -0.5, -1.5, 1.4999]) },
  }],
  [tf.Rsqrt]: unary(0.1, 9),
  [tf.Selu]: wide(),
  [tf.Sigmoid]: wide(),
  [tf.Sign]: [...anyNumber(), { inputs: { x: given([NaN, -Infinity, 2]) } }],
  [tf.Sin]: wide(),
  [tf.Sinh]: unary(),
  [tf.Softplus]: [...wide(), { inputs: { x: given([-100, -20, 20, 80]) } }],
  [tf.Sqrt]: unary(0, 9),
  [tf.Square]: anyNumber(),
  [tf.Tan]: [...unary(-1.4, 1.4), { inputs: { x: given([1.5707632, 100]) } }],
  [tf.Tanh]: wide(),
  [tf.Step]: [0, 0.3].flatMap((alpha) =>
    [float([3, 4]), SPECIAL].map((x) => ({ inputs: { x }, attrs: { alpha } }))
  ),
  [tf.ClipByValue]: [float([3, 4]), SPECIAL, int([4])].map((x) => ({
    inputs: { x },
    attrs: { clipValueMin: -1, clipValueMax: 2 },
  })),
  [tf.LeakyRelu]: [float([3, 4]), SPECIAL].map((x) => ({ inputs: { x }, attrs: { alpha: 0.1 } })),
  [tf.Prelu]: [
    { inputs: { x: float([2, 3, 4]), alpha: float([4]) } },
    { inputs: { x: float([2, 3]), alpha: float([2, 3]) } },
    {
      inputs: { x: int([6]), alpha: given([0.25]) },
      // The cpu engine says int32 and cuts the fractions off in some kernels only; alpha is a fraction.
      expected: ({ x, alpha }) => tf.prelu(tf.cast(x, "float32"), alpha),
    },
  ],
  [tf.EluGrad]: [{ inputs: { dy: float([3, 4]), y: float([3, 4], -0.9, 2) } }],
  [tf.Cast]: (["float32", "int32", "bool"] as const).flatMap((dtype) =>
    [given([0, 0.4, -0.4, 1.9, -1.9, 100], [2, 3]), int([4]), bool([4]), float([0])].map((x) => ({
      inputs: { x },
      attrs: { dtype },
    }))
  ),
  // The cpu engine puts twos into a bool tensor.
  [tf.Add]: [
    ...binary(float, int),
    ...binary(bool).map((each) => ({
      ...each,
      expected: ({ a, b }: Tensors) => tf.logicalOr(a, b),
    })),
  ],
  [tf.Sub]: binary(float, int),
  [tf.Multiply]: binary(float, int, bool),
  [tf.RealDiv]: binary(positive),
  // The cpu engine makes floats int32, libtensorflow does not.
  [tf.FloorDiv]: [
    ...binary(notZero),
    ...binary(positive).map((each) => ({
      ...each,
      expected: ({ a, b }: Tensors) => tf.floor(tf.div(a, b)),
    })),
    { inputs: { a: given([7, -7, 2147483647], [3], "int32"), b: given([2, 2, 3], [3], "int32") } },
  ],
  [tf.Mod]: [
    ...binary(positive, notZero),
    { inputs: { a: given([5.5, -5.5, 5.5, -5.5]), b: given([2, 2, -2, -2]) } },
  ],
  [tf.Pow]: [
    ...binary(positive),
    { inputs: { a: int([2, 3]), b: int([3], 0, 3) } },
    { inputs: { a: given([-2, 0, 3]), b: given([3, 0, -1]) } },
  ],
  [tf.Atan2]: [
    ...binary(float),
    { inputs: { a: given([0, 0, 1, -1, 0, 2]), b: given([1, -1, 0, 0, 0, -2]) } },
  ],
  [tf.Maximum]: [...binary(float, int, bool)],
  [tf.Minimum]: [...binary(float, int, bool)],
  [tf.SquaredDifference]: binary(float, int),
  [tf.Equal]: comparable(),
  [tf.NotEqual]: comparable(),
  [tf.Greater]: comparable(),
  [tf.GreaterEqual]: comparable(),
  [tf.Less]: comparable(),
  [tf.LessEqual]: comparable(),
  [tf.BitwiseAnd]: binary(int),
  [tf.LogicalAnd]: binary(bool),
  [tf.LogicalOr]: binary(bool),
  [tf.AddN]: [
    { inputs: [float([2, 3]), float([2, 3]), float([2, 3])] },
    { inputs: [int([4]), int([4])] },
    { inputs: [float([2])] },
  ],
  [tf.Select]: [
    ...[float, int, bool].map((kind) => ({
      inputs: { condition: bool([2, 3]), t: kind([2, 3]), e: kind([2, 3]) },
    })),
    // The cpu engine repeats the first elements of each row.
    {
      inputs: { condition: bool([3]), t: float([3, 2, 2]), e: float([3, 2, 2]) },
      expected: ({ condition, t, e }) => tf.where(tf.reshape(condition, [3, 1, 1]), t, e),
    },
    { inputs: { condition: bool([0]), t: float([0]), e: float([0]) } },
  ],
};
