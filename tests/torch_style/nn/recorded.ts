/** Compares networks' parts with PyTorch's values, as tests/golden/torch_nn.py records them. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type DType, evaluate } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { type Flat, tensorOf, toleranceOf } from "../golden.ts";
import golden from "../../golden/torch_nn.json" with { type: "json" };
import more from "../../golden/torch_nn_more.json" with { type: "json" };

type Maybe<T> = T | null;

/** One recorded call of a function. */
export interface FunctionCase {
  readonly name: string;
  readonly inputs: Flat[];
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  /** Options that are tensors. */
  readonly tensors: Record<string, Flat>;
  readonly output: Flat;
  /** Which of several results it is. */
  readonly part?: number;
  readonly gradients: Maybe<Flat>[];
}

/** One recorded module. */
export interface ModuleCase extends Omit<FunctionCase, "output"> {
  readonly text: string;
  readonly state: Record<string, Flat>;
  readonly train: boolean;
  /** How many times it is called before the backward pass. */
  readonly calls: number;
  /** Options of the call itself. */
  readonly call: Record<string, unknown>;
  readonly callTensors: Record<string, Flat>;
  /** Called with its only input three times. */
  readonly same: boolean;
  readonly outputs: Maybe<Flat>[];
  readonly parameters: Record<string, Flat>;
  readonly buffers: Record<string, Flat>;
}

/** What PyTorch printed, and the names in its state dict. */
export interface TextCase {
  readonly text: string;
  readonly state: string[];
}

/** Gradients before and after clipping. */
export interface ClipCase {
  readonly kind: string;
  readonly bound: number;
  readonly p: number | string;
  readonly before: Flat[];
  readonly after: Flat[];
  readonly total: number;
  /** Dtypes of the parameters, float32 unless given, and of the norm. */
  readonly dtypes?: DType[];
  readonly totalType?: DType;
}

/** A penalty on the gradient of a network's input. */
export interface PenaltyCase {
  readonly state: Record<string, Flat>;
  readonly input: Flat;
  readonly gradient: Flat;
  readonly inputGradient: Flat;
  readonly parameters: Record<string, Flat>;
}

/** Everything that was recorded. */
export const recorded = {
  ...golden,
  functions: [...golden.functions, ...more.functions],
  modules: [...golden.modules, ...more.modules],
} as unknown as {
  functions: FunctionCase[];
  modules: ModuleCase[];
  texts: TextCase[];
  clips: ClipCase[];
  gains: [name: string, gain: number, param?: number][];
  penalties: PenaltyCase[];
};

/** Options, those that are tensors or infinite among them. */
export function optionsOf(
  options: Record<string, unknown>,
  tensors: Record<string, Flat>,
): Record<string, unknown> {
  const fixed = Object.entries(tensors).map(([name, flat]) => [name, tensorOf(flat).detach()]);
  const plain = Object.entries(options).map(([name, value]) =>
    [name, value === "Infinity" || value === "-Infinity" ? Number(value) : value] as const
  );
  return Object.fromEntries([...plain, ...fixed]);
}

/** Hands the recorded upstream gradients back: cos(0), cos(1), ... for each output. */
export function backward(outputs: readonly (torch.Tensor | null)[]): void {
  const computed = outputs.filter((output) => output?.requiresGrad) as torch.Tensor[];
  computed.forEach((output, i) => {
    const upstream = Float32Array.from({ length: output.numel() }, (_, k) => Math.cos(k));
    const gradient = torch.fromArray(upstream, output.shape).to(output.dtype);
    output.backward({ gradient, retainGraph: i < computed.length - 1 });
  });
}

/** A tensor and what it is to be. */
export interface Expectation {
  readonly what: string;
  readonly actual: Maybe<torch.Tensor> | undefined;
  readonly expected: Maybe<Flat> | undefined;
}

/** Same shapes, dtypes and values within {@linkcode toleranceOf}, computed in one call. */
export async function assertAll(expectations: readonly Expectation[]): Promise<void> {
  await evaluate(expectations.flatMap(({ actual }) => actual ? [actual.array] : []));
  for (const { what, actual, expected } of expectations) {
    assertEquals(Boolean(actual), Boolean(expected), `${what}: is there`);
    if (!actual || !expected) continue;
    assertEquals([...actual.shape], expected.shape, `${what}: shape`);
    assertEquals(actual.dtype, expected.dtype, `${what}: dtype`);
    const data = actual.array.hostData();
    expected.data.map(Number).forEach((value, i) => {
      const own = Number(data[i]);
      if (Object.is(own, value)) return;
      const bound = 1e-5 + toleranceOf(expected.dtype) * Math.abs(value);
      assertAlmostEquals(own, value, bound, `${what}: element ${i}`);
    });
  }
}

/** The cases of each name. */
export function byName<T extends { readonly name: string }>(cases: readonly T[]): Map<string, T[]> {
  return Map.groupBy(cases, (item) => item.name);
}
