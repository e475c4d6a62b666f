import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { defaultRuntime } from "../../../onnx/mod.ts";
import { assertClose, golden, scattered } from "../golden.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

const { layers } = keras;
const COUNT = 20;

/** The samples of the script: classes differ in the brightness of the upper half. */
function samples() {
  const y = Uint8Array.from({ length: COUNT }, (_, i) => i * 5 % 3);
  const x = Float32Array.from({ length: COUNT * 128 }, (_, i) => {
    const value = Math.fround(i * 7919 % 251 / 250);
    return i % 128 < 64 ? value * y[Math.floor(i / 128)] / 2 : value;
  });
  return { x, y };
}

const { x, y } = samples();
const images = { data: x, shape: [COUNT, 8, 8, 2] };
const classes = { data: y, shape: [COUNT] };

function smallNetwork(): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: [8, 8, 2] }),
    new layers.Conv2D({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D(),
    new layers.Flatten(),
    new layers.Dense({ units: 8, activation: "relu" }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  const weights = model.getWeights().map(({ shape }) => {
    const values = scattered(tf.util.sizeFromShape(shape), 37, 101).map((value) => value * 0.4);
    return tf.tensor(values, shape);
  });
  model.setWeights(weights);
  model.compile({
    optimizer: new keras.optimizers.RMSprop({ learningRate: 0.01 }),
    loss: new keras.losses.SparseCategoricalCrossentropy(),
    metrics: ["accuracy"],
  });
  return model;
}

Deno.test("twelve steps from the same weights end where Keras' end; evaluate and predict agree", async () => {
  const model = smallNetwork();
  const history = await model.fit(images, classes, {
    batchSize: 8,
    epochs: 4,
    shuffle: false,
    verbose: 0,
    validationData: [
      { data: x.subarray(0, 7 * 128), shape: [7, 8, 8, 2] },
      { data: y.subarray(0, 7), shape: [7] },
    ],
  });
  const expected = golden.training;
  assertEquals(Object.keys(history.history), ["accuracy", "loss", "val_accuracy", "val_loss"]);
  assertEquals(history.epoch, expected.epoch);
  for (const [name, values] of Object.entries(history.history)) {
    const wanted = expected.history[name as keyof typeof expected.history];
    assertClose(values, wanted, 1e-4, name);
  }
  for (const [i, weight] of model.getWeights().entries()) {
    assertClose(await weight.data(), expected.weights[i], 1e-4, `weights ${i}`);
  }
  const scores = await model.evaluate(images, classes, { batchSize: 6, verbose: 0 });
  assertClose(scores, expected.evaluate, 1e-4, "evaluate");
  const predictions = await model.predict(images, { verbose: 0 });
  assertEquals(predictions.shape, [COUNT, 3]);
  assertClose(await predictions.data(), expected.predict, 1e-4, "predict");
});

Deno.test("a softmax that is sure and wrong is still trained, by its scores, as in Keras", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [1] }),
    new layers.Dense({ units: 2, useBias: false, activation: "softmax" }),
  ]);
  const weights = tf.tensor2d([[40, -40]]);
  model.setWeights([weights]);
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 1 }),
    loss: new keras.losses.SparseCategoricalCrossentropy(),
  });
  // The right class has probability exp(-80), which is 0 in float32; clipped it would cost 16.1 and never change.
  const { history } = await model.fit([[1]], [1], { verbose: 0 });
  assertClose(history.loss, [80], 1e-4, "loss");
  assertClose(await model.getWeights()[0].data(), [39, -39], 1e-5, "weights");
});

