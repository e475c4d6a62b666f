/**
 * What is tried of each operator that Tandem writes, to find out whether an execution provider has a kernel for it.
 * @module
 */
import type { DType } from "../dtype.ts";
import { float, type NodeAttribute } from "../export/node_attributes.ts";
import type { Shape } from "../shape.ts";

/** What is fed to an operator, and what is written into the model. */
type Input =
  | { readonly shape: Shape; readonly dtype?: DType }
  | { readonly values: readonly number[]; readonly shape?: Shape; readonly dtype?: DType };

/** One operator to try. */
export interface Trial {
  /** Key of the table, where it is not the operator's name. */
  readonly key?: string;
  readonly inputs: readonly Input[];
  readonly attributes?: Readonly<Record<string, NodeAttribute>>;
  /** Whether what comes out is compared with the CPU's: inputs are small integers then, many of them equal. */
  readonly compares?: boolean;
  /** Types and shapes of the outputs: by the first input's type unless given. */
  readonly outputs: readonly { readonly shape: Shape; readonly dtype?: DType }[];
}

/** The shape of most inputs. */
export const V = { shape: [2, 3] };
const axes = (...values: number[]): Input => ({ values, dtype: "int64" });
const unary: Trial = { inputs: [V], outputs: [V] };
const binary: Trial = { inputs: [V, V], outputs: [V] };
const compare: Trial = { inputs: [V, V], outputs: [{ ...V, dtype: "bool" }] };
const clip: Trial = {
  inputs: [V, { values: [0], shape: [] }, { values: [1], shape: [] }],
  outputs: [V],
};
/** What computes each element from those at its index. */
const ELEMENTWISE = [unary, binary, compare, clip];
const reduce: Trial = {
  inputs: [V, axes(1)],
  attributes: { keepdims: 1 },
  outputs: [{ shape: [2, 1] }],
};
const arg: Trial = {
  inputs: [V],
  attributes: { axis: 1 },
  outputs: [{ shape: [2, 1], dtype: "int64" }],
};
const image = { shape: [1, 4, 6, 6] };
const volume = { shape: [1, 4, 4, 4, 4] };
const flat = { shape: [1, 1, 6, 6] };
const row = { shape: [4] };
const several = (trial: Trial, names: string): Record<string, Trial> =>
  Object.fromEntries(names.split(" ").map((name) => [name, trial]));
const indexed = (dtype: DType): Trial => ({
  key: dtype === "int64" ? undefined : `.${dtype}`,
  inputs: [V, { shape: [2, 3], dtype }],
  outputs: [V],
});

