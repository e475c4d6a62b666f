/** The classifiers of the walkthrough, for any model, loss and optimizer. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import { TorchModel } from "../../../bench/models/published_cnn/torch.ts";
import * as mlp from "../../../bench/models/mlp/torch.ts";
import {
  batchesOf,
  KerasAdvancedClassifier,
  KerasClassifier,
  TorchClassifier,
} from "../../../bench/styles/classifiers.ts";
import { classesByOnnx } from "../../../bench/styles/onnx_inference.ts";
import type { ImageSplit } from "../../../fixtures/mod.ts";
import * as keras from "../../../keras_style/mod.ts";
import { defaultRuntime, openSession } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inFolder } from "../../in_folder.ts";
import { brightImages } from "./small_images.ts";

const train = brightImages(96, 1);
const test = brightImages(40, 2);
const quiet = { verbose: 0 } as const;

const kerasNetwork = () => kerasModel({ inputShape: [32, 32, 3], classes: 10 });

/** The network with a softmax at its end, as the published recipe has it. */
function withSoftmax(): keras.Model {
  const inputs = keras.Input({ shape: [32, 32, 3] });
  const outputs = new keras.layers.Softmax()(kerasNetwork()(inputs));
  return new keras.Model({ inputs, outputs });
}

const kinds = {
  logits: () => ({ model: kerasNetwork() }),
  probabilities: () => ({
    model: withSoftmax(),
    loss: new keras.losses.SparseCategoricalCrossentropy(),
    optimizer: new keras.optimizers.Adam(),
  }),
};

for (const [kind, parts] of Object.entries(kinds)) {
  Deno.test(`KerasClassifier on ${kind}: fits, evaluates and predicts`, async () => {
    keras.setRandomSeed(1);
    const classifier = new KerasClassifier(parts());
    const { history } = await classifier.train(train, { validation: test, epochs: 3, ...quiet });
    assertEquals(Object.keys(history), ["accuracy", "loss", "val_accuracy", "val_loss"]);
    const score = await classifier.evaluate(test, quiet);
    assertEquals(score.loss, history.val_loss[2]);
    assert(score.loss < history.val_loss[0]);
    const classes = await classifier.predict(test, quiet);
    const right = classes.filter((value, i) => value === test.labels[i]).length;
    assertEquals(Math.fround(right / test.count), score.accuracy);
  });

  Deno.test(`KerasAdvancedClassifier on ${kind}: its own step is one call`, async () => {
    keras.setRandomSeed(1);
    const classifier = new KerasAdvancedClassifier(parts());
    const batches = batchesOf(train, 32, { shuffle: true });
    const { runs } = defaultRuntime().statistics;
    const seen: number[] = [];
    const history = await classifier.train(batches, {
      epochs: 3,
      onStep: (step) => seen.push(step),
    });
    assertEquals(seen, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assertEquals(defaultRuntime().statistics.runs - runs, 9);
    assertGreater(history.train[0].loss, history.train[2].loss);
    const score = await classifier.evaluate(batchesOf(test, 32));
    const classes = await classifier.predict(batchesOf(test, 32));
    const right = classes.filter((value, i) => value === test.labels[i]).length;
    assertEquals(Math.fround(right / test.count), score.accuracy);
  });
}

const { images, labels, imageShape } = brightImages(3, 0);

/** Images with given classes. */
function split(classes: number[]): ImageSplit {
  const count = classes.length;
  return {
    images: images.slice(0, count * images.length / 3),
    labels: Uint8Array.from(classes),
    count,
    imageShape,
  };
}

Deno.test("KerasClassifier refuses bad splits before any training", async () => {
  const classifier = new KerasClassifier({ model: kerasNetwork() });
  const good = split([0, 1]);
  const runs: [() => Promise<unknown>, string][] = [
    [
      () => classifier.train(split([0, 10]), quiet),
      "fit: y[1] is 10, expected a class from 0 to 9",
    ],
    [() => classifier.train(split([]), quiet), "fit: x has no samples, expected at least one"],
    [
      () => classifier.train(good, { ...quiet, validation: split([11]) }),
      "fit: y of validationData[0] is 11, expected a class from 0 to 9",
    ],
    [
      () => classifier.train({ ...good, count: 3 }, quiet),
      "fit: x has 6144 values, expected 9216 for its shape [3,32,32,3]",
    ],
    [() => classifier.evaluate(split([12]), quiet), "evaluate: y[0] is 12"],
    [() => classifier.predict(split([]), quiet), "predict: x has no samples"],
  ];
  for (const [run, message] of runs) await assertRejects(run, RangeError, message);
  assertEquals((await classifier.model.optimizer.iterations.data())[0], 0);
});

Deno.test("KerasAdvancedClassifier refuses bad batches before any training", async () => {
  const classifier = new KerasAdvancedClassifier({ model: kerasNetwork() });
  const good = batchesOf(split([0, 1, 2]), 2);
  const bad = batchesOf(split([0, 1, 10]), 2, { shuffle: true });
  const x = { data: new Float32Array(12), shape: [3, 4] };
  const small = keras.data.Dataset.fromTensorSlices([x, { data: labels, shape: [3] }]).batch(2);
  const once = { epochs: 1 };
  const runs: [() => Promise<unknown>, string][] = [
    [() => classifier.train(bad, once), "train: y of batches[2] is 10, expected a class from 0"],
    [
      () => classifier.train(good, { ...once, validation: bad }),
      "train: y of validation[2] is 10, expected a class from 0 to 9",
    ],
    [
      () => classifier.train(small, once),
      "train: x of batches has shape [2,4], expected [null, 32, 32, 3] (null is any)",
    ],
    [() => classifier.train(good.skip(2), once), "train: batches is a data set without batches"],
    [
      () => classifier.train([] as never, once),
      "train: batches is , expected a data set of batches",
    ],
    [() => classifier.train(good, { epochs: 0 }), "train: epochs is 0, expected an integer"],
    [() => classifier.evaluate(bad), "evaluate: y of batches[2] is 10"],
    [() => classifier.predict(small), "predict: x of batches has shape [2,4]"],
  ];
  for (const [run, message] of runs) await assertRejects(run, Error, message);
  assertEquals((await classifier.optimizer.iterations.data())[0], 0);
});

const load = (split: ImageSplit, batchSize = 32, shuffle = false) =>
  new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize, shuffle });

