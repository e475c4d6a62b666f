/**
 * Special values through torch_style's functions, forward and gradient, against PyTorch's
 * (tests/golden/torch_corners.py, which also says how a function is added). Each call is computed on the host, where
 * small work of it is, and by ONNX Runtime.
 */
import { assert, assertEquals } from "@std/assert";
import {
  collectGraph,
  type DType,
  evaluate,
  hostLimit,
  type LazyArray,
  limitHostWork,
  storageFrom,
} from "../../onnx/mod.ts";
import { suitsHost } from "../../onnx/host_evaluation.ts";
import * as torch from "../../torch_style/mod.ts";
import { type KnownDeviation, knownDeviations } from "./corners_known.ts";

type Packed = number | string;

interface Call {
  readonly call: string;
  readonly args: readonly unknown[];
  readonly on: readonly string[];
  /** Values of each output, and their shapes; undefined where PyTorch refuses. */
  readonly y?: readonly (readonly Packed[])[];
  readonly shape?: readonly (readonly number[])[];
  readonly g?: readonly (readonly Packed[] | null)[];
  readonly error?: boolean;
  /** How far values may differ beside their last digits, where differences of nearly equal ones are noise. */
  readonly atol?: number;
}

type Inputs = Record<string, [dtype: DType, shape: number[], values: Packed[]]>;
type Tensor = torch.Tensor;
type Rule = (inputs: Tensor[], args: unknown[]) => unknown;

const file = new URL("../golden/torch_corners.jsonl", import.meta.url);
const [header, ...lines] = Deno.readTextFileSync(file).trim().split("\n");
const inputs = JSON.parse(header) as Inputs;
const calls = lines.map((line) => JSON.parse(line) as Call);

const F = torch.nn.functional;

/** Calls whose arguments are not JSON. */
const rules: Record<string, Rule> = {
  polygamma: ([x], [order]) => torch.polygamma(order as number, x.detach()),
  powOfBase: ([x], [base]) => torch.pow(base as number, x),
  clampByTensors: ([x, min]) => x.clamp({ min, max: torch.tensor(3).to("float32") }),
  topkValues: ([x], [k, dim, largest]) =>
    x.topk(k as number, dim as number, largest as boolean | undefined).values,
  gaussianOfZeroVariance: ([x, y], [options]) =>
    F.gaussianNllLoss(x, y, torch.zerosLike(x), options as object),
  tripletOfEqualPair: ([a, b]) => F.tripletMarginLoss(a, a, b),
  cosineEmbeddingOfOnes: ([a, b]) => F.cosineEmbeddingLoss(a, b, torch.ones([a.shape[0]])),
  marginRankingOfOnes: ([a, b]) =>
    F.marginRankingLoss(a, b, torch.ones([a.shape[0]]), { reduction: "none" }),
  kthSmallest: ([x]) => x.detach().kthvalue(2, -1).values,
  maxPool2dOfImage: ([x]) => F.maxPool2d(x.reshape(1, 1, 20, 7), 2),
  maxPool3dOfImage: ([x]) => F.maxPool3d(x.reshape(1, 1, 4, 5, 7), 2, { stride: 1 }),
  adaptiveMaxPool2dOfImage: ([x]) => F.adaptiveMaxPool2d(x.reshape(1, 1, 20, 7), [6, 3]),
  attentionByMask: ([q, k, v, attnMask]) => F.scaledDotProductAttention(q, k, v, { attnMask }),
};

function ruleOf(name: string): Rule {
  if (rules[name]) return rules[name];
  const [place, own] = name.includes(".") ? name.split(".") : ["torch", name];
  return (tensors, args) => {
    // deno-lint-ignore no-explicit-any
    const functions = (place === "x" ? tensors[0] : place === "F" ? F : torch) as any;
    if (!functions[own]) throw new Error(`${name} is not there`);
    return functions[own](...(place === "x" ? tensors.slice(1) : tensors), ...args);
  };
}

function decode(value: unknown): unknown {
  if (value === "nan") return NaN;
  if (value === "inf" || value === "-inf") return value === "inf" ? Infinity : -Infinity;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
}

