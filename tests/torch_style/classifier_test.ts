import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { loadDataset, trainValidationSplit } from "../../fixtures/mod.ts";
import { createShapes10 } from "../../fixtures/shapes10/shapes10.ts";
import { defaultRuntime, openSession } from "../../onnx/mod.ts";
import { classesByOnnx } from "../../bench/styles/onnx_inference.ts";
import * as torch from "../../torch_style/mod.ts";

async function smallData() {
  const dataset = await loadDataset("shapes10", { limit: 400, seed: 1 });
  const { train, validation } = trainValidationSplit(dataset.train, 0.2);
  const load = (split: typeof train, batchSize = 32, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), {
      batchSize,
      shuffle,
    });
  return { train: load(train, 32, true), validation: load(validation), test: load(dataset.test) };
}

Deno.test("TorchClassifier learns, reports every epoch and step, and repeats itself for a seed", async () => {
  const run = async () => {
    torch.manualSeed(1);
    const { train, validation } = await smallData();
    const classifier = new torch.TorchClassifier("fixed");
    const steps: number[] = [];
    const epochs: number[] = [];
    const history = await classifier.train(train, {
      epochs: 3,
      validation,
      onStep: (step) => steps.push(step),
      onEpochEnd: (epoch) => void epochs.push(epoch),
    });
    assertEquals(epochs, [1, 2, 3]);
    assertEquals(steps, [1, 2, 3].flatMap(() => Array.from({ length: 10 }, (_, i) => i + 1)));
    assertEquals(history.validation.length, 3);
    return history;
  };
  const history = await run();
  assert(history.train[2].loss < history.train[0].loss);
  assertEquals(await run(), history);
});

async function* imagesOf(batches: torch.data.DataLoader) {
  for (const [x] of batches) yield { data: await x.data() as Float32Array, shape: x.shape };
}

Deno.test("in both modes the exported file predicts the classes that the network predicts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const mode of ["seed", "fixed"] as const) {
      torch.manualSeed(2);
      const { train, test } = await smallData();
      const classifier = new torch.TorchClassifier(mode);
      await classifier.train(train, { epochs: 1 });
      await classifier.export(`${folder}/${mode}.onnx`);
      const session = await openSession(`${folder}/${mode}.onnx`, "cpu");
      const own = await classifier.predict(test);
      assertEquals(own.length, 80);
      assertEquals(await classesByOnnx(session, imagesOf(test)), own);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("mode seed has the published quirks, mode fixed has not", async () => {
  const { test } = await smallData();
  const [[images]] = test;
  const scoresOf = async (mode: torch.TorchMode) => {
    torch.manualSeed(3);
    const { network } = new torch.TorchClassifier(mode);
    network.eval();
    const twice = [network(images), network(images)];
    return await Promise.all(twice.map(async (scores) => [...await scores.data()].map(Number)));
  };
  const [seedFirst, seedAgain] = await scoresOf("seed");
  assert(seedFirst.some((value, i) => value !== seedAgain[i]), "dropout at evaluation");
  assert(seedFirst.every((value) => value > 0 && value < 1), "softmaxed scores");
  const [fixedFirst, fixedAgain] = await scoresOf("fixed");
  assertEquals(fixedFirst, fixedAgain);
  assert(fixedFirst.some((value) => value < 0));
});

Deno.test("a training step and an evaluation batch are one call each", async () => {
  const { train, test } = await smallData();
  const classifier = new torch.TorchClassifier("fixed");
  await classifier.train(train, { epochs: 1 });
  const before = defaultRuntime().statistics.runs;
  await classifier.train(train, { epochs: 1 });
  assertEquals(defaultRuntime().statistics.runs - before, train.length);
  const between = defaultRuntime().statistics.runs;
  await classifier.evaluate(test);
  assertEquals(defaultRuntime().statistics.runs - between, test.length);
});

Deno.test("training stops at an abort between two steps", async () => {
  const { train } = await smallData();
  const controller = new AbortController();
  let steps = 0;
  await assertRejects(
    () =>
      new torch.TorchClassifier("fixed").train(train, {
        epochs: 2,
        signal: controller.signal,
        onStep: () => {
          if (++steps === 3) controller.abort(new Error("enough"));
        },
      }),
    Error,
    "enough",
  );
  assertEquals(steps, 3);
});

Deno.test("the variant in Keras' way: Glorot bounds, zero biases, images in [0, 1]", async () => {
  torch.manualSeed(1);
  const network = new torch.SeedNetwork({
    ...torch.torchVariants.fixed,
    initialization: "keras",
  });
  const bound = Math.sqrt(6 / (4096 + 100));
  const weights = await network.dense1.weight.data() as Float32Array;
  const largest = weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert(largest <= bound && largest > 0.99 * bound, `${largest} of ${bound}`);
  assert((await network.conv1.bias!.data()).every((value) => value === 0));
  const { train } = createShapes10({ limit: 40 });
  const [images] = new torch.ImageDataset(train, { range: [0, 1] }).getItem(0);
  const values = await images.data() as Float32Array;
  assertEquals(values[0], Math.fround(train.images[0] / 255));
  assertEquals(values[1024], Math.fround(train.images[1] / 255));
});

Deno.test("channels-last in memory: the same scores from the same weights but for the flattened order", async () => {
  torch.manualSeed(1);
  const first = new torch.SeedNetwork("fixed").eval();
  const last = new torch.SeedNetwork({ ...torch.torchVariants.fixed, channelsLast: true }).eval();
  last.loadStateDict(first.stateDict());
  // Channels-last features are flattened in another order: rearrange the weights that meet them.
  last.dense1.weight.array =
    first.dense1.weight.reshape([100, 64, 8, 8]).permute(0, 2, 3, 1).reshape([100, 4096]).array;
  const { train } = createShapes10({ limit: 40 });
  const batch = (channelsLast: boolean) =>
    new torch.ImageDataset(train, { channelsLast }).getItems(Int32Array.of(0, 1))[0];
  using _ = torch.noGrad();
  const [a, b] = [await first(batch(false)).data(), await last(batch(true)).data()];
  Array.from(a, Number).forEach((value, i) => assertAlmostEquals(value, Number(b[i]), 1e-5));
});
