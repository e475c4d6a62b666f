/** A trial: what the styles make of any model, recipe and images, and how it ends. */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import type { RecipeChange } from "../../../bench/recipes/mod.ts";
import { runTrial, type TrialImages } from "../../../bench/runner/trials/run_trial.ts";
import { StepClock } from "../../../bench/runner/measuring/step_clock.ts";
import { type StyleName, styleNames, type TrialEvent } from "../../../bench/runner/trials/trial.ts";
import { inFolder } from "../../in_folder.ts";
import { trial, trialFor } from "./trial_requests.ts";

/** A test for each style. */
function inAllStyles(name: string, run: (style: StyleName) => Promise<void>): void {
  for (const style of styleNames) Deno.test(`${style}: ${name}`, () => run(style));
}

inAllStyles("mlp learns images of 28x28x1 and of 32x32x3", async (style) => {
  for (const imageShape of [[28, 28, 1], [32, 32, 3]] as const) {
    const change = { epochs: 3, batchSize: 16, ...sgd(0.05) };
    const result = await trial({ style, imageShape, change });
    assertEquals([result.state, result.error], ["done", null]);
    assertEquals(result.parameters, imageShape[2] === 1 ? 669_706 : 1_841_162);
    const [first, , last] = result.history;
    assert(last.valLoss < first.valLoss, `${first.valLoss} to ${last.valLoss}`);
    assertEquals([result.stepMs!.count, result.inputMs!.count], [18, 18]);
    assert(result.imagesPerSecond! > 0 && result.peakMemoryMiB! > 50);
    assertEquals(result.onnxAgreement, 1);
    assertEquals(result.confusion!.flat().reduce((sum, n) => sum + n), 40);
  }
});

/** Plain SGD in both idioms. */
function sgd(rate: number): RecipeChange {
  const constants = { momentum: 0, nesterov: false };
  return {
    keras: { optimizer: { name: "SGD", learningRate: rate, ...constants } },
    torch: { optimizer: { name: "SGD", lr: rate, ...constants } },
  };
}

// Bits are the machine's; another order of draws is far beyond this tolerance.
const published: Record<StyleName, [valLoss: number, testLoss: number]> = {
  keras: [2.20987, 2.20979],
  "keras-advanced": [2.19916, 2.19935],
  torch: [2.15983, 2.28755],
};

inAllStyles("the published experiment's draws stay in their order", async (style) => {
  const result = await trial({
    style,
    model: "published_cnn",
    recipe: "published",
    imageShape: [32, 32, 3],
    change: { epochs: 2 },
  });
  assertEquals(result.state, "done");
  const [valLoss, testLoss] = published[style];
  assertAlmostEquals(result.history[1].valLoss, valLoss, 2e-3);
  assertAlmostEquals(result.testLoss!, testLoss, 2e-3);
});

inAllStyles("the step's clock starts when the batch lies ready", async (style) => {
  const [request, images] = await trialFor({ style });
  const train = { ...images.train, images: images.train.images.slice() };
  let steps = 0;
  /** While a step's time is taken, the images are black: a batch that is read then has another loss. */
  class HidingClock extends StepClock {
    override start(): void {
      super.start();
      steps++;
      train.images.fill(0);
    }
    override stop(): number {
      train.images.set(images.train.images);
      return super.stop();
    }
  }
  const run = (clock: StepClock) =>
    runTrial(request, { ...images, train }, {
      signal: new AbortController().signal,
      send: () => {},
      clock,
    });
  const [plain, hidden] = [await run(new StepClock()), await run(new HidingClock())];
  assertEquals([steps, hidden.error], [3, null]);
  assertEquals(hidden.history[0].loss, plain.history[0].loss);
});

inAllStyles("a schedule that ends at 0 leaves the weights as they are", async (style) => {
  const schedule = { kind: "step", epochs: 1, factor: 0 } as const;
  const { history: [first, second, third], error } = await trial({
    style,
    change: { epochs: 3, schedule, ...sgd(0.05) },
  });
  assertEquals(error, null);
  assertEquals([second.valLoss, third.valLoss], [first.valLoss, first.valLoss]);
  const constant = await trial({ style, change: { epochs: 2, ...sgd(0.05) } });
  assertEquals(constant.history[0].valLoss, first.valLoss);
  assert(constant.history[1].valLoss !== first.valLoss);
});

const losses = async (options: Parameters<typeof trial>[0]) => {
  const result = await trial(options);
  assertEquals(result.error, null);
  return [...result.history.map(({ loss }) => loss), result.testLoss!];
};