/** Fresh tensors; fractions require gradients. */
function tensorsOf(names: readonly string[]): Tensor[] {
  return names.map((name) => {
    const [dtype, shape, values] = inputs[name];
    const data = storageFrom(values.map((value) => Number(decode(value))), dtype);
    return torch.fromArray(data, shape, { dtype, requiresGrad: dtype === "float32" });
  });
}

function outputsOf(result: unknown): Tensor[] {
  if (result instanceof torch.Tensor) return [result];
  return Object.values(result as object).filter((item) => item instanceof torch.Tensor);
}

/** Sessions of ONNX Runtime take denormal numbers for 0, and so do these comparisons. */
const SMALLEST_NORMAL = 1.1754943508222875e-38;

function isClose(actual: number, expected: number, atol: number): boolean {
  if (Object.is(actual, expected) || (Number.isNaN(actual) && Number.isNaN(expected))) return true;
  if (Math.abs(actual) < SMALLEST_NORMAL && Math.abs(expected) < SMALLEST_NORMAL) return true;
  return Math.abs(actual - expected) <= 2e-5 * Math.abs(expected) + Math.max(atol, 1e-38);
}

interface Difference {
  readonly item: Call;
  readonly call: string;
  readonly part: string;
  readonly index: number;
  readonly actual: number;
  readonly expected: number;
}

function compare(
  item: Call,
  part: string,
  tensor: Tensor | null,
  expected: readonly Packed[],
): Difference[] {
  const data = tensor ? Array.from(tensor.array.hostData(), Number) : expected.map(() => 0);
  assertEquals(data.length, expected.length, `${titleOf(item)}: size of ${part}`);
  return expected.flatMap((value, index) => {
    const wanted = Number(decode(value));
    return isClose(data[index], wanted, item.atol ?? 0)
      ? []
      : [{ item, call: titleOf(item), part, index, actual: data[index], expected: wanted }];
  });
}

function titleOf({ call, args, on }: Call): string {
  return `${call}(${[...on, ...args.map((arg) => JSON.stringify(arg))].join(", ")})`;
}

/** A call's results, recorded. */
interface Recorded {
  readonly item: Call;
  readonly outputs: readonly Tensor[];
  readonly gradients: readonly (Tensor | null)[];
  /** Arrays to be computed. */
  readonly arrays: readonly LazyArray[];
}

/** @throws {Error} if a call is refused while it is recorded */
function record(item: Call): Recorded {
  const tensors = tensorsOf(item.on);
  const outputs = outputsOf(ruleOf(item.call)(tensors, item.args.map(decode)));
  if (item.g) {
    const [y] = outputs;
    const upstream = Float32Array.from({ length: y.numel() }, (_, i) => [1, -0.5, 2][i % 3]);
    y.backward({ gradient: torch.fromArray(upstream, y.shape) });
  }
  const gradients = tensors.map(({ grad }) => grad);
  const arrays = [...outputs, ...gradients].flatMap((tensor) => tensor ? [tensor.array] : []);
  return { item, outputs, gradients, arrays };
}

/** Of results that are computed. */
function differencesOf({ item, outputs, gradients }: Recorded): Difference[] {
  assertEquals(outputs.length, item.y!.length, `${titleOf(item)}: number of outputs`);
  const ofOutputs = item.y!.flatMap((expected, i) => {
    assertEquals([...outputs[i].shape], item.shape![i], `${titleOf(item)}: shape of output ${i}`);
    return compare(item, `y${i}`, outputs[i], expected);
  });
  const ofGradients = (item.g ?? []).flatMap((expected, i) =>
    expected ? compare(item, `g${i}`, gradients[i], expected) : []
  );
  return [...ofOutputs, ...ofGradients];
}

async function isRefused(item: Call): Promise<boolean> {
  try {
    await evaluate(record(item).arrays);
    return false;
  } catch {
    return true;
  }
}

/** A value that is known to deviate. */
interface KnownPlace {
  readonly denormals: KnownDeviation["denormals"];
  /** Where it was seen to. */
  readonly engines: Set<string>;
}

