import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { assertNoMoreTensors } from "./tensor_count.ts";

const { DataParallel, setDistribution } = keras.distribution;

const images = keras.random.uniform([22, 6, 6, 2], { seed: 1 });
const labels = Int32Array.from({ length: 22 }, (_, i) => i % 3);
const classes = { data: labels, shape: [22] };

/** Trains anew on some devices; without a number on one, as always. */
async function train(
  make: () => keras.Model,
  devices: number | null,
  options: Partial<keras.FitOptions> = {},
): Promise<{ losses: number[]; accuracies: number[]; weights: number[] }> {
  keras.setRandomSeed(3);
  const model = make();
  const names = Array.from({ length: devices ?? 1 }, (_, i) => `cpu:${i}`);
  setDistribution(devices === null ? null : new DataParallel({ devices: names }));
  try {
    const losses: number[] = [];
    const accuracies: number[] = [];
    const seen = new keras.callbacks.LambdaCallback({
      onTrainBatchEnd: (_: number, logs?: Record<string, number>) => {
        losses.push(logs!.loss);
        accuracies.push(logs!.accuracy);
      },
    });
    // 8 + 8 + 6 samples: shares of 4, of 3, 3 and 2.
    const settings = {
      batchSize: 8,
      epochs: 2,
      verbose: 0,
      callbacks: [seen],
      ...options,
    } as const;
    await model.fit(images, classes, settings);
    const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
    return { losses, accuracies, weights: weights.flatMap((values) => [...values]) };
  } finally {
    setDistribution(null);
  }
}

function network(optimizer: () => keras.Optimizer, ...between: (() => keras.layers.Layer)[]) {
  return () => {
    const model = new keras.Sequential([
      new keras.layers.Conv2D({
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        inputShape: [6, 6, 2],
        kernelRegularizer: new keras.regularizers.L2(0.01),
      }),
      ...between.map((make) => make()),
      new keras.layers.Flatten(),
      new keras.layers.Dense({ units: 3, activation: "softmax" }),
    ]);
    const loss = "sparseCategoricalCrossentropy";
    model.compile({ optimizer: optimizer(), loss, metrics: ["accuracy"] });
    return model;
  };
}

const OPTIMIZERS: Record<string, () => keras.Optimizer> = {
  "SGD with momentum": () => new keras.optimizers.SGD({ learningRate: 0.1, momentum: 0.9 }),
  "Adam, clipped": () => new keras.optimizers.Adam({ learningRate: 0.01, clipnorm: 0.5 }),
};

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  for (const devices of [1, 2, 3]) {
    Deno.test(`${name}: fit on ${devices} devices gives the losses of one`, async () => {
      const options = {
        sampleWeight: { data: Float32Array.from(labels, (c) => 1 + c), shape: [22] },
      };
      const expected = await train(network(optimizer), null, options);
      const found = await train(network(optimizer), devices, options);
      assertEquals(found.losses.length, 6);
      expected.losses.forEach((loss, i) => assertAlmostEquals(found.losses[i], loss, 1e-5));
      expected.weights.forEach((weight, i) => assertAlmostEquals(found.weights[i], weight, 1e-4));
      assertEquals(found.accuracies, expected.accuracies);
    });
  }
}

Deno.test("running statistics become the devices' mean, dropout draws on each device", async () => {
  const make = network(
    OPTIMIZERS["SGD with momentum"],
    () => new keras.layers.BatchNormalization({ momentum: 0 }),
    () => new keras.layers.Dropout({ rate: 0.5 }),
  );
  const options = { batchSize: 22, epochs: 1, shuffle: false };
  const one = await train(make, null, options);
  const two = await train(make, 2, options);
  // Behind filters (72 + 4) and gamma, beta (4 each): the moving means of the first step's activations.
  const means = (weights: number[]) => weights.slice(84, 88);
  means(one.weights).forEach((mean, i) => assertAlmostEquals(means(two.weights)[i], mean, 1e-5));
  assert(means(one.weights).every((mean) => mean > 0));
  assertEquals(two.losses.length, 1);
});

Deno.test("devices that are none, steps that cannot be shared, other engines are refused", async () => {
  assertThrows(() => new DataParallel({ devices: ["tpu:0"] }), TypeError, 'such as ["cpu:0"');
  assertThrows(() => new DataParallel({ devices: [] }), RangeError, "expected each once");
  assertThrows(() => setDistribution("cpu" as never), TypeError, "expected a DataParallel or null");
  assertEquals(keras.distribution.listDevices()[0], "cpu:0");
  const make = network(OPTIMIZERS["SGD with momentum"]);
  const several = () => {
    const model = make();
    const loss = "sparseCategoricalCrossentropy";
    model.compile({ optimizer: "sgd", loss, metrics: ["accuracy"], stepsPerExecution: 2 });
    return model;
  };
  await assertRejects(() => train(several, 2), Error, "runs 2 steps in one call");
});

Deno.test("training on devices leaves no tensors behind", async () => {
  const make = network(OPTIMIZERS["Adam, clipped"]);
  await train(make, 2);
  const model = make();
  setDistribution(new DataParallel({ devices: ["cpu:0", "cpu:1"] }));
  try {
    const options = { batchSize: 8, verbose: 0, shuffle: false } as const;
    await model.fit(images, classes, options);
    const before = tf.memory().numTensors;
    await model.fit(images, classes, { ...options, epochs: 3 });
    assertNoMoreTensors(before);
  } finally {
    setDistribution(null);
  }
});
