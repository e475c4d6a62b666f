/** Where layers, losses and metrics meet in a model: Keras' numbers, by tests/golden/keras_corners.py. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { layerFromSaved } from "../../../keras_style/layers/layer_registry.ts";
import { maskOf } from "../../../keras_style/layers/masks.ts";
import * as keras from "../../../keras_style/mod.ts";
import { fromKeras } from "../../../keras_style/saving/from_keras.ts";
import golden from "../../golden/keras_corners.json" with { type: "json" };
import { assertLogs, fixed } from "../corners.ts";
import { assertClose, scattered } from "../golden.ts";

const { layers, metrics } = keras;
const COUNT = 12;
const x = tf.tensor(scattered(COUNT * 6, 7, 31), [COUNT, 6]);
const kinds = tf.tensor(Array.from({ length: COUNT }, (_, i) => i * 5 % 3), [COUNT], "int32");
const sizes = tf.tensor(scattered(COUNT, 5, 11), [COUNT, 1]);
const steps = tf.tensor(scattered(72, 7, 31), [3, 4, 6]);
const sgd = () => new keras.optimizers.SGD({ learningRate: 0.1 });
const inOrder = { shuffle: false, verbose: 0 } as const;

const l2 = new keras.regularizers.L2({ l2: 0.1 });
const penalized: Record<keyof typeof golden.activity, [keras.layers.Layer, tf.Tensor[]]> = {
  Dense: [new layers.Dense({ units: 3, activityRegularizer: l2 }), [x]],
  ActivityRegularization: [new layers.ActivityRegularization({ l1: 0.1, l2: 0.2 }), [x]],
  LSTM: [
    new layers.LSTM({
      units: 2,
      returnSequences: true,
      returnState: true,
      activityRegularizer: new keras.regularizers.L1({ l1: 0.1 }),
    }),
    [steps],
  ],
  MultiHeadAttention: [
    new layers.MultiHeadAttention({ numHeads: 2, keyDim: 3, activityRegularizer: l2 }),
    [steps, steps],
  ],
  GroupQueryAttention: [
    new layers.GroupQueryAttention({
      headDim: 3,
      numQueryHeads: 2,
      numKeyValueHeads: 1,
      activityRegularizer: l2,
    }),
    [steps, steps],
  ],
};

for (const [name, [layer, inputs]] of Object.entries(penalized)) {
  Deno.test(`${name}: an activity regularizer adds what it does in Keras`, async () => {
    const call = () => layer(...inputs as [tf.Tensor, tf.Tensor]);
    call();
    fixed(layer);
    call();
    const total = await layer.losses.reduce((a, b) => tf.add(a, b)).data();
    const expected = golden.activity[name as keyof typeof golden.activity];
    assertAlmostEquals(total[0], expected, 1e-5 * expected);
    const copy = (layer.constructor as typeof keras.layers.Layer).fromConfig(layer.getConfig());
    assertEquals(copy.getConfig(), layer.getConfig());
  });
}

for (const { name, masked, values, mask } of golden.merges) {
  Deno.test(`${name} of inputs with masks ${masked}: Keras' values and mask`, async () => {
    const ids = [[[1, 0, 2, 0], [0, 3, 0, 4]], [[0, 0, 1, 2], [3, 4, 0, 0]]];
    const embedded = ids.map((rows, i) => {
      const layer = new layers.Embedding({ inputDim: 5, outputDim: 3, maskZero: masked[i] });
      layer(tf.tensor(rows, [2, 4], "int32"));
      return fixed(layer)(tf.tensor(rows, [2, 4], "int32"));
    });
    const merge = layers[name as "Add"];
    const merged = new merge()(embedded);
    assertClose(await merged.data(), values, 1e-6, name);
    const found = maskOf(merged);
    assertEquals(found ? Array.from(await found.data(), Number) : null, mask);
  });
}

class Watch extends layers.Layer {
  readonly seen = new metrics.Mean({ name: "activity", direction: "up" });

  override call(values: tf.Tensor): tf.Tensor {
    this.seen.updateState(values);
    return values;
  }
}

Deno.test("metrics in fields are in the logs, and in Keras' order in lists", async () => {
  const { history: expected, evaluate, names } = golden.fieldMetrics;
  const model = fixed(
    new keras.Sequential([
      keras.Input({ shape: [6] }),
      new Watch(),
      new layers.Dense({ units: 3, activation: "softmax" }),
    ]),
  );
  model.compile({
    optimizer: sgd(),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    weightedMetrics: ["sparse_categorical_crossentropy"],
  });
  // Its mode follows from the direction of the metric in the field.
  const callbacks = [new keras.callbacks.EarlyStopping({ monitor: "activity", patience: 5 })];
  const options = { ...inOrder, epochs: 2, batchSize: 5, callbacks };
  const { history } = await model.fit(x, kinds, options);
  assertLogs(history, expected, "history");
  assertClose(await model.evaluate(x, kinds, { verbose: 0 }), evaluate, 2e-5, "evaluate");
  // There compile's metrics are one.
  const own = ["loss", "accuracy", "sparse_categorical_crossentropy", "activity"];
  assertEquals(model.metrics.map(({ name }) => name), own);
  assertEquals(names, ["loss", "compile_metrics", "activity"]);
});

function twoHeads(): keras.Model {
  const inputs = keras.Input({ shape: [6] });
  const hidden = new layers.Dense({ units: 8, activation: "tanh" })(inputs);
  const outputs = [
    new layers.Dense({ units: 3, activation: "softmax", name: "kind" })(hidden),
    new layers.Dense({ units: 1, name: "size" })(hidden),
  ];
  return fixed(new keras.Model({ inputs, outputs }));
}

const scce = "sparseCategoricalCrossentropy";
const headOptions: Record<keyof typeof golden.heads, keras.CompileOptions> = {
  all: { loss: [scce, "mse"], metrics: [["accuracy"], ["mse", "mae"]] },
  named: { loss: { kind: scce, size: null }, metrics: { size: ["mae"] } },
  second: { loss: [null, "mse"], metrics: [["accuracy"], ["mae"]] },
};

for (const [name, options] of Object.entries(headOptions)) {
  Deno.test(`two outputs, ${name}: Keras' losses, names and order`, async () => {
    const { history: expected, evaluate } = golden.heads[name as keyof typeof golden.heads];
    const model = twoHeads();
    model.compile({ optimizer: sgd(), ...options });
    const labels = [kinds, sizes];
    const { history } = await model.fit(x, labels, { ...inOrder, batchSize: 4 });
    assertLogs(history, expected, "history");
    const found = await model.evaluate(x, labels, { batchSize: 4, verbose: 0 });
    assertClose(found, evaluate, 2e-5, "evaluate");
  });
}

/** Labels of the first of two outputs, or none for the second, in every form. */
const partial: Record<string, keras.LabelSet> = {
  "by name": { kind: kinds },
  "by name, null": { kind: kinds, size: null },
  "a list with null": [kinds, null],
  "a list of one": [kinds],
  "one tensor": kinds,
};

