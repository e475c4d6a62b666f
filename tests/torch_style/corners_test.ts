/**
 * Special values through torch_style's functions, forward and gradient, against PyTorch's
 * (tests/golden/torch_corners.py, which also says how a function is added). Each call is computed twice: on the host, as
 * small work is, and by ONNX Runtime.
 */
import { assert, assertEquals } from "@std/assert";
import { type DType, evaluate, hostLimit, limitHostWork, storageFrom } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";
import { knownDeviations } from "./corners_known.ts";

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
      : [{ call: titleOf(item), part, index, actual: data[index], expected: wanted }];
  });
}

function titleOf({ call, args, on }: Call): string {
  return `${call}(${[...on, ...args.map((arg) => JSON.stringify(arg))].join(", ")})`;
}

async function differencesOf(item: Call): Promise<Difference[]> {
  const tensors = tensorsOf(item.on);
  const args = item.args.map(decode);
  if (item.error) {
    let refused = false;
    try {
      for (const y of outputsOf(ruleOf(item.call)(tensors, args))) await y.data();
    } catch {
      refused = true;
    }
    return refused
      ? []
      : [{ call: titleOf(item), part: "refused", index: 0, actual: 0, expected: 1 }];
  }
  const outputs = outputsOf(ruleOf(item.call)(tensors, args));
  assertEquals(outputs.length, item.y!.length, `${titleOf(item)}: number of outputs`);
  if (item.g) {
    const [y] = outputs;
    const upstream = Float32Array.from({ length: y.numel() }, (_, i) => [1, -0.5, 2][i % 3]);
    y.backward({ gradient: torch.fromArray(upstream, y.shape) });
  }
  const gradients = tensors.map(({ grad }) => grad);
  const all = [...outputs, ...gradients].flatMap((tensor) => tensor ? [tensor.array] : []);
  await evaluate(all);
  const ofOutputs = item.y!.flatMap((expected, i) => {
    assertEquals([...outputs[i].shape], item.shape![i], `${titleOf(item)}: shape of output ${i}`);
    return compare(item, `y${i}`, outputs[i], expected);
  });
  const ofGradients = (item.g ?? []).flatMap((expected, i) =>
    expected ? compare(item, `g${i}`, gradients[i], expected) : []
  );
  return [...ofOutputs, ...ofGradients];
}

const known = new Map(
  knownDeviations.flatMap(({ values }) =>
    Object.entries(values).flatMap(([place, indices]) =>
      indices.map((index) => [`${place}[${index}]`, new Set<string>()] as const)
    )
  ),
);

const total = calls.reduce((n, { y = [[0]], g = [] }) => {
  const sizes = [...y, ...g].map((values) => values?.length ?? 0);
  return n + Math.max(1, sizes.reduce((a, b) => a + b, 0));
}, 0);

/**
 * Denormal inputs: sessions take them for 0 (see onnx/provider.ts), and from a process' first session on so does JavaScript
 * in its thread. Whether one deviates depends on what ran before.
 */
function isDenormal({ on }: Call, index: number): boolean {
  const [, , values] = inputs[on[0]];
  const value = Math.abs(Number(values[index]));
  return value > 0 && value < SMALLEST_NORMAL;
}

/** Computes all calls and describes what is not PyTorch's; what is known to deviate is noted. */
async function deviations(engine: string): Promise<{ unknown: string[]; known: number }> {
  const unknown: string[] = [];
  let noted = 0;
  for (const item of calls) {
    try {
      for (const { call, part, index, actual, expected } of await differencesOf(item)) {
        const place = known.get(`${call} ${part}[${index}]`);
        place?.add(engine);
        if (place || isDenormal(item, index)) noted++;
        else unknown.push(`${call} ${part}[${index}]: ${actual}, expected ${expected}`);
      }
    } catch (error) {
      unknown.push(`${titleOf(item)}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  return { unknown, known: noted };
}

for (const [engine, limit] of [["the host", hostLimit()], ["ONNX Runtime", 0]] as const) {
  Deno.test(`special values are PyTorch's, computed by ${engine}`, async () => {
    const before = hostLimit();
    limitHostWork(limit);
    try {
      const found = await deviations(engine);
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
  // Beside other files, in threads of their own, some deviations are not there.
  if (!await takesDenormalsForZero()) return;
  const mended = [...known].filter(([, engines]) => engines.size === 0).map(([place]) => place);
  assertEquals(mended, [], "to be taken off corners_known.ts");
});
