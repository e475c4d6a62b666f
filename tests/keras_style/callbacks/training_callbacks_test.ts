/** Callbacks that end, restore, average, show and send a training; golden values of tests/golden/keras_callbacks.py. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_callbacks.json" with { type: "json" };
import { readEvents } from "../../event_file.ts";
import { inFolder } from "../../in_folder.ts";

const { callbacks, layers } = keras;
type Logs = keras.callbacks.Logs;

/** The script's data and model. */
const x = tf.tensor2d(Array.from({ length: 8 }, (_, i) => [i / 8]));
const y = tf.tensor2d(Array.from({ length: 8 }, (_, i) => [3 * i / 8 - 1]));

function line(): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: [1] }),
    new layers.Dense({ units: 1, kernelInitializer: "ones", name: "line" }),
  ]);
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.1, useEma: true, emaMomentum: 0.8 }),
    loss: "mse",
    metrics: ["mae"],
  });
  return model;
}

const weightsOf = async (model: { weights: tf.Tensor[] }) =>
  (await Promise.all(model.weights.map((weight) => weight.data()))).flatMap((data) => [...data]);

function assertNear(actual: readonly number[], expected: readonly number[], what: string): void {
  assertEquals(actual.length, expected.length, what);
  actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 2e-6, `${what} ${i}`));
}

for (
  const [name, options] of [["swapped", {}], ["swapped on epoch", { swapOnEpoch: true }]] as const
) {
  Deno.test(`SwapEMAWeights, ${name}: losses and weights are Keras'`, async () => {
    const seen: number[][] = [];
    const model = line();
    const watch = new callbacks.LambdaCallback({
      onEpochEnd: async () => void seen.push(await weightsOf(model)),
    });
    const { history } = await model.fit(x, y, {
      batchSize: 4,
      epochs: 3,
      shuffle: false,
      verbose: 0,
      validationData: [x, y],
      callbacks: [new callbacks.SwapEMAWeights(options), watch],
    });
    const expected = golden[name];
    assertNear(history.loss, expected.loss, "loss");
    assertNear(history.val_loss, expected.val_loss, "val_loss");
    seen.forEach((weights, epoch) => assertNear(weights, expected.epochs[epoch], `epoch ${epoch}`));
    assertNear(await weightsOf(model), expected.end, "at the end");
  });
}

Deno.test("SwapEMAWeights: a training that is stopped early ends with the averages, evaluate has them alone", async () => {
  const [model, plain] = [line(), line()];
  const stop = () =>
    new callbacks.LambdaCallback({
      onEpochEnd: () => {
        model.stopTraining = plain.stopTraining = true;
      },
    });
  const options = { batchSize: 4, epochs: 3, shuffle: false, verbose: 0 } as const;
  await plain.fit(x, y, { ...options, callbacks: [stop()] });
  const swap = new callbacks.SwapEMAWeights({ swapOnEpoch: true });
  await model.fit(x, y, { ...options, callbacks: [swap, stop()] });
  assertEquals(await weightsOf(model), await weightsOf(plain));
  const before = await weightsOf(model);
  await model.evaluate(x, y, { verbose: 0, callbacks: [new callbacks.SwapEMAWeights()] });
  assertEquals(await weightsOf(model), before);
  const without = new keras.Sequential([new layers.Dense({ units: 1 })]);
  without.compile({ loss: "mse" });
  await assertRejects(
    () => without.fit(x, y, { verbose: 0, callbacks: [new callbacks.SwapEMAWeights()] }),
    Error,
    "the optimizer keeps no averages, expected one with useEma: true",
  );
});

