import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";

const { layers } = keras;

Deno.test("a Sequential grows by add, and builds itself when it sees data", async () => {
  const model = new keras.Sequential();
  model.add(new layers.Dense({ units: 4, activation: "relu" }));
  model.add(new layers.Dense({ units: 2 }));
  assertEquals(model.built, false);
  assertThrows(() => model.countParams(), Error, "is not built: its input shape is unknown");
  const y = model(tf.ones([3, 5]));
  assertEquals(y.shape, [3, 2]);
  assertEquals(model.countParams(), 5 * 4 + 4 + 4 * 2 + 2);
  const before = await y.data();
  model.add(new layers.Softmax());
  const [first, second] = await model(tf.ones([3, 5])).data();
  assertAlmostEquals(first + second, 1, 1e-6);
  assertAlmostEquals(Math.log(first / second), before[0] - before[1], 1e-5);
  model.pop();
  assertEquals([...await model(tf.ones([3, 5])).data()], [...before]);
});

Deno.test("models are parts of models: the weights are the same", async () => {
  const inner = new keras.Sequential([
    keras.Input({ shape: [3] }),
    new layers.Dense({ units: 2, useBias: false }),
  ]);
  const outer = new keras.Sequential([keras.Input({ shape: [3] }), inner]);
  const inputs = keras.Input({ shape: [3] });
  const functional = new keras.Model({ inputs, outputs: inner(inputs) });
  inner.setWeights([tf.ones([3, 2])]);
  const x = tf.tensor2d([[1, 2, 3]]);
  for (const model of [inner, outer, functional]) {
    assertEquals([...await model(x).data()], [6, 6]);
    assertEquals(model.countParams(), 6);
  }
});

Deno.test("initial weights: Glorot's limits, zero biases, the same for the same seed", async () => {
  const weights = async (seed: number) => {
    keras.setRandomSeed(seed);
    const model = new keras.Sequential([
      keras.Input({ shape: [8, 8, 3] }),
      new layers.Conv2D({ filters: 16, kernelSize: 3 }),
      new layers.Flatten(),
      new layers.Dense({ units: 10 }),
    ]);
    return await Promise.all(model.getWeights().map(async (weight) => [...await weight.data()]));
  };
  const [kernel, bias, dense, offset] = await weights(4);
  assertEquals([...bias, ...offset], new Array(26).fill(0));
  const inputs = 6 * 6 * 16;
  for (const [values, limit] of [[kernel, 6 / (27 + 144)], [dense, 6 / (inputs + 10)]] as const) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assertEquals(largest <= Math.sqrt(limit) && largest > 0.95 * Math.sqrt(limit), true);
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const spread = Math.sqrt(limit / 3 / values.length);
    assertAlmostEquals(mean, 0, 4 * spread);
  }
  assertEquals(await weights(4), [kernel, bias, dense, offset]);
  assertNotEquals((await weights(5))[0], kernel);
});

Deno.test("names count up from Keras' own, and begin anew after clearSession", () => {
  keras.clearSession();
  const make = () =>
    [
      new layers.Conv2D({ filters: 1, kernelSize: 1 }),
      new layers.MaxPooling2D(),
      new layers.BatchNormalization(),
      new layers.LSTM({ units: 1 }),
      new layers.Dense({ units: 1, name: "mine" }),
    ].map((layer) => layer.name);
  const first = ["conv2d", "max_pooling2d", "batch_normalization", "lstm"];
  assertEquals(make(), [...first, "mine"]);
  assertEquals(make(), [...first.map((name) => `${name}_1`), "mine"]);
  keras.clearSession();
  assertEquals(make(), [...first, "mine"]);
  assertEquals(new keras.Sequential().name, "sequential");
});

Deno.test("weights of another shape, unknown layers and misplaced parts are refused", () => {
  const model = keras.makeSeedNetwork();
  assertThrows(
    () => model.setWeights([tf.zeros([3, 3, 3, 31])]),
    Error,
    "setWeights: weights[0] is of shape [3,3,3,31], expected shape [3,3,3,32]",
  );
  assertThrows(() => model.setWeights([]), Error, "setWeights: weights[0] is missing");
  assertThrows(
    () => model.getLayer("nobody"),
    Error,
    'getLayer: name is "nobody", expected one of',
  );
  assertThrows(
    () => model.add(keras.Input({ shape: [2] })),
    Error,
    "an Input is part 8, expected it to be first",
  );
  assertThrows(
    () => new keras.Sequential(["dense" as unknown as keras.layers.Layer]),
    TypeError,
    "part 0 is dense, expected a layer, a model or an Input",
  );
  assertThrows(() => keras.Input({ shape: [0, 3] }), RangeError, "Input: shape is [0,3]");
  assertThrows(() => new keras.Sequential().pop(), Error, "has no layers");
});
