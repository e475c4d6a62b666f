import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import {
  callbacks,
  layers,
  losses,
  models,
  optimizers,
  selectEngine,
  Sequential,
  setRandomSeed,
} from "../../../keras_style/mod.ts";
import { inFolder } from "../../in_folder.ts";

await selectEngine("onnxruntime");

const COUNT = 88;
const BATCH = 8;

function samples(): { x: Float32Array; shape: number[]; y: Int32Array } {
  const x = Float32Array.from({ length: COUNT * 8 * 8 * 3 }, (_, i) => Math.sin(i * i) / 2);
  return { x, shape: [COUNT, 8, 8, 3], y: Int32Array.from({ length: COUNT }, (_, i) => i % 4) };
}

/** Everything that has to be right from step to step: dropout, running statistics, a schedule, Adam's moments, metrics. */
function network(stepsPerExecution?: number): Sequential {
  setRandomSeed(3);
  const model = new Sequential([
    layers.Input({ shape: [8, 8, 3] }),
    layers.Conv2D({ filters: 16, kernelSize: 3, padding: "same", useBias: false }),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.SpatialDropout2D({ rate: 0.2 }),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dropout({ rate: 0.3 }),
    layers.Dense({ units: 4 }),
  ]);
  const learningRate = new optimizers.schedules.CosineDecay({
    initialLearningRate: 0.01,
    decaySteps: 30,
  });
  model.compile({
    optimizer: new optimizers.Adam({ learningRate, useEma: true }),
    loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ["accuracy"],
    stepsPerExecution,
  });
  return model;
}

async function train(stepsPerExecution?: number) {
  const { x, shape, y } = samples();
  const model = network(stepsPerExecution);
  const seen: [string, number][] = [];
  const before = defaultRuntime().statistics.runs;
  const history = await model.fit(tf.tensor(x, shape), tf.tensor(y, [COUNT], "int32"), {
    epochs: 2,
    batchSize: BATCH,
    verbose: 0,
    validationSplit: 0.25,
    callbacks: [
      new callbacks.LambdaCallback({
        onTrainBatchBegin: (batch) => void seen.push(["begin", batch]),
        onTrainBatchEnd: (batch) => void seen.push(["end", batch]),
      }),
    ],
  });
  const runs = defaultRuntime().statistics.runs - before;
  const prediction = await (await model.predict(tf.tensor(x, shape), { verbose: 0 })).data();
  const variables = [...model.variables, ...model.optimizer.variables];
  const values = await Promise.all(variables.map(async (v) => [...await v.data()]));
  return { history: history.history, values, prediction: [...prediction], seen, runs };
}

Deno.test("stepsPerExecution changes no bit of weights, statistics, moments, metrics and predictions", async () => {
  const single = await train();
  for (const count of [4, 50]) {
    const grouped = await train(count);
    assertEquals(grouped.history, single.history);
    assertEquals(grouped.values, single.values);
    assertEquals(grouped.prediction, single.prediction);
    assert(grouped.runs < single.runs / 2, `${grouped.runs} calls in place of ${single.runs}`);
  }
});

Deno.test("callbacks hear of the first and the last step of a call, as in Keras", async () => {
  const { seen } = await train(4);
  // 66 samples to train on: 9 steps.
  const epoch = [["begin", 0], ["end", 3], ["begin", 4], ["end", 7], ["begin", 8], ["end", 8]];
  assertEquals(seen, [...epoch, ...epoch] as [string, number][]);
});

Deno.test("saveFreq counts steps, however many a call has", async () => {
  await inFolder(async (folder) => {
    const { x, shape, y } = samples();
    const options = { saveFreq: 8, saveWeightsOnly: true } as const;
    const filepath = `${folder}/{epoch}-{batch}.weights.h5`;
    const backup = new callbacks.BackupAndRestore({
      ...{ backupDir: `${folder}/backup`, saveFreq: 8, deleteCheckpoint: false },
    });
    await network(4).fit(tf.tensor(x, shape), tf.tensor(y, [COUNT], "int32"), {
      ...{ batchSize: BATCH, epochs: 2, verbose: 0, validationSplit: 0.25 },
      callbacks: [new callbacks.ModelCheckpoint({ filepath, ...options }), backup],
    });
    const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile);
    // Nine steps an epoch, in calls of 4, 4 and 1; the ninth step counts towards the next eight.
    assertEquals(files.map(({ name }) => name).sort(), ["1-8.weights.h5", "2-8.weights.h5"]);
    const [{ name }] = [...Deno.readDirSync(`${folder}/backup`)];
    assertEquals(name, "backup-1-17.safetensors");
  });
});

Deno.test("stepsPerExecution is a count, and is kept with the model", async () => {
  for (const wrong of [0, 1.5, -1]) {
    assertThrows(() => network(wrong), RangeError, `compile: stepsPerExecution is ${wrong}`);
  }
  await inFolder(async (folder) => {
    const path = `${folder}/model.keras`;
    const loss = "mse";
    const model = new Sequential([layers.Input({ shape: [3] }), layers.Dense({ units: 2 })]);
    model.compile({ optimizer: "sgd", loss, stepsPerExecution: 4 });
    await model.save(path);
    const loaded = await models.loadModel(path);
    assertEquals(loaded.compiled("test").stepsPerExecution, 4);
  });
});