Deno.test("TensorBoard: tags and steps are Keras', values are those of the logs", () =>
  inFolder(async (folder) => {
    const { history } = await line().fit(x, y, {
      batchSize: 4,
      epochs: 2,
      verbose: 0,
      validationData: [x, y],
      callbacks: [
        new callbacks.TensorBoard({
          logDir: folder,
          histogramFreq: 1,
          updateFreq: 2,
          writeImages: true,
        }),
      ],
    });
    const events = ["train", "validation"].flatMap((part) =>
      readEvents(`${folder}/${part}`).map((event) => ({ part, ...event }))
    );
    const named = (tag: string) =>
      tag.replace(/^model\//, "").replace(/_\d+\/histogram/, "/histogram");
    const written = events.map(({ part, tag, step }) => `${part} ${named(tag)} ${step}`);
    const expected = golden.tags.map(([part, tag, step]) =>
      `${part} ${named(String(tag))} ${step}`
    );
    assertEquals(written.sort(), expected.sort());
    for (const epoch of [0, 1]) {
      const value = (part: string, tag: string) =>
        events.find((one) => one.part === part && one.tag === tag && one.step === epoch)!.scalar!;
      assertEquals(value("train", "epoch_loss"), Math.fround(history.loss[epoch]));
      assertEquals(value("validation", "epoch_mae"), Math.fround(history.val_mae[epoch]));
      assertEquals(value("train", "epoch_learning_rate"), Math.fround(0.1));
    }
  }));

Deno.test("TensorBoard: images of kernels, steps a second, evaluate alone, and a training that diverged", () =>
  inFolder(async (folder) => {
    const model = new keras.Sequential([
      keras.Input({ shape: [4, 4, 2] }),
      new layers.Conv2D({ filters: 1, kernelSize: 3, name: "conv" }),
      new layers.Flatten(),
      new layers.Dense({ units: 3, name: "head" }),
    ]);
    model.compile({ loss: "mse", optimizer: new keras.optimizers.SGD({ learningRate: 1e30 }) });
    const [images, targets] = [tf.ones([4, 4, 4, 2]), tf.ones([4, 3])];
    const board = new callbacks.TensorBoard({
      logDir: folder,
      histogramFreq: 1,
      writeImages: true,
      writeStepsPerSecond: true,
    });
    await model.evaluate(images, targets, { verbose: 0, callbacks: [board] });
    assertEquals(readEvents(`${folder}/validation`).map(({ tag }) => tag), [
      "evaluation_loss_vs_iterations",
    ]);
    await model.fit(images, targets, { epochs: 3, verbose: 0, callbacks: [board] });
    const train = readEvents(`${folder}/train`);
    const ofFirst = train.filter(({ step }) => step === 0).map(({ tag }) => tag);
    for (
      const tag of [
        "head/kernel/image",
        "conv/kernel/image",
        "conv/kernel/image/1",
        "epoch_steps_per_second",
      ]
    ) {
      assert(ofFirst.some((one) => one.replace(/(kernel|bias)_\d+/, "$1") === tag), tag);
    }
    assert(train.every(({ tag, scalar }) => tag !== "epoch_steps_per_second" || scalar! > 0));
    assertEquals(train.filter(({ tag }) => tag === "epoch_loss").length, 3);
    assert(
      !train.some(({ tag, step }) => step === 2 && tag.endsWith("histogram")),
      "weights are NaN",
    );
    assertThrows(() => new callbacks.TensorBoard({ updateFreq: 0 }), RangeError, "updateFreq is 0");
    assertThrows(
      () => new callbacks.TensorBoard({ writeGraph: true } as never),
      TypeError,
      "writeGraph",
    );
  }));

/** A network with everything that a resumed training has to restore: an optimizer's slots, dropout, an order. */
function deep(): keras.Sequential {
  keras.setRandomSeed(7);
  const model = new keras.Sequential([
    keras.Input({ shape: [1] }),
    new layers.Dense({ units: 8, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 1 }),
  ]);
  // A function without a name: such a model cannot be saved whole.
  model.compile({
    optimizer: "adam",
    loss: (a, b) => tf.mean(tf.square(tf.sub(a, b)), -1),
  });
  return model;
}

const FIT = { epochs: 6, batchSize: 3, verbose: 0 } as const;

/** Breaks off when an epoch begins. */
const interruption = (at: number) =>
  new callbacks.LambdaCallback({
    onEpochBegin: (epoch) => {
      if (epoch === at) throw new Error("interrupted");
    },
  });

const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("BackupAndRestore: an interrupted training gives the same numbers, and leaves nothing behind", () =>
  inFolder(async (folder) => {
    const whole = deep();
    const { history: { loss } } = await whole.fit(x, y, FIT);
    const backup = () => new callbacks.BackupAndRestore({ backupDir: `${folder}/backup` });
    await assertRejects(
      () => deep().fit(x, y, { ...FIT, callbacks: [backup(), interruption(4)] }),
      Error,
      "interrupted",
    );
    assertEquals(files(`${folder}/backup`), ["backup-4-12.safetensors"]);
    const resumed = deep();
    keras.random.uniform([5]);
    const { history, epoch } = await resumed.fit(x, y, { ...FIT, callbacks: [backup()] });
    assertEquals(epoch, [4, 5]);
    assertEquals(history.loss, loss.slice(4));
    assertEquals(await weightsOf(resumed), await weightsOf(whole));
    assertEquals(files(folder), []);
  }));

Deno.test("BackupAndRestore: after a broken file the one before, every so many steps, files of others stay", () =>
  inFolder(async (backupDir) => {
    Deno.writeTextFileSync(`${backupDir}/notes.txt`, "mine");
    const backup = (options = {}) =>
      new callbacks.BackupAndRestore({ backupDir, doubleCheckpoint: true, ...options });
    await assertRejects(() => deep().fit(x, y, { ...FIT, callbacks: [backup(), interruption(3)] }));
    assertEquals(files(backupDir), [
      "backup-2-6.safetensors",
      "backup-3-9.safetensors",
      "notes.txt",
    ]);
    Deno.writeTextFileSync(`${backupDir}/backup-3-9.safetensors`, "broken");
    const kept = backup({ saveFreq: 4, deleteCheckpoint: false });
    const { epoch } = await deep().fit(x, y, { ...FIT, callbacks: [kept] });
    assertEquals(epoch, [2, 3, 4, 5]);
    assertEquals(
      files(backupDir),
      [
        "backup-4-12.safetensors",
        "backup-5-16.safetensors",
        "notes.txt",
      ].map((name, i) => i === 0 ? "backup-3-12.safetensors" : name),
    );
    const other = new keras.Sequential([new layers.Dense({ units: 1 })]);
    other.compile({ loss: "mse" });
    await assertRejects(
      () => other.fit(x, y, { ...FIT, callbacks: [backup()] }),
      Error,
      "does not fit model",
    );
    assertThrows(() => backup({ saveFreq: 0 }), RangeError, "saveFreq is 0");
  }));

Deno.test("TerminateOnNaN ends training after the step, or throws", async () => {
  const diverging = () => {
    const model = new keras.Sequential([
      keras.Input({ shape: [1] }),
      new layers.Dense({ units: 1 }),
    ]);
    model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 1e30 }), loss: "mse" });
    return model;
  };
  const seen: string[] = [];
  const watch = new callbacks.LambdaCallback({
    onTrainBatchEnd: (step, logs) => void seen.push(`${step} ${Number.isFinite(logs!.loss)}`),
    onTrainEnd: () => void seen.push("end"),
  });
  const log = console.log;
  const printed: unknown[] = [];
  console.log = (...values) => void printed.push(...values);
  const options = { batchSize: 2, epochs: 5, verbose: 0 } as const;
  try {
    await diverging().fit(x, y, { ...options, callbacks: [new callbacks.TerminateOnNaN(), watch] });
  } finally {
    console.log = log;
  }
  assertEquals(seen.slice(-2).map((text) => text.replace(/^\d+/, "")), [" false", "end"]);
  assert(seen.length < 8, seen.join());
  assert(String(printed[0]).includes("Invalid loss, terminating training"));
  seen.length = 0;
  const strict = new callbacks.TerminateOnNaN({ raiseError: true });
  await assertRejects(
    () => diverging().fit(x, y, { ...options, callbacks: [strict, watch] }),
    Error,
    "expected a finite number",
  );
  assert(!seen.includes("end"));
});

