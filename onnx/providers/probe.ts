/**
 * Which operators an execution provider has kernels for, found by trying: every operator that Tandem writes, with every
 * element type, alone in a model that may not fall back to the CPU.
 * @module
 */
import {
  createStorage,
  type DType,
  DTYPES,
  isFloating,
  onnxTypeOf,
  storageFrom,
} from "../dtype.ts";
import { float, GraphWriter, type NodeAttribute } from "../graph_writer.ts";
import { HostBuffer } from "../lazy_array.ts";
import type { ArrayType } from "../op_types.ts";
import { tensorOver } from "../program.ts";
import { openSession, type Provider } from "../provider.ts";
import { runSession } from "../session.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { KernelTable } from "./kernels.ts";

const STORED = DTYPES.filter((dtype) => dtype !== "bfloat16");

/** What is fed to an operator, and what is written into the model. */
type Input =
  | { readonly shape: Shape; readonly dtype?: DType }
  | { readonly values: readonly number[]; readonly shape?: Shape; readonly dtype?: DType };

/** One operator to try. */
interface Trial {
  /** Key of the table, where it is not the operator's name. */
  readonly key?: string;
  readonly inputs: readonly Input[];
  readonly attributes?: Readonly<Record<string, NodeAttribute>>;
  /** Whether what comes out is compared with the CPU's: inputs are small integers then, many of them equal. */
  readonly compares?: boolean;
  /** Types and shapes of the outputs: by the first input's type unless given. */
  readonly outputs: readonly { readonly shape: Shape; readonly dtype?: DType }[];
}

type Tensor = ReturnType<typeof tensorOver>;

const V = { shape: [2, 3] };
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
const TRIALS: Readonly<Record<string, Trial | readonly Trial[]>> = {
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

/** Tries everything. @param report is told each operator that was tried, with what it has */
export async function probe(
  provider: Provider,
  report: (key: string, types: readonly string[]) => void = () => {},
): Promise<KernelTable> {
  const table: Record<string, string[]> = {};
  for (const [operator, trials] of Object.entries(TRIALS)) {
    for (const trial of [trials].flat()) {
      const key = `${operator}${trial.key ?? ""}`;
      const outcomes = new Map<DType, Outcome>();
      for (const dtype of STORED) {
        outcomes.set(dtype, await outcomeOf(provider, operator, trial, dtype));
      }
      const typesThat = (holds: (outcome: Outcome) => boolean) =>
        STORED.filter((dtype) => holds(outcomes.get(dtype)!));
      table[key] = typesThat((outcome) => outcome.runs);
      if (isElementwise(trial)) table[`${key}.special`] = typesThat((outcome) => outcome.special);
      report(key, table[key]);
    }
  }
  table.Cast = [];
  for (const from of STORED) {
    for (const to of STORED) {
      if (from === to) continue;
      const attributes = { to: onnxTypeOf(to) };
      const trial = { inputs: [V], attributes, outputs: [{ ...V, dtype: to }] };
      if ((await outcomeOf(provider, "Cast", trial, from)).runs) table.Cast.push(`${from}>${to}`);
    }
  }
  report("Cast", table.Cast);
  return table;
}

/** What a provider makes of an operator on one element type. */
interface Outcome {
  readonly runs: boolean;
  /** Whether it makes of NaN, and of what an operator is not defined for, what the CPU makes of it. */
  readonly special: boolean;
}

async function outcomeOf(
  provider: Provider,
  operator: string,
  trial: Trial,
  dtype: DType,
): Promise<Outcome> {
  const { model, feeds } = modelOf(operator, trial, dtype);
  const valued = (values: typeof special) =>
    Object.fromEntries(feeds.map(([name, type], i) => [name, values(type, i)]));
  try {
    if (trial.compares) {
      const found = await resultsOf(model, provider, valued(equals));
      return { runs: agree(found, await resultsOf(model, "cpu", valued(equals))), special: false };
    }
    if (!isElementwise(trial)) {
      await resultsOf(model, provider, valued(zeros));
      return { runs: true, special: false };
    }
    const found = await resultsOf(model, provider, valued(special));
    if (!isFloating(dtype)) return { runs: true, special: true };
    return { runs: true, special: agree(found, await resultsOf(model, "cpu", valued(special))) };
  } catch {
    return { runs: false, special: false };
  }
}

function isElementwise({ inputs, outputs }: Trial): boolean {
  return ELEMENTWISE.some((trial) => inputs === trial.inputs && outputs === trial.outputs);
}

function modelOf(operator: string, trial: Trial, dtype: DType) {
  const writer = new GraphWriter();
  const feeds: [string, ArrayType][] = [];
  const names = trial.inputs.map((input, i) => {
    const own = input.dtype ?? dtype;
    if ("values" in input) return writer.constant(input.values, own, input.shape);
    feeds.push([`x${i}`, { dtype: own, shape: input.shape }]);
    writer.input(`x${i}`, feeds.at(-1)![1]);
    return `x${i}`;
  });
  const outputs = writer.nodes(operator, names, {
    attributes: trial.attributes,
    outputs: trial.outputs.length,
  });
  trial.outputs.forEach(({ shape, dtype: own = dtype }, i) => {
    writer.nameOutput(outputs[i], `y${i}`);
    writer.output(`y${i}`, { shape, dtype: own });
  });
  return { model: writer.encode(), feeds };
}

async function resultsOf(
  model: Uint8Array,
  provider: Provider,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<ArrayLike<number>> {
  const session = await openSession(model, provider, { strict: true });
  try {
    const results = Object.values(await runSession(session, feeds));
    return results.flatMap(({ data }) => Array.from(data as ArrayLike<number>, Number));
  } finally {
    await session.release();
  }
}

/** A kernel that makes something else of NaN, or of what it is not defined for, counts as none. */
function agree(found: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  return Array.from(expected).every((value, i) => {
    const other = found[i];
    if (!Number.isFinite(value)) return Object.is(other, value);
    return Math.abs(other - value) <= 1e-3 * Math.max(1, Math.abs(value));
  });
}

/** Zeros, so that they are indices as well. */
function zeros(type: ArrayType): Tensor {
  return tensorOver(new HostBuffer(createStorage(type.dtype, sizeOf(type.shape))), type);
}

/** Small integers, many of them equal. */
function equals(type: ArrayType): Tensor {
  const values = Array.from({ length: sizeOf(type.shape) }, (_, i) => (i * 7) % 4);
  return tensorOver(new HostBuffer(storageFrom(values, type.dtype)), type);
}

const SPECIAL = [[0.5, 2, -0.75, NaN, 1.5, 3], [0.25, NaN, 2, 1, -1.5, 3]];

/** Values inside and outside of what functions are defined for. */
function special(type: ArrayType, input: number): Tensor {
  const values = isFloating(type.dtype) ? SPECIAL[input % 2] : [1, 0, 1, 1, 1, 0];
  return tensorOver(new HostBuffer(storageFrom(values, type.dtype)), type);
}
