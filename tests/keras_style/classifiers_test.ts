import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import * as keras from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";

/** Images whose class is their brightness. */
function images(count: number, seed: number) {
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed) % 10);
  const images = Uint8Array.from(
    { length: count * 3072 },
    (_, i) => 20 * labels[Math.floor(i / 3072)] + (i * 7919 + seed) % 41,
  );
  return { images, labels, count, imageShape: [32, 32, 3] as const };
}

const train = images(96, 1);
const test = images(40, 2);

for (const mode of ["seed", "fixed"] as const) {
  Deno.test(`KerasClassifier in mode ${mode}: fits, evaluates and predicts`, async () => {
    keras.setRandomSeed(1);
    const classifier = new keras.KerasClassifier(mode);
    assertEquals(classifier.model.countParams(), 430_102);
    const history = await classifier.train(train, { validation: test, epochs: 3, verbose: 0 });
    assertEquals(Object.keys(history.history), ["accuracy", "loss", "val_accuracy", "val_loss"]);
    const score = await classifier.evaluate(test, { verbose: 0 });
    assertEquals(score.loss, history.history.val_loss[2]);
    assert(score.loss < history.history.val_loss[0]);
    const classes = await classifier.predict(test, { verbose: 0 });
    const right = classes.filter((value, i) => value === test.labels[i]).length;
    assertEquals(Math.fround(right / test.count), score.accuracy);
  });

  Deno.test(`KerasAdvancedClassifier in mode ${mode}: its own step is one call`, async () => {
    keras.setRandomSeed(1);
    const classifier = new keras.KerasAdvancedClassifier(mode);
    const batches = keras.batchesOf(train, 32, true);
    const { runs } = defaultRuntime().statistics;
    const seen: number[] = [];
    const history = await classifier.train(batches, {
      epochs: 3,
      onStep: (step) => seen.push(step),
    });
    assertEquals(seen, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assertEquals(defaultRuntime().statistics.runs - runs, 9);
    assertGreater(history.train[0].loss, history.train[2].loss);
    const score = await classifier.evaluate(keras.batchesOf(test, 32));
    const classes = await classifier.predict(keras.batchesOf(test, 32));
    const right = classes.filter((value, i) => value === test.labels[i]).length;
    assertEquals(Math.fround(right / test.count), score.accuracy);
  });
}

Deno.test("both classifiers start from the same weights for the same seed", async () => {
  const weights = async (make: () => { model: keras.Model }) => {
    keras.setRandomSeed(9);
    return [...await make().model.getWeights()[0].data()];
  };
  assertEquals(
    await weights(() => new keras.KerasClassifier()),
    await weights(() => new keras.KerasAdvancedClassifier()),
  );
});

Deno.test("imagesOf: bytes, 16 bits and floats keep their range; channels first", async () => {
  const valuesOf = async (
    images: keras.LabeledImages["images"],
    options: keras.ImagesOptions = {},
  ) => {
    const split = { images, labels: Uint8Array.of(0), count: 1, imageShape: [1, 2, 2] as const };
    const [rows] = keras.imagesOf(split, options);
    const [[x]] = [...keras.data.Dataset.fromTensorSlices([rows]).batch(1)];
    return [x.shape, [...await x.data()]];
  };
  const fractions = [0, 0.2, 1, 1].map(Math.fround);
  assertEquals(await valuesOf(Uint8Array.of(0, 51, 255, 255)), [[1, 1, 2, 2], fractions]);
  assertEquals(await valuesOf(Uint16Array.of(0, 13107, 65535, 65535)), [[1, 1, 2, 2], fractions]);
  const floats = Float32Array.of(0, -2, 300, 0.5);
  assertEquals(await valuesOf(floats), [[1, 1, 2, 2], [0, -2, 300, 0.5]]);
  assertEquals(await valuesOf(floats, { maxValue: 4 }), [[1, 1, 2, 2], [0, -0.5, 75, 0.125]]);
  assertEquals(
    await valuesOf(floats, { dataFormat: "channelsFirst" }),
    [[1, 2, 1, 2], [0, 300, -2, 0.5]],
  );
  const words = Uint16Array.of(0, 13107, 65535, 0);
  assertEquals(
    await valuesOf(words, { dataFormat: "channelsFirst" }),
    [[1, 2, 1, 2], [0, 1, 0.2, 0].map(Math.fround)],
  );
  await assertRejects(() => valuesOf(floats, { maxValue: NaN }), RangeError, "maxValue is NaN");
});
