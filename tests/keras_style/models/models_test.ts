import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import * as keras from "../../../keras_style/mod.ts";
import { toSnakeCase } from "../../../keras_style/naming.ts";

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
    const deviation = Math.sqrt(limit / 3 / values.length);
    assertAlmostEquals(mean, 0, 4 * deviation);
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

Deno.test("names of classes are in snake case, in every script, and names of layers are no paths", () => {
  // By keras/src/utils/naming.py.
  const expected = {
    MaxPooling2D: "max_pooling2d",
    LSTMCell: "lstm_cell",
    RMSprop: "rm_sprop",
    Größe: "größe",
    NetÄhnlich: "netähnlich",
    "A日本B": "a日本b",
    straßeB: "straße_b",
    A$B: "ab",
  };
  const found = Object.keys(expected).map((name) => [name, toSnakeCase(name)]);
  assertEquals(Object.fromEntries(found), expected);
  const wrong = { 'Dense: name is "a/b"': "a/b", "Dense: name is 3": 3 };
  for (const [text, name] of Object.entries(wrong)) {
    const make = () => new layers.Dense({ units: 1, name: name as string });
    assertThrows(make, TypeError, `${text}, expected a text without "/"`);
  }
});

Deno.test("weights of another shape, unknown layers and misplaced parts are refused", () => {
  const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
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

class Classifier extends keras.Model {
  readonly flatten = new layers.Flatten();
  readonly hidden = new layers.Dense({ units: 8, activation: "relu" });
  readonly dropout = new layers.Dropout({ rate: 0.5 });
  readonly scores = new layers.Dense({ units: 3, activation: "softmax" });

  override call(x: tf.Tensor): tf.Tensor {
    return this.scores(this.dropout(this.hidden(this.flatten(x))));
  }
}

Deno.test("a model that is a class with call: built by its data, trained, asked, saved", async () => {
  keras.setRandomSeed(1);
  const model = new Classifier();
  assertEquals(model.built, false);
  const x = { data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), shape: [10, 2, 3] };
  const y = Array.from({ length: 10 }, (_, i) => i % 3);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const { history } = await model.fit(x, y, { epochs: 2, verbose: 0 });
  assertEquals(history.loss.length, 2);
  assertEquals(model.countParams(), 6 * 8 + 8 + 8 * 3 + 3);
  assertEquals(model.layers.length, 4);
  const some = tf.tensor(x.data.subarray(0, 24), [4, 2, 3]);
  assertEquals(model(some).shape, [4, 3]);
  // Dropout drops only while training.
  const [first, second] = [await model(some).data(), await model(some).data()];
  assertEquals(first, second);
  const trained = await model(some, { training: true }).data();
  assertNotEquals([...trained], [...first]);
  const path = await Deno.makeTempFile();
  try {
    await model.save(path);
    const loaded = await keras.loadModel(path, { customObjects: { Classifier } });
    assertEquals([...await loaded(some).data()], [...first]);
    const other = new Classifier();
    other.build([null, 2, 3]);
    await other.loadWeights(path);
    assertEquals([...await other(some).data()], [...first]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a class with call may have several inputs and outputs", () => {
  class Two extends keras.Model {
    readonly join = new layers.Concatenate();
    readonly heads = [new layers.Dense({ units: 1 }), new layers.Dense({ units: 2 })];
    override call(inputs: tf.Tensor[]): tf.Tensor[] {
      const joined = this.join(inputs);
      return this.heads.map((head) => head(joined));
    }
  }
  const model = new Two();
  const outputs = model([tf.ones([5, 2]), tf.ones([5, 3])]) as unknown as tf.Tensor[];
  assertEquals(outputs.map(({ shape }) => shape), [[5, 1], [5, 2]]);
  assertThrows(
    () => new keras.Model().build([null, 2]),
    Error,
    "is not built: its input shape is unknown",
  );
});

Deno.test("a loss of one's own may decide by a comparison", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [2] }),
    new keras.layers.Dense({ units: 1, kernelInitializer: "ones" }),
  ]);
  const loss = (y: tf.Tensor, p: tf.Tensor) => {
    const gap = tf.sub(p, y);
    return tf.mean(tf.where(tf.greater(p, y), tf.square(gap), tf.neg(gap)), -1);
  };
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.25 }), loss });
  await model.fit(tf.ones([2, 2]), tf.zeros([2, 1]), { verbose: 0 });
  // The gradient of (w1 + w2 + b)² at 2 is 4 for each.
  const [kernel] = model.getWeights();
  assertEquals([...await kernel.data()], [0, 0]);
});

Deno.test("metrics that make their state in the first step, by name too, count each epoch anew", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [4] }),
    new keras.layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  const multi = () => new keras.metrics.AUC({ multiLabel: true, name: "multi" });
  const f1 = () => new keras.metrics.F1Score({ average: "macro" });
  model.compile({
    optimizer: new keras.optimizers.Adam({ gradientAccumulationSteps: 2, clipnorm: 1 }),
    loss: new keras.losses.CategoricalCrossentropy({ labelSmoothing: 0.1 }),
    metrics: ["auc", "precision", f1(), multi()],
  });
  const x = tf.randomNormal([20, 4], 0, 1, "float32", 3);
  const labels = tf.tensor1d(Array.from({ length: 20 }, (_, i) => i % 3), "int32");
  const y = tf.oneHot(labels, 3);
  await model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 });
  const found = await model.evaluate(x, y, { batchSize: 8, verbose: 0, returnDict: true });
  const [predictions] = [await model.predict(x, { verbose: 0 })].flat() as tf.Tensor[];
  const truth = tf.cast(y, "float32");
  for (const metric of [new keras.metrics.AUC(), new keras.metrics.Precision(), f1(), multi()]) {
    const [expected] = await metric(truth, predictions).data();
    const name = metric.name.replace(/_\d+$/, "");
    assertAlmostEquals(found[name], expected, 1e-5, name);
  }
});