for (const [form, labels] of Object.entries(partial)) {
  Deno.test(`an output without loss and metrics needs no labels: ${form}`, async () => {
    const train = async (y: typeof labels) => {
      const model = twoHeads();
      model.compile({ optimizer: sgd(), loss: { kind: scce, size: null } });
      const options = { ...inOrder, validationData: [x, y] } as const;
      const { history } = await model.fit(x, y, options);
      return [history, await model.evaluate(x, y, { verbose: 0 })];
    };
    assertEquals(await train(labels), await train([kinds, sizes]));
  });
}

Deno.test("labels that a loss or a metric looks at are asked for", async () => {
  const model = twoHeads();
  model.compile({ loss: [scce, null], metrics: { size: ["mae"] } });
  const wrong: Record<string, keras.LabelSet> = {
    "y has kind, expected kind, size": { kind: kinds },
    "y is a list of 1, expected 2, for kind, size": [kinds, null],
    "y is one array, expected 2, for kind, size": kinds,
  };
  for (const [text, y] of Object.entries(wrong)) {
    await assertRejects(async () => await model.fit(x, y, inOrder), TypeError, text);
  }
});

/** The sum of the weights, 1 where there are none. */
class Weighed extends metrics.Metric {
  readonly total = this.addVariable();

  override updateState(_truth: tf.Tensor, _prediction: tf.Tensor, weight?: tf.Tensor): void {
    const more = weight ? tf.sum(weight) : tf.scalar(1);
    this.total.assign(tf.add(this.total, more));
  }

  override result(): tf.Tensor {
    return tf.clone(this.total);
  }
}

Deno.test("an output's mask counts in means of functions alone; other metrics get the user's weights", async () => {
  const ids = tf.tensor(Array.from({ length: 4 * COUNT }, (_, i) => i * 3 % 5), [COUNT, 4]);
  const truth = Array.from({ length: 4 * COUNT }, (_, i) => i * 5 % 7 < 3 ? 1 : 0);
  const y = tf.tensor(truth, [COUNT, 4, 1]);
  const model = fixed(
    new keras.Sequential([
      keras.Input({ shape: [4], dtype: "int32" }),
      new layers.Embedding({ inputDim: 5, outputDim: 3, maskZero: true }),
      new layers.Dense({ units: 1, activation: "sigmoid" }),
    ]),
  );
  model.compile({
    loss: "binaryCrossentropy",
    metrics: [
      "mae",
      new metrics.BinaryAccuracy(),
      new metrics.Precision({ thresholds: 0.4, name: "precision" }),
      new Weighed({ name: "weighed" }),
    ],
    weightedMetrics: [new Weighed({ name: "weighed_too" })],
  });
  const plain = await model.evaluate(ids, y, { verbose: 0, returnDict: true });
  assertLogs(plain, golden.masks, "plain");
  const sampleWeight = tf.tensor(Array.from({ length: COUNT }, (_, i) => i % 3));
  const weighted = await model.evaluate(ids, y, { sampleWeight, verbose: 0, returnDict: true });
  assertEquals([weighted.weighed, weighted.weighed_too], [1, 12]);
});

for (const { batches, numBins, epsilon, boundaries, saved } of golden.bins) {
  Deno.test(`Discretization into ${numBins} of ${JSON.stringify(batches)}: Keras' boundaries`, async () => {
    const layer = new layers.Discretization({ numBins, epsilon });
    await layer.adapt(
      (batches as [number, number, number][]).map((batch) => tf.tensor(scattered(...batch))),
    );
    assertClose(layer.binBoundaries!, boundaries, 1e-6, "boundaries");
    const copy = layers.Discretization.fromConfig(layer.getConfig());
    assertEquals(copy.getConfig(), layer.getConfig());
    assert(layer.getConfig().numBins === numBins);
    const theirs = layerFromSaved(fromKeras(saved, "layers")) as keras.layers.Discretization;
    assertClose(theirs.binBoundaries!, boundaries, 1e-6, "of Python's file");
    assertEquals(theirs.numBins, numBins);
  });
}