Deno.test("a step is one call into ONNX Runtime, built once for each batch size", async () => {
  const model = smallNetwork();
  const runtime = defaultRuntime();
  const begin = runtime.statistics;
  const seen: number[] = [];
  await model.fit(images, classes, {
    batchSize: 8,
    epochs: 3,
    verbose: 0,
    callbacks: [
      new keras.callbacks.LambdaCallback({
        onTrainBatchEnd: () => void seen.push(runtime.statistics.runs - begin.runs),
      }),
    ],
  });
  // 8 + 8 + 4 samples an epoch.
  assertEquals(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(runtime.statistics.runs - begin.runs, 9);
  assertLess(runtime.statistics.compiled - begin.compiled, 3);
});

Deno.test("training leaves no tensors behind", async () => {
  using _paused = pauseFinalization();
  const model = smallNetwork();
  const options = { batchSize: 8, verbose: 0 } as const;
  await model.fit(images, classes, options);
  await model.evaluate(images, classes, options);
  (await model.predict(images, options)).dispose();
  const before = tf.memory().numTensors;
  await model.fit(images, classes, { ...options, epochs: 3 });
  await model.evaluate(images, classes, options);
  (await model.predict(images, options)).dispose();
  assertNoMoreTensors(before);
});

async function droppingRun(seed: number): Promise<number[]> {
  keras.setRandomSeed(seed);
  const model = new keras.Sequential([
    new layers.Flatten({ inputShape: [8, 8, 2] }),
    new layers.Dense({ units: 16, activation: "relu" }),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const { history } = await model.fit(images, classes, { epochs: 3, batchSize: 8, verbose: 0 });
  return history.loss;
}

Deno.test("the same seed gives the same training to the last bit, another seed another", async () => {
  const first = await droppingRun(5);
  assertEquals(await droppingRun(5), first);
  assertNotEquals(await droppingRun(6), first);
});

Deno.test("dropout drops afresh at every traced step, and not at evaluation", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [1000] }),
    new layers.Dropout({ rate: 0.25 }),
  ]);
  const train = keras.tfFunction((x: tf.Tensor) => model(x, { training: true }));
  const ones = tf.ones([1, 1000]);
  const [first, second] = [await train(ones).data(), await train(ones).data()];
  assertNotEquals([...first], [...second]);
  const kept = first.filter((value) => value !== 0);
  assert(kept.every((value) => Math.abs(value - 4 / 3) < 1e-6));
  assert(Math.abs(kept.length - 750) < 70, `${kept.length} of 1000 kept, expected about 750`);
  assertEquals([...await model(ones).data()], [...await ones.data()]);
});

Deno.test("validationSplit keeps the last samples, as Keras does", async () => {
  const model = smallNetwork();
  const { history } = await model.fit(images, classes, {
    validationSplit: 0.25,
    batchSize: 5,
    verbose: 0,
  });
  const last = [
    { data: x.subarray(15 * 128), shape: [5, 8, 8, 2] },
    { data: y.subarray(15), shape: [5] },
  ] as const;
  const [loss] = await model.evaluate(...last, { verbose: 0 });
  assertClose(history.val_loss, [loss], 1e-6, "val_loss");
  // Data that is given for validation goes before a share: nothing is cut off.
  const steps: number[] = [];
  const given = await model.fit(images, classes, {
    ...{ validationSplit: 0.25, validationData: last, batchSize: 5, verbose: 0 },
    callbacks: [new keras.callbacks.LambdaCallback({ onTrainBatchEnd: (i) => void steps.push(i) })],
  });
  assertEquals(steps, [0, 1, 2, 3]);
  const [after] = await model.evaluate(...last, { verbose: 0 });
  assertClose(given.history.val_loss, [after], 1e-6, "val_loss of validationData");
});