Deno.test("RemoteMonitor posts every epoch as a form or as JSON; a server that is away is warned of", async () => {
  const bodies: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const type = request.headers.get("content-type")!.split(";")[0];
      const key = request.headers.get("x-key");
      bodies.push([new URL(request.url).pathname, type, key, await request.text()].join(" "));
      return new Response("thanks");
    },
  );
  const root = `http://127.0.0.1:${server.addr.port}`;
  const form = new callbacks.RemoteMonitor({ root, field: "values", headers: { "x-key": "k" } });
  await form.onEpochEnd(2, { loss: 0.5 });
  await new callbacks.RemoteMonitor({ root, path: "/p", sendAsJson: true }).onEpochEnd(0, {
    loss: 1,
  });
  const encoded = new URLSearchParams({ values: '{"epoch":2,"loss":0.5}' });
  assertEquals(bodies, [
    `/publish/epoch/end/ application/x-www-form-urlencoded k ${encoded}`,
    '/p application/json  {"epoch":0,"loss":1}',
  ]);
  const warn = console.warn;
  const warnings: unknown[] = [];
  console.warn = (text) => void warnings.push(text);
  try {
    await new callbacks.RemoteMonitor({ root: "http://127.0.0.1:1" }).onEpochEnd(0, {});
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings, ["Could not reach RemoteMonitor root server at http://127.0.0.1:1"]);
});

Deno.test("CallbackList passes everything on, in a loop of one's own, and adds what is missing", async () => {
  const seen: string[] = [];
  const names = [
    "onTrainBegin",
    "onEpochBegin",
    "onTrainBatchBegin",
    "onTrainBatchEnd",
    "onTestBegin",
    "onTestBatchBegin",
    "onTestBatchEnd",
    "onTestEnd",
    "onPredictBegin",
    "onPredictBatchBegin",
    "onPredictBatchEnd",
    "onPredictEnd",
    "onEpochEnd",
    "onTrainEnd",
  ] as const;
  const watch = new callbacks.LambdaCallback(
    Object.fromEntries(names.map((name) => [name, () => {
      seen.push(name);
      return Promise.resolve();
    }])),
  );
  class Batches extends callbacks.Callback {
    override onBatchEnd(step: number, _logs?: Logs): void {
      seen.push(`batch ${step}`);
    }
  }
  const model = line();
  const list = new callbacks.CallbackList([watch, new Batches()], {
    addHistory: true,
    model,
    epochs: 4,
  });
  assertEquals(list.callbacks.length, 3);
  for (const name of names) {
    const run = list[name] as (first: unknown, logs?: Logs) => Promise<void>;
    if (/Batch|Epoch/.test(name)) await run.call(list, 1, { loss: 2 });
    else await run.call(list, {});
  }
  assertEquals(seen.filter((name) => name !== "batch 1"), [...names]);
  assertEquals(seen.includes("batch 1"), true);
  assertEquals(list.history!.history, { loss: [2] });
  assertEquals(list.callbacks.map(({ params }) => params.epochs), [4, 4, 4]);
  const own = new callbacks.History();
  assertEquals(new callbacks.CallbackList([own], { addHistory: true }).history, own);
  const { length } = new callbacks.CallbackList([], { addProgbar: true }).callbacks;
  assertEquals(length, 1);
});