function torchClassifier(options: { dropoutAtEvaluation?: boolean } = {}): TorchClassifier {
  const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
  const optimizer = new torch.optim.RMSprop(network.parameters(), { lr: 0.001 });
  return new TorchClassifier({ network, optimizer, ...options });
}

Deno.test("TorchClassifier learns, reports every epoch and step, and repeats itself for a seed", async () => {
  const run = async () => {
    torch.manualSeed(1);
    const classifier = torchClassifier();
    const steps: number[] = [];
    const epochs: number[] = [];
    const history = await classifier.train(load(train, 32, true), {
      epochs: 3,
      validation: load(test),
      onStep: (step) => steps.push(step),
      onEpochEnd: (epoch) => void epochs.push(epoch),
    });
    assertEquals(epochs, [1, 2, 3]);
    assertEquals(steps, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assertEquals(history.validation.length, 3);
    return history;
  };
  const history = await run();
  assert(history.train[2].loss < history.train[0].loss);
  assertEquals(await run(), history);
});

Deno.test("TorchClassifier trains another network by another optimizer and criterion", async () => {
  torch.manualSeed(1);
  const network = new mlp.TorchModel({ inputShape: [3, 32, 32], classes: 10 });
  const classifier = new TorchClassifier({
    network,
    optimizer: new torch.optim.SGD(network.parameters(), { lr: 0.01, momentum: 0.9 }),
    criterion: new torch.nn.CrossEntropyLoss({ labelSmoothing: 0.1 }),
  });
  const { train: scores } = await classifier.train(load(train), { epochs: 5 });
  assertGreater(scores[0].loss, scores[4].loss);
});

Deno.test("with and without dropout at evaluation the exported file predicts what the network predicts", () =>
  inFolder(async (folder) => {
    for (const dropoutAtEvaluation of [true, false]) {
      torch.manualSeed(2);
      const classifier = torchClassifier({ dropoutAtEvaluation });
      await classifier.train(load(train), { epochs: 1 });
      const path = `${folder}/${dropoutAtEvaluation}.onnx`;
      await classifier.export(path, [3, 32, 32]);
      const session = await openSession(path, "cpu");
      const own = await classifier.predict(load(test));
      assertEquals(own.length, test.count);
      const batches = async function* () {
        for (const [x] of load(test)) {
          yield { data: await x.data() as Float32Array, shape: x.shape };
        }
      };
      assertEquals(await classesByOnnx(() => session, batches()), own);
    }
  }));

Deno.test("dropout at evaluation: two evaluations differ; without it they are the same", async () => {
  for (const dropoutAtEvaluation of [true, false]) {
    torch.manualSeed(3);
    const classifier = torchClassifier({ dropoutAtEvaluation });
    const [first, second] = [
      await classifier.evaluate(load(test)),
      await classifier.evaluate(load(test)),
    ];
    assertEquals(first.loss !== second.loss, dropoutAtEvaluation);
    // The next evaluation of the other kind does not inherit anything, nor does predict.
    assertEquals(await classifier.predict(load(test)), await classifier.predict(load(test)));
  }
});

Deno.test("a training step and an evaluation batch are one call each", async () => {
  const classifier = torchClassifier();
  await classifier.train(load(train), { epochs: 1 });
  const before = defaultRuntime().statistics.runs;
  await classifier.train(load(train), { epochs: 1 });
  assertEquals(defaultRuntime().statistics.runs - before, 3);
  const between = defaultRuntime().statistics.runs;
  await classifier.evaluate(load(test));
  assertEquals(defaultRuntime().statistics.runs - between, 2);
});

Deno.test("training stops at an abort between two steps, and where it is over after an epoch", async () => {
  const trainings = {
    torch: (options: { epochs: number }) => torchClassifier().train(load(train), options),
    keras: (options: { epochs: number }) =>
      new KerasAdvancedClassifier({ model: kerasNetwork() }).train(batchesOf(train, 32), options),
  };
  for (const start of Object.values(trainings)) {
    const controller = new AbortController();
    let steps = 0;
    const options = {
      epochs: 3,
      signal: controller.signal,
      onStep: () => {
        if (++steps === 2) controller.abort(new Error("enough"));
      },
    };
    await assertRejects(() => start(options), Error, "enough");
    assertEquals(steps, 2);
    const over = { epochs: 3, isOver: () => true };
    assertEquals((await start(over)).train.length, 1);
  }
});

Deno.test("the classifiers' weights come from the model: the same seed, the same training", async () => {
  const losses = async (make: () => Promise<number>) => {
    keras.setRandomSeed(9);
    return await make();
  };
  const options = { epochs: 1, batchSize: 96, shuffle: false, ...quiet };
  const fitted = await losses(async () => {
    const { history } = await new KerasClassifier({ model: kerasNetwork() }).train(train, options);
    return history.loss[0];
  });
  const own = await losses(async () => {
    const classifier = new KerasAdvancedClassifier({ model: kerasNetwork() });
    return (await classifier.train(batchesOf(train, 96), { epochs: 1 })).train[0].loss;
  });
  assertAlmostEquals(fitted, own, 1e-6);
});

/** A classifier with what it is trained and evaluated on: evaluations that lie between its steps must not disturb it. */
const concurrent = {
  KerasAdvancedClassifier: () => {
    keras.setRandomSeed(1);
    const classifier = new KerasAdvancedClassifier({ model: kerasNetwork() });
    return {
      train: () => classifier.train(batchesOf(train, 32), { epochs: 1 }),
      evaluate: (size: number) => classifier.evaluate(batchesOf(test, size)),
    };
  },
  TorchClassifier: () => {
    torch.manualSeed(1);
    const classifier = torchClassifier();
    return {
      train: () => classifier.train(load(train, 32, false), { epochs: 1 }),
      evaluate: (size: number) => classifier.evaluate(load(test, size, false)),
    };
  },
};

for (const [name, make] of Object.entries(concurrent)) {
  Deno.test(`${name}: evaluations at once and between the steps are right, a second training is refused`, async () => {
    const alone = make();
    const start = await alone.evaluate(8);
    const { train: [expected] } = await alone.train();
    const end = await alone.evaluate(8);

    const { train, evaluate } = make();
    const both = await Promise.all([evaluate(8), evaluate(20), evaluate(8)]);
    for (const score of both) {
      assertAlmostEquals(score.loss, start.loss, 1e-5);
      assertEquals(score.accuracy, start.accuracy);
    }
    const training = train();
    await assertRejects(train, Error, "is being trained by another call");
    await evaluate(8);
    assertEquals((await training).train[0], expected);
    assertEquals(await evaluate(8), end);
  });
}