inAllStyles("every option of a recipe changes what is trained", async (style) => {
  const idiom = style === "torch" ? "torch" : "keras";
  const changes: Record<string, RecipeChange> = {
    labelSmoothing: { labelSmoothing: 0.1 },
    horizontalFlip: { augmentation: { horizontalFlip: "random" } },
    crop: { augmentation: { crop: { padding: 2, fill: "black" } } },
    inputRange: { [idiom]: { inputRange: [-2, 0] } },
    optimizer: sgd(0.01),
    rate: idiom === "torch"
      ? { torch: { optimizer: { lr: 0.01 } } }
      : { keras: { optimizer: { learningRate: 0.01 } } },
    weightDecay: { weightDecay: { kind: "decoupled", rate: 0.5, on: "all" } },
    batchSize: { batchSize: 8 },
    cosine: { schedule: { kind: "cosine", warmupSteps: 2, finalFactor: 0.1 } },
  };
  const plain = await losses({ style });
  assertEquals(await losses({ style }), plain);
  for (const [name, change] of Object.entries(changes)) {
    assert(String(await losses({ style, change })) !== String(plain), name);
  }
});

inAllStyles("bytes, 16 bits and floats of the same images train alike", async (style) => {
  const [request, images] = await trialFor({ style, change: { epochs: 2, ...sgd(0.05) } });
  const kinds = {
    bytes: (pixels: Uint8Array) => pixels,
    words: (pixels: Uint8Array) => Uint16Array.from(pixels, (value) => 257 * value),
    floats: (pixels: Uint8Array) => Float32Array.from(pixels, (value) => value / 255),
  };
  const losses: number[] = [];
  for (const kind of Object.values(kinds)) {
    const as = (split: TrialImages["train"]) => ({
      ...split,
      images: kind(split.images as Uint8Array),
      labels: Int32Array.from(split.labels),
    });
    const same = {
      train: as(images.train),
      validation: as(images.validation),
      test: as(images.test),
    };
    const settings = { signal: new AbortController().signal, send: () => {} };
    const { testLoss, error } = await runTrial(request, same, settings);
    assertEquals(error, null);
    losses.push(testLoss!);
  }
  for (const loss of losses) assertAlmostEquals(loss, losses[0], 1e-4);
});

inAllStyles("augmented images train channels-first too", async (style) => {
  const layout = style === "torch" ? "channels-last" : "channels-first";
  const augmentation = { horizontalFlip: "random", crop: { padding: 1, fill: "black" } } as const;
  const options = { style, layout, model: "published_cnn" } as const;
  const plain = await losses({ ...options, change: { epochs: 2 } });
  const changed = await losses({ ...options, change: { epochs: 2, augmentation } });
  assert(plain[0] !== changed[0] && plain[1] !== changed[1]);
});

Deno.test("torch: channels-last in memory is the same training", async () => {
  const options = { model: "published_cnn", change: { ...sgd(0.01) } };
  const [first, last] = [
    await losses(options),
    await losses({ ...options, layout: "channels-last" }),
  ];
  first.forEach((loss, i) => assertAlmostEquals(loss, last[i], 1e-5));
});

Deno.test("the published quirks: torch differs from fixed, Keras' softmax does not change its loss", async () => {
  const both = async (style: StyleName) => [
    await trial({ style, recipe: "published", model: "published_cnn" }),
    await trial({ style, recipe: "fixed", model: "published_cnn" }),
  ];
  const [torch, fixedTorch] = await both("torch");
  assert(torch.history[0].loss !== fixedTorch.history[0].loss);
  const [keras, fixedKeras] = await both("keras");
  assertAlmostEquals(keras.history[0].loss, fixedKeras.history[0].loss, 1e-5);
  const [mlp] = [await trial({ recipe: "published", model: "mlp" })];
  assertMatch(mlp.notes.join(), /no nn.Dropout module/);
});

inAllStyles("a loss that is no number ends the training", async (style) => {
  const events: TrialEvent[] = [];
  const change = { epochs: 3, ...sgd(1e30) };
  const result = await trial({ style, change }, { send: (event) => events.push(event) });
  assertEquals(result.state, "diverged");
  assertMatch(result.error!, /^the (validation |test )?loss is (NaN|-?Infinity) after /);
  assertMatch(
    result.error!,
    /; the first tensor of the state that is not finite is \S*(kernel|weight|bias)/,
  );
  assert(result.history.length < 3);
  assert(!JSON.stringify(events).includes("null"), "no value that JSON cannot hold");
});

