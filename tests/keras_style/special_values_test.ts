/**
 * Kinks, infinities, -0 and NaN through activations, choices and poolings of the Keras idiom: values and gradients are
 * Keras' (tests/golden/keras_special_values.py, which also says how a case is added), computed on the host and by ONNX
 * Runtime. What is known to deviate stands in DEVIATIONS, with the reason.
 */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { hostLimit, limitHostWork } from "../../onnx/mod.ts";
import * as keras from "../../keras_style/mod.ts";
import golden from "../golden/keras_special_values.json" with { type: "json" };

type Packed = number | string;

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly on: readonly string[];
  readonly y: readonly Packed[];
  readonly g: readonly (readonly Packed[])[];
}

const inputs = golden.inputs as unknown as Record<string, [shape: number[], values: Packed[]]>;
const cases = golden.cases as unknown as Case[];

function numberOf(value: Packed): number {
  return typeof value === "number"
    ? value
    : value === "nan"
    ? NaN
    : Number(value.replace("inf", "Infinity"));
}

function runOf({ name, options }: Case): (...xs: tf.Tensor[]) => tf.Tensor {
  const [room, own] = name.split(".");
  // deno-lint-ignore no-explicit-any
  const found = (keras as any)[room][own];
  if (room === "layers") {
    const layer = new found(options);
    return (x) => layer(x);
  }
  if (own === "clip") return (x) => found(x, Object.values(options));
  const given = Object.keys(options).length > 0 ? [options] : [];
  return (...xs) => found(...xs, ...given);
}

function title({ name, on, options }: Case): string {
  return `${name}(${
    [...on, ...Object.keys(options).length > 0 ? [JSON.stringify(options)] : []].join(", ")
  })`;
}

/** Values, then a gradient for each input. */
async function compute(item: Case): Promise<Float32Array[]> {
  const xs = item.on.map((name) => tf.tensor(inputs[name][1].map(numberOf), inputs[name][0]));
  const run = runOf(item);
  run(...xs);
  const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => run(...xs))(
    xs,
    tf.tensor(item.y.map((_, i) => [1, -0.5, 2][i % 3]), run(...xs).shape),
  );
  return await Promise.all(
    [value, ...grads].map((tensor) => tensor.data() as Promise<Float32Array>),
  );
}

/** Where values deviate from Keras', and why: of each case and part (y, or g0 for the first input's gradient) the indices. */
const DEVIATIONS: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  "celu has slope 1 at 0, as elu has; Keras adds that of both of its halves, and none at NaN": {
    "activations.celu(edges) g0": [0, 1, 22],
    'activations.celu(edges, {"alpha":0.5}) g0': [0, 1, 22],
  },
  "the gradient of what is NaN itself: one formula's NaN is another one's number": {
    "activations.softsign(edges) g0": [20, 21],
    "activations.sparsePlus(edges) g0": [20, 21, 22],
    'activations.elu(edges, {"alpha":0.5}) g0': [22],
    'layers.ELU(edges, {"alpha":0.5}) g0': [22],
    "ops.abs(edges) g0": [22],
  },
  "masks on ONNX Runtime's CPU are steep lines, which keep NaN (see clipped_line.ts)": {
    "activations.hardSigmoid(edges) g0": [22],
    "activations.relu(edges) g0": [22],
    "activations.relu6(edges) g0": [22],
    'activations.relu(edges, {"maxValue":6}) g0': [22],
    'activations.relu(edges, {"maxValue":3}) g0': [22],
    'activations.relu(edges, {"threshold":0.5,"negativeSlope":0.1,"maxValue":3}) g0': [22],
    'activations.relu(edges, {"threshold":-1.5,"maxValue":3,"negativeSlope":0.1}) g0': [22],
    "layers.ReLU(edges) g0": [22],
    'layers.ReLU(edges, {"maxValue":6}) g0': [22],
    'layers.ReLU(edges, {"threshold":0.5,"negativeSlope":0.1,"maxValue":3}) g0': [22],
    'layers.PReLU(rows, {"alphaInitializer":{"className":"Constant","config":{"value":0.5}}}) g0': [
      29,
      32,
      39,
      40,
      41,
      42,
      43,
      44,
      47,
    ],
    "ops.relu(edges) g0": [22],
  },
};

const known = new Map(
  Object.values(DEVIATIONS).flatMap((places) =>
    Object.entries(places).flatMap(([place, indices]) =>
      indices.map((i): [string, { seen: boolean }] => [`${place}[${i}]`, { seen: false }])
    )
  ),
);

/**
 * TensorFlow's softmax makes 0 of NaN's neighbours. Its poolings pass over NaN, and give the lowest finite number for
 * windows of nothing else; what ONNX Runtime's make of windows with NaN depends on their order.
 */
function isOfNaNRow({ name, on }: Case, ...values: readonly number[]): boolean {
  const isOfRows = /MaxPooling|softmax/.test(name) && !on.includes("edges");
  return isOfRows && values.some((value) => Number.isNaN(value) || value < -3e38);
}

/** 0 and -0 are the same here: TensorFlow's own kernels differ in that from one size to the next. */
function isClose(actual: number, expected: number): boolean {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true;
  return Math.abs(actual - expected) <= 2e-5 * Math.abs(expected) + 1e-6;
}

for (const [engine, limit] of [["the host", hostLimit()], ["ONNX Runtime", 0]] as const) {
  Deno.test(`special values are Keras', computed by ${engine}`, async () => {
    const before = hostLimit();
    limitHostWork(limit);
    try {
      const different: string[] = [];
      for (const item of cases) {
        const results = await compute(item);
        [item.y, ...item.g].forEach((expected, part) => {
          expected.map(numberOf).forEach((value, i) => {
            if (isClose(results[part][i], value)) return;
            if (isOfNaNRow(item, value, results[part][i])) return;
            const place = `${title(item)} ${part === 0 ? "y" : `g${part - 1}`}[${i}]`;
            const deviation = known.get(place);
            if (deviation) deviation.seen = true;
            else different.push(`${place}: ${results[part][i]}, expected ${value}`);
          });
        });
      }
      assertEquals(different, []);
    } finally {
      limitHostWork(before);
    }
  });
}

Deno.test("what is known to deviate from Keras still does", () => {
  const mended = [...known].flatMap(([place, { seen }]) => seen ? [] : [place]);
  assertEquals(mended, [], "to be taken off DEVIATIONS");
});
