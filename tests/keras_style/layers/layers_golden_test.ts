/** Every layer against Python's Keras: forward, and the gradients for inputs and weights (tests/golden/keras_layers.py). */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { toCamelCase } from "../../../keras_style/naming.ts";
import golden from "../../golden/keras_layers.json" with { type: "json" };

/** Few values, or a sample of many with a weighted sum of all. */
type Numbers = readonly number[] | {
  readonly count: number;
  readonly step: number;
  readonly total: number;
  readonly values: readonly number[];
};

interface LayerCase {
  readonly layer: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly shapes: readonly (readonly number[])[];
  readonly options?: {
    readonly training?: boolean;
    readonly mask?: readonly (readonly number[])[];
    readonly integer?: number;
    readonly positive?: boolean;
    readonly positional?: boolean;
    readonly input_scale?: number;
  };
  readonly outputs: readonly { readonly shape: readonly number[]; readonly values: Numbers }[];
  readonly weights: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly gradients: readonly Numbers[];
  readonly after?: readonly Numbers[];
}

const cases = golden as unknown as readonly LayerCase[];

/** The script's values in (-scale, scale). */
function scattered(shape: readonly number[], step: number, period: number, scale = 1): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from(
    { length: count },
    (_, i) => ((i * step + 11) % period / period * 2 - 1) * scale,
  );
  return tf.tensor(values, [...shape], "float32");
}

/** Python's arguments as this idiom takes them. */
function optionsOf(args: unknown): unknown {
  if (Array.isArray(args)) return args.map(optionsOf);
  if (typeof args !== "object" || args === null) return args;
  const named = args as Record<string, unknown>;
  if (typeof named.__layer__ === "string") return make(named.__layer__, named.config);
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [toCamelCase(name), optionsOf(value)]),
  );
}

// deno-lint-ignore no-explicit-any
function make(name: string, args: unknown): any {
  const Class =
    (keras.layers as unknown as Record<string, new (options: unknown) => unknown>)[name];
  assert(Class, `there is no layer ${name}`);
  return new Class(optionsOf(args));
}

function inputsOf({ shapes, options = {} }: LayerCase): tf.Tensor[] {
  const { integer, positive, input_scale: scale = 1 } = options;
  return shapes.map((shape, i) => {
    if (integer !== undefined) {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = Int32Array.from({ length: count }, (_, k) => (3 * k + 1) % integer);
      return tf.tensor(values, [...shape], "int32");
    }
    const values = scattered(shape, 37 + 2 * i, 101, scale);
    return positive ? tf.add(tf.abs(values), 0.1) : values;
  });
}

async function compare(what: string, actual: tf.Tensor, expected: Numbers): Promise<void> {
  const all = Array.from(await actual.data(), Number);
  const sample = "count" in expected ? expected.values : expected;
  const step = "count" in expected ? expected.step : 1;
  assertEquals(
    all.length,
    "count" in expected ? expected.count : expected.length,
    `${what}: how many`,
  );
  const largest = Math.max(1, ...sample.map(Math.abs));
  sample.forEach((value, i) => {
    assertAlmostEquals(all[i * step], value, 2e-5 * largest, `${what}: number ${i * step}`);
  });
  if (!("count" in expected)) return;
  const total = all.reduce((sum, value, i) => sum + value * ((i * 41 + 11) % 89 / 89 * 2 - 1), 0);
  const tolerance = 3e-5 * largest * Math.sqrt(all.length);
  assertAlmostEquals(total, expected.total, tolerance, `${what}: sum of all`);
}

async function check(golden: LayerCase): Promise<void> {
  const { options = {} } = golden;
  const layer = make(golden.layer, golden.args);
  const inputs = inputsOf(golden);
  const named = {
    ...options.training === undefined ? {} : { training: options.training },
    ...options.mask ? { mask: tf.tensor(options.mask as number[][], undefined, "bool") } : {},
  };
  const given = options.positional ? inputs : [inputs.length > 1 ? inputs : inputs[0]];
  const call = () => layer(...given, named);
  call();
  const own = layer.weights as keras.layers.Weight[];
  assertEquals(own.map(({ shape }) => shape), golden.weights.map(([, shape]) => shape), "weights");
  layer.setWeights(own.map(({ shape }, i) => {
    const values = scattered(shape, 23 + 2 * i, 97, 0.5);
    return golden.weights[i][0].includes("variance") ? tf.add(tf.abs(values), 0.2) : values;
  }));
  // Shapes are known without computing, too.
  if (!options.positional) {
    const symbolic = inputs.map(({ shape, dtype }) =>
      keras.Input({ shape: shape.slice(1), dtype })
    );
    const result = [layer(symbolic.length > 1 ? symbolic : symbolic[0])]
      .flat() as keras.KerasTensor[];
    assertEquals(
      result.map(({ shape }) => shape.slice(1)),
      golden.outputs.map(({ shape }) => shape.slice(1)),
      "symbolic shapes",
    );
  }
  const floats = inputs.filter(({ dtype }) => dtype === "float32");
  const sources = [...floats, ...layer.trainableWeights as tf.Tensor[]];
  using tape = new keras.GradientTape();
  tape.watch(floats);
  const outputs = [call()].flat() as tf.Tensor[];
  const loss = outputs.filter(({ dtype }) => dtype === "float32")
    .map((output) => tf.sum(tf.mul(output, scattered(output.shape, 41, 89))))
    .reduce((a, b) => tf.add(a, b), tf.scalar(0) as tf.Tensor);
  const gradients = tape.gradient(loss, sources, { unconnectedGradients: "zero" });
  assertEquals(outputs.map(({ shape }) => shape), golden.outputs.map(({ shape }) => shape));
  for (const [i, output] of outputs.entries()) {
    await compare(`output ${i}`, output, golden.outputs[i].values);
  }
  assertEquals(gradients.length, golden.gradients.length, "how many gradients");
  for (const [i, gradient] of gradients.entries()) {
    await compare(`gradient ${i}`, gradient!, golden.gradients[i]);
  }
  for (const [i, values] of (golden.after ?? []).entries()) {
    await compare(`weight ${i} after a training step`, layer.weights[i], values);
  }
}

for (const [i, item] of cases.entries()) {
  const { layer, args, shapes, options } = item;
  const what = `${layer} ${JSON.stringify(args)} on ${JSON.stringify(shapes)}${
    options ? ` ${JSON.stringify(options)}` : ""
  }`;
  Deno.test(`Keras' values, ${i}: ${what}`, () => check(item));
}