inAllStyles("a training ends at the accuracy that was asked for", async (style) => {
  const result = await trial({
    style,
    change: { epochs: 40, ...sgd(0.05) },
    more: { untilAccuracy: 0.2 },
  });
  assertEquals([result.state, result.error], ["done", null]);
  assert(result.history.length < 40 && result.history.at(-1)!.valAccuracy >= 0.2);
  assert(result.secondsToAccuracy! > 0 && result.secondsToAccuracy! <= result.fitSeconds!);
});

inAllStyles(
  "a training that was killed after it had reached its accuracy is not trained further",
  (style) =>
    inFolder(async (folder) => {
      const more = { untilAccuracy: 0.05, stateFolder: `${folder}/state` };
      const options = { style, change: { epochs: 4 }, more };
      const first = await trial(options);
      const again = await trial(options);
      assertEquals([again.state, again.history], ["done", first.history]);
      assertEquals(again.testLoss, first.testLoss);
      assert(again.secondsToAccuracy! > 0);
    }),
);

inAllStyles("a stopped training gives what it has measured", async (style) => {
  const controller = new AbortController();
  const result = await trial({ style, change: { epochs: 5 } }, {
    signal: controller.signal,
    send: (event) => event.type === "epochEnd" && event.record.epoch === 2 && controller.abort(),
  });
  assertEquals([result.state, result.error, result.history.length], ["stopped", null, 2]);
  assertEquals(result.testLoss, null);
});

inAllStyles(
  "a training that was interrupted ends in the same values as an unbroken one",
  (style) =>
    inFolder(async (folder) => {
      const schedule = { kind: "cosine", warmupSteps: 2, finalFactor: 0 } as const;
      const augmentation = {
        horizontalFlip: "random",
        crop: { padding: 1, fill: "black" },
      } as const;
      const change = { epochs: 4, schedule, augmentation };
      const options = { style, change, model: "published_cnn" };
      const whole = await trial({ ...options, more: { warmup: 1 } });
      const controller = new AbortController();
      const more = { stateFolder: `${folder}/state`, warmup: 1 };
      await trial({ ...options, more }, {
        signal: controller.signal,
        send: (event) => event.type === "epochStart" && event.epoch === 3 && controller.abort(),
      });
      // A state whose writing was cut short.
      await Deno.mkdir(`${folder}/state/epoch-3.part-abc`);
      const resumed = await trial({ ...options, more });
      assertMatch(resumed.notes.join(), /went on after epoch 2/);
      assertEquals(resumed.testLoss, whole.testLoss);
      const values = ({ history }: typeof whole) => history.map(({ seconds: _, ...rest }) => rest);
      assertEquals(values(resumed), values(whole));
      assertEquals(resumed.inputMs!.count, whole.inputMs!.count - 1, "two first steps");
      const left = Array.from(Deno.readDirSync(`${folder}/state`), ({ name }) => name).sort();
      assertEquals(left, ["epoch-4", "progress.json"]);
    }),
);

const kept: Record<string, RecipeChange> = {
  "averages and the best epoch": {
    weightAverage: { decay: 0.9, overwriteEvery: null },
    earlyStopping: { patience: 4, minDelta: 0, restoreBest: true },
  },
  // Three steps an epoch: the slow weights are not the others when the run is broken off.
  "slow weights, and a first layer that is trained no more": {
    lookahead: { every: 2, decay: 0.5, power: 1 },
    firstLayerEpochs: 1,
  },
  // 96 images in batches of 32: three batches an epoch, of which an update waits for the next one's.
  "gradients that wait for the next epoch": { accumulation: 2 },
};

for (const [what, change] of Object.entries(kept)) {
  inAllStyles(`an interrupted training has kept ${what}`, (style) =>
    inFolder(async (folder) => {
      const options = { style, change: { epochs: 4, order: "shared" as const, ...change } };
      const whole = await trial(options);
      const controller = new AbortController();
      const more = { stateFolder: `${folder}/state` };
      await trial({ ...options, more }, {
        signal: controller.signal,
        send: (event) => event.type === "epochStart" && event.epoch === 2 && controller.abort(),
      });
      const resumed = await trial({ ...options, more });
      assertMatch(resumed.notes.join(), /went on after epoch 1/);
      assertEquals(resumed.testLoss, whole.testLoss);
      assertEquals(
        resumed.history.map(({ valLoss }) => valLoss),
        whole.history.map(({ valLoss }) => valLoss),
      );
    }));
}

