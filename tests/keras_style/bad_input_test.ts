import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";

const { layers } = keras;
const x = { data: new Float32Array(24), shape: [6, 2, 2] };
const y = { data: Uint8Array.of(0, 1, 2, 0, 1, 2), shape: [6] };

function makeModel(): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: [2, 2] }),
    new layers.Flatten(),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({ loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

const quiet = { verbose: 0 } as const;
type Run = (model: keras.Sequential) => Promise<unknown>;
const withNaN = { ...x, data: x.data.slice().fill(NaN, 13, 14) };
const cases: [what: string, message: string, run: Run][] = [
  [
    "labels outside the classes",
    "fit: y[2] is 3, expected a class from 0 to 2",
    (model) => model.fit(x, { data: Uint8Array.of(0, 1, 3, 0, 1, 2), shape: [6] }, quiet),
  ],
  [
    "labels that are no integers",
    "fit: y[1] is 0.5, expected a class from 0 to 2",
    (model) => model.fit(x, [0, 0.5, 1, 0, 1, 2], quiet),
  ],
  [
    "NaN among the samples",
    "fit: x[3, 0, 1] is NaN, expected finite numbers",
    (model) => model.fit(withNaN, y, quiet),
  ],
  [
    "no samples",
    "fit: x has no samples, expected at least one",
    (model) => model.fit({ data: new Float32Array(0), shape: [0, 2, 2] }, y, quiet),
  ],
  [
    "samples of another shape",
    "fit: x has shape [6,4], expected [null, 2, 2] (null is any)",
    (model) => model.fit({ ...x, shape: [6, 4] }, y, quiet),
  ],
  [
    "labels of another shape",
    "fit: y has shape [6,3], expected [null] (null is any) for sparse_categorical_crossentropy",
    (model) => model.fit(x, { data: new Float32Array(18), shape: [6, 3] }, quiet),
  ],
  [
    "fewer labels than samples",
    "fit: x has 6 samples and y has 5, expected equally many",
    (model) => model.fit(x, { data: new Uint8Array(5), shape: [5] }, quiet),
  ],
  [
    "no labels",
    "fit: y is missing, expected samples",
    (model) => model.fit(x, undefined, quiet),
  ],
  [
    "numbers that do not fill the shape",
    "fit: x has 24 values, expected 20 for its shape [5,2,2]",
    (model) => model.fit({ ...x, shape: [5, 2, 2] }, y, quiet),
  ],
  [
    "something that is no array",
    "fit: x is 7, expected a tensor, an array of values or { data: typed array, shape: [...] }",
    (model) => model.fit(7 as unknown as tf.Tensor, y, quiet),
  ],
  [
    "a batch size of 0",
    "fit: batchSize is 0, expected an integer of at least 1",
    (model) => model.fit(x, y, { ...quiet, batchSize: 0 }),
  ],
  [
    "half an epoch",
    "fit: epochs is 0.5, expected an integer of at least 1",
    (model) => model.fit(x, y, { ...quiet, epochs: 0.5 }),
  ],
  [
    "an unknown verbosity",
    'fit: verbose is 3, expected "auto", 0, 1 or 2',
    (model) => model.fit(x, y, { verbose: 3 as 2 }),
  ],
  [
    "a validation split of 1",
    "fit: validationSplit is 1, expected from 0 to below 1",
    (model) => model.fit(x, y, { ...quiet, validationSplit: 1 }),
  ],
  [
    "a validation split that leaves nothing",
    "fit: validationSplit 0.9 of 6 samples leaves one part empty",
    (model) => model.fit(x, y, { ...quiet, validationSplit: 0.9 }),
  ],
  [
    "validation labels outside the classes",
    "fit: y of validationData[0] is 9, expected a class from 0 to 2",
    (model) =>
      model.fit(x, y, {
        ...quiet,
        validationData: [x, { data: new Uint8Array(6).fill(9), shape: [6] }],
      }),
  ],
  [
    "a data set that repeats for ever",
    "fit: x repeats for ever, expected stepsPerEpoch",
    (model) =>
      model.fit(
        keras.data.Dataset.fromTensorSlices([x, y]).batch(2).repeat(),
        undefined,
        quiet,
      ),
  ],
  [
    "labels beside a data set",
    "fit: y is given beside a data set, expected the labels in it",
    (model) => model.fit(keras.data.Dataset.fromTensorSlices([x, y]).batch(2), y, quiet),
  ],
  [
    "strings",
    "fit: x is a string tensor, expected float32, int32 or bool",
    (model) => model.fit(tf.tensor(["a"]), y, quiet),
  ],
  [
    "bad samples at prediction",
    "predict: x[3, 0, 1] is NaN, expected finite numbers",
    (model) => model.predict(withNaN, quiet),
  ],
  [
    "bad labels at evaluation",
    "evaluate: y[0] is 9",
    (model) => model.evaluate(x, { data: new Uint8Array(6).fill(9), shape: [6] }, quiet),
  ],
];

const { Dataset } = keras.data;
const badLabels = { data: Uint8Array.of(0, 1, 2, 0, 1, 9), shape: [6] };
const batched = (...arrays: keras.data.HostArray[]) => Dataset.fromTensorSlices(arrays).batch(2);
const onData = (dataset: keras.data.Dataset<keras.data.Element>) => (model: keras.Sequential) =>
  model.fit(dataset, undefined, { ...quiet, stepsPerEpoch: 1 });

cases.push(
  [
    "infinity among the samples",
    "fit: x[0, 0, 0] is Infinity, expected finite numbers",
    (model) => model.fit({ ...x, data: x.data.slice().fill(Infinity, 0, 1) }, y, quiet),
  ],
  [
    "negative labels",
    "fit: y[0] is -1, expected a class from 0 to 2",
    (model) => model.fit(x, [-1, 0, 1, 2, 0, 1], quiet),
  ],
  [
    "samples of another rank, as nested arrays",
    "fit: x has shape [2,2], expected [null, 2, 2] (null is any)",
    (model) => model.fit([[1, 2], [3, 4]], [0, 1], quiet),
  ],
  [
    "samples of another rank, as a tensor",
    "evaluate: x has shape [6], expected [null, 2, 2] (null is any)",
    (model) => model.evaluate(tf.tensor1d([1, 2, 3, 4, 5, 6]), y, quiet),
  ],
  [
    "uneven rows",
    "fit: x is an array of uneven rows or of something else than numbers",
    (model) => model.fit([[1, 2], [3]], [0, 1], quiet),
  ],
  [
    "a single number",
    "fit: y has shape [], expected at least one axis",
    (model) => model.fit(x, tf.scalar(1), quiet),
  ],
  [
    "nothing to evaluate",
    "evaluate: x has no samples, expected at least one",
    (model) => model.evaluate({ data: new Float32Array(0), shape: [0, 2, 2] }, y, quiet),
  ],
  [
    "nothing to predict",
    "predict: x has no samples, expected at least one",
    (model) => model.predict({ data: new Float32Array(0), shape: [0, 2, 2] }, quiet),
  ],
  [
    "samples of another rank at prediction",
    "predict: x has shape [6,4], expected [null, 2, 2] (null is any)",
    (model) => model.predict({ ...x, shape: [6, 4] }, quiet),
  ],
  [
    "NaN among the samples at evaluation",
    "evaluate: x[3, 0, 1] is NaN, expected finite numbers",
    (model) => model.evaluate(withNaN, y, quiet),
  ],
  [
    "NaN among validation samples",
    "fit: x of validationData[3, 0, 1] is NaN, expected finite numbers",
    (model) => model.fit(x, y, { ...quiet, validationData: [withNaN, y] }),
  ],
  [
    "validation data that is no list",
    "fit: validationData is no list of two or three, expected [x, y], [x, y, sampleWeight] or a data set",
    (model) => model.fit(x, y, { ...quiet, validationData: x as never }),
  ],
  [
    "an epoch before the first",
    "fit: initialEpoch is -1, expected an integer of at least 0",
    (model) => model.fit(x, y, { ...quiet, initialEpoch: -1 }),
  ],
  [
    "labels outside the classes, late in a shuffled and repeated data set",
    "fit: y[5] is 9, expected a class from 0 to 2",
    onData(Dataset.fromTensorSlices([x, badLabels]).shuffle(6).batch(2).repeat()),
  ],
  [
    "NaN late in a data set",
    "fit: x[3, 0, 1] is NaN, expected finite numbers",
    onData(batched(withNaN, y)),
  ],
  [
    "a data set of images of another shape",
    "fit: x has shape [2,4], expected [null, 2, 2] (null is any)",
    onData(batched({ ...x, shape: [6, 4] }, y)),
  ],
  [
    "a data set that was not batched",
    "fit: x is a data set of single samples, expected batches: call batch(size)",
    onData(Dataset.fromTensorSlices([x, y])),
  ],
  [
    "a data set without labels",
    "fit: x is a data set whose elements have 1 tensors, expected 1 of inputs, 1 of labels",
    onData(batched(x)),
  ],
  [
    "a data set without batches",
    "fit: x is a data set without batches",
    onData(batched(x, y).skip(3)),
  ],
  [
    "bad labels in a data set of validation",
    "fit: y[5] is 9",
    (model) => model.fit(x, y, { ...quiet, validationData: batched(x, badLabels) }),
  ],
  [
    "bad labels in a data set at evaluation",
    "evaluate: y[5] is 9",
    (model) => model.evaluate(batched(x, badLabels), undefined, quiet),
  ],
  [
    "NaN in a data set at prediction",
    "predict: x[3, 0, 1] is NaN",
    (model) => model.predict(batched(withNaN), quiet),
  ],
  [
    "a data set that repeats for ever at prediction",
    "predict: x repeats for ever, expected a data set with an end",
    (model) => model.predict(batched(x).repeat(), quiet),
  ],
);

for (const [what, message, run] of cases) {
  Deno.test(`refused before any training: ${what}`, async () => {
    const model = makeModel();
    const before = [...await model.getWeights()[0].data()];
    const { runs } = defaultRuntime().statistics;
    await assertRejects(() => run(model), Error, message);
    assertEquals(defaultRuntime().statistics.runs, runs);
    assertEquals([...await model.getWeights()[0].data()], before);
  });
}

Deno.test("a model that was not compiled says so", async () => {
  const model = new keras.Sequential([new layers.Dense({ units: 1, inputShape: [1] })], {
    name: "plain",
  });
  for (const method of ["fit", "evaluate"] as const) {
    await assertRejects(
      () => model[method](x, y, quiet) as Promise<unknown>,
      Error,
      `${method}: model "plain" is not compiled, expected compile({ optimizer, loss, metrics })`,
    );
  }
});

Deno.test("compile refuses names that there are not", async () => {
  const model = makeModel();
  assertThrows(
    () => model.compile({ optimizer: "rmspop" as "rmsprop", loss: "mse" }),
    Error,
    'compile: optimizer is "rmspop", expected one of Adadelta, Adafactor, Adagrad, Adam',
  );
  assertThrows(
    () => model.compile({ loss: "hinge?" as "hinge" }),
    Error,
    'compile: loss is "hinge?"',
  );
  assertThrows(
    () => model.compile({ loss: "mse", metrics: ["accuracy", "f9" as "mse"] }),
    Error,
    'compile: metrics is "f9", expected a metric, a function or one of AUC',
  );
  model.compile({ loss: { other: "mse" } });
  await assertRejects(
    () => model.fit(x, y, quiet),
    Error,
    'compile: loss names "other", expected names of outputs',
  );
  model.compile({});
  await assertRejects(() => model.fit(x, y, quiet), Error, "compile: loss is missing");
});

Deno.test("a layer added after compile asks for another compile", async () => {
  const model = makeModel();
  model.add(new layers.Dense({ units: 2 }));
  await assertRejects(() => model.fit(x, y, quiet), Error, "is not compiled");
});