Deno.test("a model of two branches and two outputs trains with a loss a head", async () => {
  keras.setRandomSeed(1);
  const inputs = keras.Input({ shape: [8, 8, 2] });
  const flat = new layers.Flatten()(inputs);
  const left = new layers.Dense({ units: 8, activation: "relu" })(flat);
  const right = new layers.Dense({ units: 8, activation: "tanh" })(flat);
  const joined = new layers.Concatenate()([left, right]);
  const model = new keras.Model({
    inputs,
    outputs: [
      new layers.Dense({ units: 3, activation: "softmax", name: "kind" })(joined),
      new layers.Dense({ units: 1, name: "size" })(joined),
    ],
  });
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.01 }),
    loss: { kind: "sparse_categorical_crossentropy", size: "mse" },
    lossWeights: { size: 0.5 },
    metrics: { kind: ["accuracy"] },
  });
  const sizes = { data: Float32Array.from(y, (label) => label / 2), shape: [COUNT, 1] };
  const { history } = await model.fit(images, { kind: classes, size: sizes }, {
    epochs: 30,
    verbose: 0,
  });
  assertEquals(Object.keys(history), ["kind_accuracy", "kind_loss", "loss", "size_loss"]);
  assertClose(
    history.loss,
    history.kind_loss.map((kind, i) => kind + history.size_loss[i] / 2),
    1e-5,
    "loss",
  );
  assertLess(history.loss.at(-1)!, history.loss[0] / 2);
  const [kinds, predicted] = await model.predictAll(images, { verbose: 0 });
  assertEquals([kinds.shape, predicted.shape], [[COUNT, 3], [COUNT, 1]]);
});

Deno.test("batch normalization and regularization train inside the one call", async () => {
  keras.setRandomSeed(3);
  const model = new keras.Sequential([
    keras.Input({ shape: [8, 8, 2] }),
    new layers.Conv2D({
      filters: 4,
      kernelSize: 3,
      kernelRegularizer: new keras.regularizers.L2({ l2: 0.5 }),
    }),
    new layers.BatchNormalization(),
    new layers.GlobalAveragePooling2D({}),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  const moving = model.getLayer(model.layers[1].name).getWeights().at(-2)!;
  const before = [...await moving.data()];
  const runs = defaultRuntime().statistics.runs;
  const [kernel] = model.getWeights();
  const penalty = 0.5 * [...await kernel.data()].reduce((sum, value) => sum + value * value, 0);
  const { history } = await model.fit(images, classes, { batchSize: COUNT, verbose: 0 });
  assertEquals(defaultRuntime().statistics.runs - runs, 1);
  assert(history.loss[0] > penalty, `${history.loss[0]} has no penalty of ${penalty} in it`);
  const after = await model.layers[1].getWeights().at(-2)!.data();
  assertNotEquals([...after], before);
});

Deno.test("a model trains on a data set; a training step of one's own is traced too", async () => {
  let traced = 0;
  class Counting extends keras.Sequential {
    override trainStep(x: tf.Tensor[], y: tf.Tensor[]): Record<string, tf.Tensor> {
      traced++;
      return super.trainStep(x, y);
    }
  }
  const model = new Counting([
    keras.Input({ shape: [8, 8, 2] }),
    new layers.Flatten(),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({ loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const dataset = keras.data.Dataset.fromTensorSlices([images, classes]).shuffle(20).batch(10);
  const { history } = await model.fit(dataset, undefined, { epochs: 4, verbose: 0 });
  assertEquals(history.loss.length, 4);
  assertEquals(traced, 1);
  const repeated = await model.fit(dataset.repeat(), undefined, {
    epochs: 2,
    stepsPerEpoch: 3,
    verbose: 0,
  });
  assertEquals(repeated.params.steps, 3);
});

Deno.test("stopTraining ends after the step; an aborted signal rejects with its reason", async () => {
  const model = smallNetwork();
  let steps = 0;
  const stopping = new keras.callbacks.LambdaCallback({
    onTrainBatchEnd() {
      steps++;
      model.stopTraining = true;
    },
  });
  const { epoch } = await model.fit(images, classes, {
    batchSize: 4,
    epochs: 9,
    verbose: 0,
    callbacks: [stopping],
  });
  assertEquals([steps, epoch], [1, [0]]);
  const controller = new AbortController();
  const aborting = new keras.callbacks.LambdaCallback({
    onTrainBatchEnd: () => controller.abort(new Error("enough")),
  });
  const run = model.fit(images, classes, {
    verbose: 0,
    batchSize: 4,
    callbacks: [aborting],
    signal: controller.signal,
  });
  assertEquals(await run.catch((error) => error.message), "enough");
});
