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
import { GraphWriter } from "../export/graph_writer.ts";
import { HostBuffer } from "../lazy_array.ts";
import type { ArrayType } from "../op_types.ts";
import { tensorOver } from "../runtime/tensors.ts";
import { openSession, type Provider } from "./provider.ts";
import { runSession } from "../runtime/session.ts";
import { sizeOf } from "../shape.ts";
import type { KernelTable } from "./kernels.ts";
import { isElementwise, type Trial, TRIALS, V } from "./tried_operators.ts";

const STORED = DTYPES.filter((dtype) => dtype !== "bfloat16");

type Tensor = ReturnType<typeof tensorOver>;

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

/** Values inside and outside of what functions are defined for; integers are not divided by 0, which is an error. */
function special(type: ArrayType, input: number): Tensor {
  const whole = input === 0 ? [1, 0, 1, 1, 1, 0] : [1, 1, 1, 1, 1, 1];
  const values = isFloating(type.dtype) ? SPECIAL[input % 2] : whole;
  return tensorOver(new HostBuffer(storageFrom(values, type.dtype)), type);
}
