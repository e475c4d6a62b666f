/** Weights of samples and classes, losses of several outputs: values and names against Keras'. */
import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { assertClose } from "../golden.ts";
import {
  COUNT,
  first,
  kinds,
  oneHead,
  otherWeights,
  sizes,
  training,
  twoHeads,
  weights,
  x,
} from "../keras_training.ts";

const inOrder = { shuffle: false, verbose: 0 } as const;
const sgd = () => new keras.optimizers.SGD({ learningRate: 0.1 });

function assertHistory(
  actual: Record<string, number[]>,
  expected: Readonly<Record<string, number[]>>,
): void {
  assertEquals(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    assertClose(actual[name], values, 1e-5, name);
  }
}

function twoHeadsByName(): keras.Model {
  const model = twoHeads();
  model.compile({
    optimizer: sgd(),
    loss: { kind: "sparse_categorical_crossentropy", size: "mse" },
    lossWeights: { size: 0.5 },
    metrics: { kind: ["accuracy"], size: ["mae", "mse"] },
    weightedMetrics: { kind: ["accuracy"], size: ["mae"] },
  });
  return model;
}

Deno.test("two outputs with losses, metrics and weights by name: Keras' values and names", async () => {
  const model = twoHeadsByName();
  const { history } = await model.fit(x, { kind: kinds, size: sizes }, {
    ...inOrder,
    epochs: 3,
    batchSize: 4,
    sampleWeight: { kind: weights, size: otherWeights },
    validationData: [
      first(8, x),
      [first(8, kinds), first(8, sizes)],
      [first(8, otherWeights), first(8, weights)],
    ],
  });
  assertHistory(history, training.headsByName.history);
  const scores = await model.evaluate(x, [kinds, sizes], {
    batchSize: 4,
    verbose: 0,
    returnDict: true,
  });
  const expected = Object.entries(training.headsByName.evaluate);
  assertHistory(
    Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, [value]])),
    Object.fromEntries(expected.map(([name, value]) => [name, [value]])),
  );
});

Deno.test("two outputs with losses in order; one array of weights is for both", async () => {
  const model = twoHeads();
  model.compile({
    optimizer: sgd(),
    loss: ["sparse_categorical_crossentropy", "mae"],
    metrics: [["accuracy"], ["mse"]],
  });
  const { history } = await model.fit(x, [kinds, sizes], {
    ...inOrder,
    epochs: 2,
    batchSize: 4,
    sampleWeight: weights,
  });
  assertHistory(history, training.headsInOrder.history);
});

Deno.test("the same from a data set of [x, kind, size, weights]", async () => {
  const model = twoHeads();
  model.compile({
    optimizer: sgd(),
    loss: ["sparse_categorical_crossentropy", "mae"],
    metrics: [["accuracy"], ["mse"]],
  });
  const dataset = keras.data.Dataset.fromTensorSlices([x, kinds, sizes, weights]).batch(4);
  const { history } = await model.fit(dataset, undefined, { epochs: 2, verbose: 0 });
  assertHistory(history, training.headsInOrder.history);
});

const cases = {
  sampleWeight: { sampleWeight: weights },
  classWeight: { classWeight: { 0: 0.5, 2: 3 } },
} as const;

for (const [name, options] of Object.entries(cases)) {
  Deno.test(`${name}: Keras' losses, metrics, validation and weights`, async () => {
    const model = oneHead();
    model.compile({
      optimizer: sgd(),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
      weightedMetrics: ["accuracy"],
    });
    const { history } = await model.fit(x, kinds, {
      ...inOrder,
      ...options,
      epochs: 2,
      batchSize: 5,
      validationSplit: 0.25,
    });
    const expected = training[name as keyof typeof cases];
    assertHistory(history, expected.history);
    assertClose(await model.getWeights()[0].data(), expected.weights, 1e-5, "weights");
  });
}