const known = new Map(
  knownDeviations.flatMap(({ values, denormals }) =>
    Object.entries(values).flatMap(([place, indices]) =>
      indices.map((index): [string, KnownPlace] => [
        `${place}[${index}]`,
        { denormals, engines: new Set() },
      ])
    )
  ),
);

const total = calls.reduce((n, { y = [[0]], g = [] }) => {
  const sizes = [...y, ...g].map((values) => values?.length ?? 0);
  return n + Math.max(1, sizes.reduce((a, b) => a + b, 0));
}, 0);

/**
 * Denormal inputs: sessions take them for 0 (see onnx/providers/provider.ts), and from a process' first session on so does JavaScript
 * in its thread. Whether one deviates depends on what ran before.
 */
function isDenormal({ on }: Call, index: number): boolean {
  const [, , values] = inputs[on[0]];
  const value = Math.abs(Number(values[index]));
  return value > 0 && value < SMALLEST_NORMAL;
}

/** So many calls make one graph for ONNX Runtime: a session each would take most of the time. */
const BATCH = 40;

function suitsTheHost({ arrays }: Recorded): boolean {
  return suitsHost(collectGraph(arrays.filter((array) => array.isPending)));
}

/** Computes recorded calls: each that suits the host alone, there; or many at once, by ONNX Runtime. */
async function compute(recorded: readonly Recorded[], onHost: boolean): Promise<void> {
  if (onHost) return void await Promise.all(recorded.map(({ arrays }) => evaluate(arrays)));
  for (let i = 0; i < recorded.length; i += BATCH) {
    await evaluate(recorded.slice(i, i + BATCH).flatMap(({ arrays }) => arrays));
  }
}

/** Computes calls and describes what is not PyTorch's; what is known to deviate is noted. */
async function deviations(onHost: boolean): Promise<{ unknown: string[]; known: number }> {
  const unknown: string[] = [];
  let noted = 0;
  const recorded: Recorded[] = [];
  for (const item of calls) {
    try {
      if (!item.error) recorded.push(record(item));
      else if (!await isRefused(item)) unknown.push(`${titleOf(item)}: is not refused`);
    } catch (error) {
      unknown.push(`${titleOf(item)}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  const tried = onHost ? recorded.filter(suitsTheHost) : recorded;
  assert(tried.length > calls.length / 2, `${tried.length} calls of ${calls.length}`);
  await compute(tried, onHost);
  for (const { call, part, index, actual, expected, item } of tried.flatMap(differencesOf)) {
    const place = known.get(`${call} ${part}[${index}]`);
    place?.engines.add(onHost ? "host" : "ONNX Runtime");
    if (place || isDenormal(item, index)) noted++;
    else unknown.push(`${call} ${part}[${index}]: ${actual}, expected ${expected}`);
  }
  return { unknown, known: noted };
}

for (const [engine, limit] of [["the host", hostLimit()], ["ONNX Runtime", 0]] as const) {
  Deno.test(`special values are PyTorch's, computed by ${engine}`, async () => {
    const before = hostLimit();
    limitHostWork(limit);
    try {
      const found = await deviations(limit > 0);
      assertEquals(found.unknown.slice(0, 20), [], `${found.unknown.length} of ${total} differ`);
      assert(total >= 2000, `${total} values`);
      assert(found.known <= total / 100, `${found.known} of ${total} values deviate`);
    } finally {
      limitHostWork(before);
    }
  });
}

/** Whether ONNX Runtime takes denormal numbers for 0 here: its first session of a process decides for that thread. */
async function takesDenormalsForZero(): Promise<boolean> {
  const before = hostLimit();
  limitHostWork(0);
  try {
    const [y] = await torch.fromArray(Float32Array.of(1e-39), [1]).mul(4).data();
    return y === 0;
  } finally {
    limitHostWork(before);
  }
}

Deno.test("what is known to deviate still does", async () => {
  const denormals = await takesDenormalsForZero() ? "flushed" : "kept";
  const mended = [...known].flatMap(([place, about]) =>
    about.engines.size === 0 && (about.denormals ?? denormals) === denormals ? [place] : []
  );
  assertEquals(mended, [], "to be taken off corners_known.ts");
});