/** What is tried of each operator. */
export const TRIALS: Readonly<Record<string, Trial | readonly Trial[]>> = {
  ...several(
    unary,
    "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish Identity " +
      "LeakyRelu Log LogSoftmax Neg Not Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Tan Tanh",
  ),
  ...several(
    binary,
    "Add And BitwiseAnd BitwiseOr BitwiseXor Div Max Min Mod Mul Or Pow Sub Xor",
  ),
  ...several(compare, "Equal Greater GreaterOrEqual Less LessOrEqual"),
  ...several(reduce, "ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum"),
  ...several(arg, "ArgMax ArgMin"),
  Mod: [{ ...binary }, { ...binary, key: ".fmod", attributes: { fmod: 1 } }],
  BitShift: { ...binary, attributes: { direction: "RIGHT" } },
  IsNaN: { inputs: [V], outputs: [{ ...V, dtype: "bool" }] },
  IsInf: { inputs: [V], outputs: [{ ...V, dtype: "bool" }] },
  Clip: clip,
  Where: { inputs: [{ ...V, dtype: "bool" }, V, V], outputs: [V] },
  Expand: { inputs: [{ shape: [1, 3] }, axes(2, 3)], outputs: [V] },
  Reshape: { inputs: [V, axes(3, 2)], outputs: [{ shape: [3, 2] }] },
  Unsqueeze: { inputs: [V, axes(0)], outputs: [{ shape: [1, 2, 3] }] },
  Squeeze: { inputs: [{ shape: [1, 2, 3] }, axes(0)], outputs: [V] },
  Transpose: { inputs: [V], attributes: { perm: [1, 0] }, outputs: [{ shape: [3, 2] }] },
  Concat: { inputs: [V, V], attributes: { axis: 0 }, outputs: [{ shape: [4, 3] }] },
  Slice: { inputs: [V, axes(0), axes(2), axes(1), axes(1)], outputs: [{ shape: [2, 2] }] },
  Pad: {
    inputs: [V, axes(0, 1, 0, 1), { values: [0], shape: [] }],
    outputs: [{ shape: [2, 5] }],
  },
  Tile: { inputs: [V, axes(2, 1)], outputs: [{ shape: [4, 3] }] },
  Gather: [
    { inputs: [V, { shape: [2], dtype: "int64" }], outputs: [V] },
    { key: ".int32", inputs: [V, { shape: [2], dtype: "int32" }], outputs: [V] },
  ],
  GatherElements: [
    { ...indexed("int64"), attributes: { axis: 0 } },
    { ...indexed("int32"), attributes: { axis: 0 } },
  ],
  GatherND: { inputs: [V, { shape: [2, 1], dtype: "int64" }], outputs: [V] },
  ScatterElements: [
    { inputs: [V, { ...V, dtype: "int64" }, V], attributes: { axis: 0 }, outputs: [V] },
    ...["add", "mul", "max", "min"].map((reduction): Trial => ({
      key: `.${reduction}`,
      inputs: [V, { ...V, dtype: "int64" }, V],
      attributes: { axis: 0, reduction },
      outputs: [V],
    })),
  ],
  ScatterND: [
    { inputs: [V, { shape: [2, 1], dtype: "int64" }, V], outputs: [V] },
    ...["add", "mul", "max", "min"].map((reduction): Trial => ({
      key: `.${reduction}`,
      inputs: [V, { shape: [2, 1], dtype: "int64" }, V],
      attributes: { reduction },
      outputs: [V],
    })),
  ],
  CumSum: { inputs: [V, { values: [1], shape: [], dtype: "int64" }], outputs: [V] },
  TopK: {
    inputs: [V, axes(2)],
    attributes: { axis: 1 },
    outputs: [{ shape: [2, 2] }, { shape: [2, 2], dtype: "int64" }],
  },
  Range: {
    inputs: [{ values: [0], shape: [] }, { values: [6], shape: [] }, { values: [1], shape: [] }],
    outputs: [{ shape: [6] }],
  },
  MatMul: { inputs: [V, { shape: [3, 2] }], outputs: [{ shape: [2, 2] }] },
  Gemm: { inputs: [V, { shape: [3, 2] }, { shape: [2] }], outputs: [{ shape: [2, 2] }] },
  Einsum: {
    inputs: [V, { shape: [3, 2] }],
    attributes: { equation: "ij,jk->ik" },
    outputs: [{ shape: [2, 2] }],
  },
  Conv: [
    { inputs: [image, { shape: [4, 4, 3, 3] }], outputs: [{ shape: [1, 4, 4, 4] }] },
    {
      key: ".groups",
      inputs: [image, { shape: [4, 2, 3, 3] }],
      attributes: { group: 2 },
      outputs: [{ shape: [1, 4, 4, 4] }],
    },
    {
      key: ".volume",
      inputs: [volume, { shape: [4, 4, 3, 3, 3] }],
      outputs: [{ shape: [1, 4, 2, 2, 2] }],
    },
    {
      key: ".volumeGroups",
      inputs: [volume, { shape: [4, 2, 3, 3, 3] }],
      attributes: { group: 2 },
      outputs: [{ shape: [1, 4, 2, 2, 2] }],
    },
  ],
  ConvTranspose: [
    { inputs: [image, { shape: [4, 4, 3, 3] }], outputs: [{ shape: [1, 4, 8, 8] }] },
    {
      key: ".groups",
      inputs: [image, { shape: [4, 2, 3, 3] }],
      attributes: { group: 2 },
      outputs: [{ shape: [1, 4, 8, 8] }],
    },
    {
      key: ".asymmetric",
      inputs: [image, { shape: [4, 4, 3, 3] }],
      attributes: { pads: [1, 0, 0, 1] },
      outputs: [{ shape: [1, 4, 7, 7] }],
    },
    {
      key: ".volume",
      inputs: [volume, { shape: [4, 4, 3, 3, 3] }],
      outputs: [{ shape: [1, 4, 6, 6, 6] }],
    },
    {
      key: ".volumeGroups",
      inputs: [volume, { shape: [4, 2, 3, 3, 3] }],
      attributes: { group: 2 },
      outputs: [{ shape: [1, 4, 6, 6, 6] }],
    },
  ],
  MaxPool: [
    {
      inputs: [image],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      outputs: [{ shape: [1, 4, 3, 3] }],
    },
    {
      // Of equal largest elements the first is to be told.
      key: ".indices",
      inputs: [flat],
      attributes: { kernel_shape: [3, 3], strides: [1, 1] },
      compares: true,
      outputs: [{ shape: [1, 1, 4, 4] }, { shape: [1, 1, 4, 4], dtype: "int64" }],
    },
    {
      key: ".line",
      inputs: [{ shape: [1, 4, 6] }],
      attributes: { kernel_shape: [2], strides: [2] },
      outputs: [{ shape: [1, 4, 3] }],
    },
    {
      key: ".volume",
      inputs: [volume],
      attributes: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] },
      outputs: [{ shape: [1, 4, 2, 2, 2] }],
    },
    {
      key: ".dilated",
      inputs: [image],
      attributes: { kernel_shape: [2, 2], dilations: [2, 2] },
      outputs: [{ shape: [1, 4, 4, 4] }],
    },
  ],
  AveragePool: [
    {
      inputs: [image],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      outputs: [{ shape: [1, 4, 3, 3] }],
    },
    {
      key: ".line",
      inputs: [{ shape: [1, 4, 6] }],
      attributes: { kernel_shape: [2], strides: [2] },
      outputs: [{ shape: [1, 4, 3] }],
    },
    {
      key: ".volume",
      inputs: [volume],
      attributes: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] },
      outputs: [{ shape: [1, 4, 2, 2, 2] }],
    },
  ],
  MaxUnpool: {
    inputs: [{ shape: [1, 1, 2, 2] }, { shape: [1, 1, 2, 2], dtype: "int64" }, axes(1, 1, 4, 4)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    outputs: [{ shape: [1, 1, 4, 4] }],
  },
  BatchNormalization: [
    {
      inputs: [image, row, row, row, row],
      attributes: { epsilon: float(1e-3) },
      outputs: [image],
    },
    {
      key: ".matrix",
      inputs: [{ shape: [3, 4] }, row, row, row, row],
      attributes: { epsilon: float(1e-3) },
      compares: true,
      outputs: [{ shape: [3, 4] }],
    },
  ],
  LayerNormalization: {
    inputs: [V, { shape: [3] }, { shape: [3] }],
    attributes: { axis: -1 },
    outputs: [V],
  },
  DFT: { inputs: [{ shape: [1, 4, 1] }], attributes: { axis: 1 }, outputs: [{ shape: [1, 4, 2] }] },
};

/** Whether an operator computes each element from those at its index. */
export function isElementwise({ inputs, outputs }: Trial): boolean {
  return ELEMENTWISE.some((trial) => inputs === trial.inputs && outputs === trial.outputs);
}
