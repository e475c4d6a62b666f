/** Attention, normalization and preprocessing layers: Keras' results and gradients. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { layerFromSaved } from "../../../keras_style/layers/layer_registry.ts";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_layers_more.json" with { type: "json" };
import { scattered } from "../golden.ts";

const { layers } = keras;

interface Case {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly many: boolean;
  readonly training: boolean;
  readonly inputs: { shape: number[]; values: number[]; dtype: string }[];
  readonly call: Record<string, unknown>;
  readonly weights: number[][];
  readonly outputs: { shape: number[]; values: number[] }[];
  readonly adapt?: tf.TensorLike;
  readonly gradient?: number[];
}

function assertNear(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assertEquals(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    assertAlmostEquals(actual[i], value, 2e-5 * Math.max(1, Math.abs(value)), `${what}[${i}]`);
  });
}

function callOptions(call: Record<string, unknown>): Record<string, unknown> {
  const bool = (values: unknown) =>
    values === null ? null : tf.tensor(values as tf.TensorLike, undefined, "bool");
  return Object.fromEntries(
    Object.entries(call).map(([key, value]) => {
      if (key === "mask") return [key, (value as unknown[]).map(bool)];
      return [key, Array.isArray(value) ? bool(value) : value];
    }),
  );
}

for (const each of golden.cases as unknown as Case[]) {
  const { name, options, many, training, call, weights, outputs, gradient } = each;
  Deno.test(`${name} ${JSON.stringify(options)} ${Object.keys(call)}: Keras' results and gradient`, async () => {
    const layer = layerFromSaved({ className: name, config: { ...options } }) as keras.layers.Layer;
    if (each.adapt) {
      await (layer as unknown as { adapt(x: unknown): Promise<void> }).adapt(tf.tensor(each.adapt));
    }
    const inputs = each.inputs.map(({ shape, values, dtype }) =>
      tf.tensor(values, shape, dtype.startsWith("int") ? "int32" : "float32")
    );
    const named = { ...callOptions(call), ...(training ? { training } : {}) };
    // deno-lint-ignore no-explicit-any
    const run = () => many ? (layer as any)(inputs, named) : (layer as any)(...inputs, named);
    run();
    if (!each.adapt) {
      assertEquals(layer.weights.map(({ shape }) => shape), weights);
      layer.setWeights(weights.map((shape, i) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return tf.tensor(scattered(size, 37, 101).map((value) => value * 0.4 + 0.3 * i), shape);
      }));
    }
    using tape = new keras.GradientTape();
    if (gradient) tape.watch(inputs[0]);
    const found = [run()].flat() as tf.Tensor[];
    const probe = tf.tensor(scattered(found[0].size, 13, 31), found[0].shape);
    const value = tf.sum(tf.mul(tf.cast(found[0], "float32"), probe));
    for (const [i, { shape, values }] of outputs.entries()) {
      assertEquals(found[i].shape, shape);
      assertNear(await found[i].data(), values, `output ${i}`);
    }
    if (gradient) assertNear(await tape.gradient(value, inputs[0])!.data(), gradient, "gradient");
    const copy = layerFromSaved({ className: name, config: layer.getConfig() });
    assertEquals(copy.getConfig(), layer.getConfig());
  });
}

const refused: [run: () => unknown, message: string][] = [
  [
    () => new layers.MultiHeadAttention({ numHeads: 2 } as never),
    "MultiHeadAttention: keyDim is missing",
  ],
  [
    () => new layers.GroupQueryAttention({ headDim: 2, numQueryHeads: 3, numKeyValueHeads: 2 }),
    "numQueryHeads is 3, expected a multiple of numKeyValueHeads (2)",
  ],
  [
    () => new layers.Attention({ score_mode: "dot" } as never),
    'unknown option "score_mode", expected "scoreMode"',
  ],
  [
    () => new layers.EinsumDense({ equation: "abc", outputShape: 3 }),
    'equation is "abc", expected one such as',
  ],
  [
    () => new layers.GroupNormalization({ groups: 4 })(keras.Input({ shape: [3, 6] })),
    "GroupNormalization: groups is 4, expected a divisor of the 6 channels",
  ],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}

Deno.test("attention in a model: symbolic, trained, its heads' weights counted", async () => {
  const x = keras.Input({ shape: [4, 6] });
  const attended = new layers.MultiHeadAttention({ numHeads: 2, keyDim: 3 })(x, x);
  assertEquals(attended.shape, [null, 4, 6]);
  const y = new layers.Dense({ units: 1 })(new layers.Flatten()(attended));
  const model = new keras.Model({ inputs: x, outputs: y });
  assertEquals(model.countParams(), 4 * 36 + 3 * 6 + 6 + 25);
  model.compile({ optimizer: "adam", loss: "mse" });
  const history = await model.fit(tf.ones([8, 4, 6]), tf.zeros([8, 1]), { epochs: 3, verbose: 0 });
  const losses = history.history.loss;
  assertEquals(losses.length, 3);
  assertEquals(losses[2] < losses[0], true);
});

Deno.test("spectral normalization gives a trained kernel a largest singular value of 1", async () => {
  const dense = new layers.Dense({ units: 3, useBias: false });
  const layer = new layers.SpectralNormalization({ layer: dense, powerIterations: 30 });
  layer(tf.ones([2, 4]));
  const before = layer(tf.ones([2, 4]));
  layer(tf.ones([2, 4]), { training: true });
  const kernel = dense.kernel as unknown as tf.Tensor2D;
  const [v] = await tf.linalg.qr(tf.matMul(kernel, kernel, true)) as tf.Tensor[];
  let u = tf.slice(v, [0, 0], [3, 1]) as tf.Tensor2D;
  for (let i = 0; i < 50; i++) {
    const next = tf.matMul(tf.matMul(kernel, kernel, true), u);
    u = tf.div(next, tf.norm(next)) as tf.Tensor2D;
  }
  assertAlmostEquals((await tf.norm(tf.matMul(kernel, u)).data())[0], 1, 1e-3);
  assertEquals((await before.data()).length, 6);
});

Deno.test("augmentation: every image by itself, each call afresh, nothing at evaluation", async () => {
  keras.setRandomSeed(4);
  const image = tf.reshape(tf.range(0, 12), [1, 2, 2, 3]);
  const images = tf.tile(image, [64, 1, 1, 1]);
  const flip = new layers.RandomFlip({ mode: "horizontal" });
  const flippedOf = async (x: tf.Tensor) => {
    const first = await tf.slice(x, [0, 0, 0, 0], [64, 1, 1, 1]).data();
    return [...first].filter((value) => value === 3).length;
  };
  const [a, b] = [flip(images), flip(images)];
  const counts = [await flippedOf(a), await flippedOf(b)];
  assertEquals(counts.every((count) => count > 15 && count < 49), true, `${counts}`);
  assertEquals((await tf.max(tf.abs(tf.sub(a, b))).data())[0] > 0, true);
  const model = new keras.Sequential([keras.Input({ shape: [2, 2, 3] }), flip]);
  const [kept] = [await model.predict(images, { verbose: 0 })].flat() as tf.Tensor[];
  assertEquals(await flippedOf(kept), 0);
  const crop = new layers.RandomCrop({ height: 1, width: 1, seed: 3 });
  const seen = new Set<number>();
  for (let i = 0; i < 40; i++) seen.add((await crop(image).data())[0]);
  assertEquals([...seen].sort((p, q) => p - q), [0, 3, 6, 9]);
});

Deno.test("adapt goes through batches, and finds classes", async () => {
  const layer = new layers.Normalization();
  const all = tf.randomNormal([30, 2], 3, 2, "float32", 5);
  await layer.adapt(tf.split(all, 3));
  const normal = layer(all);
  const { mean, variance } = tf.moments(normal, 0);
  assertNear(await mean.data(), [0, 0], "mean");
  assertNear(await variance.data(), [1, 1], "variance");
  const bins = new layers.Discretization({ numBins: 3 });
  await bins.adapt(tf.range(0, 9));
  // Boundaries 2 and 5, as Keras finds them.
  assertEquals([...await bins(tf.range(0, 9)).data()], [0, 0, 1, 1, 1, 2, 2, 2, 2]);
  assertThrows(
    () => new layers.Discretization({ numBins: 3 })(tf.range(0, 9)),
    Error,
    "no boundaries are known",
  );
});

Deno.test("Lambda is a function in a model, and says that it cannot be saved", async () => {
  const x = keras.Input({ shape: [2] });
  const layer = new layers.Lambda({ function: (y) => tf.mul(y, 3) });
  const model = new keras.Model({ inputs: x, outputs: layer(x) });
  const [y] = [await model.predict(tf.ones([1, 2]), { verbose: 0 })].flat() as tf.Tensor[];
  assertEquals([...await y.data()], [3, 3]);
  assertThrows(() => layer.getConfig(), Error, "a function cannot be saved");
  assertThrows(() => new layers.Lambda({ function: 3 as never }), TypeError, "function is 3");
});