inAllStyles("a step's floating-point operations are those of the network", async (style) => {
  const peakFlops = 1e12;
  const { stepFlops, flopsPerSecond, peakShare, stepMs } = await trial({
    style,
    imageShape: [32, 32, 3],
    more: { peakFlops },
  });
  // Three products a dense layer (two for the first, whose input needs no gradient), 2 operations a multiply-add.
  const [first, others] = [3072 * 512, 512 * 512 + 512 * 10];
  const products = 2 * 32 * (2 * first + 3 * others);
  assert(stepFlops! > products && stepFlops! < 1.2 * products, `${stepFlops}, ${products}`);
  assertAlmostEquals(flopsPerSecond!, stepFlops! / (stepMs!.median / 1000), 1);
  assertAlmostEquals(peakShare!, flopsPerSecond! / peakFlops, 1e-12);
});

inAllStyles("--profile tells forward, backward and update apart", async (style) => {
  const { split, error } = await trial({ style, more: { profile: true } });
  assertEquals(error, null);
  const { forwardMs, backwardMs, updateMs } = split!;
  assert(forwardMs > 0 && backwardMs >= 0 && updateMs >= 0, JSON.stringify(split));
});

const root = new URL("../../../mod.ts", import.meta.url).href;
const toy = (text: string) => `import { keras, torch } from "${root}";\n${text}`;

const userModels: [string, StyleName, string, RegExp][] = [
  [
    "two_outputs",
    "torch",
    `export class TorchModel extends torch.nn.Module {
      head = new torch.nn.Linear(192, 2);
      forward(x) { return this.head(x.flatten(1)); }
    }`,
    /two_outputs.ts: the model gives 2 outputs for 10 classes$/,
  ],
  [
    "two_outputs_keras",
    "keras",
    `export const kerasModel = ({ inputShape }) => new keras.Sequential([
      keras.Input({ shape: inputShape }), new keras.layers.Flatten(), new keras.layers.Dense({ units: 2 })]);`,
    /two_outputs_keras.ts: the model gives 2 outputs for 10 classes$/,
  ],
  [
    "throws",
    "keras-advanced",
    `\nexport function kerasModel() {\n  throw new Error("not written yet");\n}`,
    /throws.ts:4:\d+: not written yet$/,
  ],
  [
    "wrong_shape",
    "torch",
    `export class TorchModel extends torch.nn.Module {
  head = new torch.nn.Linear(5, 10);
  forward(x) {
    return this.head(x.flatten(1));
  }
}`,
    /wrong_shape.ts:5:\d+: linear: mat1 and mat2 shapes cannot be multiplied/,
  ],
  [
    "no_model",
    "torch",
    `export const kerasModel = () => "a model";`,
    /no_model.ts: there is no class TorchModel, so the PyTorch idiom cannot be trained$/,
  ],
  [
    "no_keras_model",
    "keras",
    `export const kerasModel = () => "a model";`,
    /gives a model, expected a keras.Model/,
  ],
];

for (const [name, style, text, message] of userModels) {
  Deno.test(`a user's model that cannot be trained is one line: ${name}`, () =>
    inFolder(async (folder) => {
      const file = `${folder}/${name}.ts`;
      await Deno.writeTextFile(file, toy(text));
      const { state, error } = await trial({ style, file });
      assertEquals(state, "failed");
      assertMatch(error!, message);
      assertEquals(error!.split("\n").length, 1);
    }));
}

Deno.test("images that are too small for a model, and a builder that ignores dataFormat, are refused", () =>
  inFolder(async (folder) => {
    const small = await trial({ model: "published_cnn", imageShape: [3, 8, 1] });
    assertEquals(small.error, "model published_cnn takes images of at least 4x4, got 3x8");
    const file = `${folder}/mine.ts`;
    await Deno.writeTextFile(
      file,
      toy(`export const kerasModel = ({ inputShape, classes }) => new keras.Sequential([
        keras.Input({ shape: inputShape }), new keras.layers.Conv2D({ filters: 4, kernelSize: 3 }),
        new keras.layers.Flatten(), new keras.layers.Dense({ units: classes })]);`),
    );
    const { error } = await trial({ style: "keras", file, layout: "channels-first" });
    assertMatch(error!, /kerasModel does not pass dataFormat on to its layers/);
    assertEquals((await trial({ style: "keras", file })).state, "done");
  }));