Deno.test("evaluate counts samples by their weights; weights of 1 change nothing", async () => {
  const model = oneHead();
  model.compile({ loss: "sparseCategoricalCrossentropy", weightedMetrics: ["accuracy"] });
  const run = (sampleWeight?: Float32Array) =>
    model.evaluate(x, kinds, {
      verbose: 0,
      batchSize: 4,
      ...sampleWeight ? { sampleWeight: { data: sampleWeight, shape: [COUNT] } } : {},
    });
  assertEquals(await run(new Float32Array(COUNT).fill(1)), await run());
  const half = new Float32Array(COUNT).fill(0.5);
  const [[loss, accuracy], [halved, sameAccuracy]] = [await run(), await run(half)];
  assertClose([halved, sameAccuracy], [loss / 2, accuracy], 1e-6, "halved");
});

Deno.test("a loss over rows takes a weight for each sample", async () => {
  const loss = new keras.losses.MeanSquaredError({ reduction: "none" });
  const ones = tf.ones([2, 3, 4]);
  const weighted = loss(tf.zeros([2, 3, 4]), ones, tf.tensor1d([1, 2]));
  assertEquals([...await weighted.data()], [1, 1, 1, 2, 2, 2]);
});

const refused: [string, string, keras.FitOptions][] = [
  ["weights of another count", "fit: x has 12 samples and sampleWeight has 2", {
    sampleWeight: [1, 2],
  }],
  ["weights that are NaN", "fit: sampleWeight[1] is NaN, expected finite numbers", {
    sampleWeight: { data: new Float32Array(COUNT).fill(NaN, 1, 2), shape: [COUNT] },
  }],
  ["weights in rows", "fit: sampleWeight has shape [12,2], expected one number a sample", {
    sampleWeight: { data: new Float32Array(COUNT * 2), shape: [COUNT, 2] },
  }],
  ["classes that are no numbers", "fit: classWeight has 2 for class NaN", {
    classWeight: { cat: 2 } as unknown as keras.ClassWeight,
  }],
  ["negative weights of classes", "fit: classWeight has -1 for class 0, expected values", {
    classWeight: { 0: -1 },
  }],
  ["both", "fit: classWeight is given beside sampleWeight, expected one of them", {
    classWeight: { 0: 1 },
    sampleWeight: weights,
  }],
];

for (const [what, message, options] of refused) {
  Deno.test(`refused before any training: ${what}`, async () => {
    const model = oneHead();
    model.compile({ loss: "sparseCategoricalCrossentropy" });
    await assertRejects(() => model.fit(x, kinds, { ...inOrder, ...options }), Error, message);
    assertEquals((await model.optimizer.iterations.data())[0], 0);
  });
}

Deno.test("weights of classes are for one output, and not beside weights in a data set", async () => {
  const model = twoHeadsByName();
  await assertRejects(
    () => model.fit(x, [kinds, sizes], { ...inOrder, classWeight: { 0: 1 } }),
    TypeError,
    "fit: classWeight is given for 2 outputs, expected a model with one",
  );
  const one = oneHead();
  one.compile({ loss: "sparseCategoricalCrossentropy" });
  const dataset = keras.data.Dataset.fromTensorSlices([x, kinds, weights]).batch(4);
  await assertRejects(
    () => one.fit(dataset, undefined, { ...inOrder, classWeight: { 0: 1 } }),
    TypeError,
    "fit: classWeight is given beside weights in the data set, expected one of them",
  );
});

Deno.test("weights of classes count the same for arrays and for data sets", async () => {
  const classWeight = { 0: 0.5, 2: 3 };
  const train = async (run: (model: keras.Model) => Promise<keras.callbacks.History>) => {
    const model = oneHead();
    model.compile({ optimizer: sgd(), loss: "sparseCategoricalCrossentropy" });
    return (await run(model)).history.loss;
  };
  const options = { ...inOrder, epochs: 2, classWeight };
  const arrays = await train((model) => model.fit(x, kinds, { ...options, batchSize: 4 }));
  const dataset = keras.data.Dataset.fromTensorSlices([x, kinds]).batch(4);
  const { shuffle: _, ...others } = options;
  assertClose(await train((model) => model.fit(dataset, others)), arrays, 1e-6, "losses");
});
