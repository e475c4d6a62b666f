/** Layers that change images by chance, whose results no golden file has: bounds, seeds, shares and directions. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;
const images = tf.tidy(() =>
  tf.reshape(tf.mod(tf.mul(tf.range(0, 4 * 12 * 10 * 3), 37), 101).div(100), [4, 12, 10, 3])
);
const valueRange = [0, 1] as const;
const made: Readonly<Record<string, (seed: number) => keras.Layer>> = {
  RandAugment: (seed) => layers.RandAugment(valueRange, 2, 0.4, { seed }),
  AugMix: (seed) => layers.AugMix(valueRange, 2, 1, { seed }),
  RandomPerspective: (seed) => layers.RandomPerspective(1, 0.8, { seed }),
  RandomElasticTransform: (seed) => layers.RandomElasticTransform({ seed, valueRange }),
  RandomGaussianBlur: (seed) => layers.RandomGaussianBlur([1, 1], 5, { seed, valueRange }),
};

const same = (a: tf.Tensor, b: tf.Tensor) => tf.all(tf.equal(a, b)).array() as unknown as number;

for (const [name, make] of Object.entries(made)) {
  Deno.test(`${name}: changes while training only, within the range, as its seed says, in a traced step too`, async () => {
    const once = make(7)(images, { training: true });
    assertEquals(once.shape, images.shape);
    assertEquals(await same(once, images), 0);
    assertEquals(await same(make(7)(images, { training: true }), once), 1);
    assertEquals(await same(make(8)(images, { training: true }), once), 0);
    assertEquals(await same(make(7)(images, { training: false }), images), 1);
    const [low, high] = [(await tf.min(once).data())[0], (await tf.max(once).data())[0]];
    assert(low >= -1e-6 && high <= 1 + 1e-6, `${low} ${high}`);
    const one = tf.squeeze(tf.slice(images, [0, 0, 0, 0], [1, 12, 10, 3]), [0]);
    assertEquals(make(7)(one).shape, [12, 10, 3]);
    const layer = make(7);
    const step = keras.tfFunction((x: tf.Tensor) => layer(x, { training: true }));
    const results = [await step(images), await step(images), await step(images)] as tf.Tensor[];
    const repeats = await same(results[0], results[1]) + await same(results[1], results[2]);
    assert(repeats < 2, "every call draws afresh");
    const first = keras.layers.deserialize(keras.layers.serialize(layer)) as keras.Layer;
    assertEquals(first.getConfig(), layer.getConfig());
  });
}

Deno.test("RandAugment goes through each of its layers, AugMix leaves some out", () => {
  assertEquals(layers.RandAugment().steps.length, 11);
  assertEquals(layers.AugMix().steps.length, 11);
  assertEquals(layers.AugMix({ allOps: false }).steps.length, 7);
});

Deno.test("RandomPerspective: a straight edge stays straight, the first corner stays", async () => {
  const ramp = tf.tidy(() =>
    tf.tile(tf.reshape(tf.range(0, 32), [1, 1, 32, 1]), [6, 32, 1, 1]).div(31)
  );
  const seen = layers.RandomPerspective(1, 0.3, { seed: 3, fillValue: -1 })(ramp);
  const values = await seen.array() as number[][][][];
  for (const image of values) assertAlmostEquals(image[0][0][0], 0, 1e-3);
  // Where x' = (a x + b y) / (c x + d y + 1), 1 / x' is linear along a row's points of equal depth: here a cross ratio.
  for (const image of values) {
    const row = image[8].map(([value]) => value).slice(4, 20).filter((value) => value > 0.02);
    if (row.length < 8) continue;
    const [p, q, r, s] = [row[0], row[2], row[4], row[6]];
    assertAlmostEquals((r - p) * (s - q) / ((r - q) * (s - p)), 4 / 3, 2e-2);
  }
});

Deno.test("RandomElasticTransform moves pixels by as much as it says, in both directions alike", async () => {
  const size = 40;
  const place = (axis: number) => {
    const shape = [1, 1, 1, 1];
    shape[axis] = size;
    return tf.tile(tf.reshape(tf.range(0, size), shape), [
      16,
      axis === 1 ? 1 : size,
      axis === 2 ? 1 : size,
      1,
    ]);
  };
  const both = tf.concat([place(1), place(2)], 3);
  const layer = layers.RandomElasticTransform([1, 1], [1, 1], {
    seed: 5,
    valueRange: [-100, 100],
    fillMode: "nearest",
  });
  const moved = tf.sub(layer(both), both);
  const middle = tf.slice(moved, [0, 12, 12, 0], [16, 16, 16, 2]);
  // Noise of deviation sigma = 2 under a filter of deviation 2 and width 13: 2 times the root of the sum of squares; reach 4.
  const { mean, variance } = tf.moments(middle, [0, 1, 2]);
  const bell = Array.from({ length: 13 }, (_, i) => Math.exp(-0.5 * ((i - 6) / 2) ** 2));
  const sum = bell.reduce((a, b) => a + b, 0);
  const expected = 4 * 2 * bell.reduce((a, b) => a + (b / sum) ** 2, 0);
  for (const value of await tf.sqrt(variance).data()) {
    assertAlmostEquals(value, expected, 0.15 * expected);
  }
  // About 80 independent pixels: four standard errors.
  for (const value of await mean.data()) assertAlmostEquals(value, 0, 4 * expected / Math.sqrt(80));
  const [down, right] = tf.split(middle, 2, 3);
  const together = (await tf.mean(tf.mul(down, right)).data())[0] / expected ** 2;
  assertAlmostEquals(together, 0, 0.2);
});

const refused: [run: () => unknown, message: string][] = [
  [() => layers.RandomGaussianBlur({ kernelSize: 4 }), "kernelSize is 4, expected an odd number"],
  [() => layers.RandomPerspective({ scale: 1.5 }), "scale is 1.5, expected a number from 0 to 1"],
  [() => layers.RandAugment({ factor: 2 }), "factor is 2, expected a number or [from, to] within"],
  [() => layers.Equalization({ bins: 1 }), "bins is 1, expected an integer of at least 2"],
  [() => layers.AugMix({ alpha: 0 }), "alpha is 0, expected a number above 0"],
  [
    () => layers.IntegerLookup({ vocabulary: [3, 3] }),
    "vocabulary has 3 twice, expected each integer once",
  ],
  [() => layers.IntegerLookup()(tf.tensor([1], [1], "int32")), "no vocabulary is known"],
  [() => layers.ConvLSTM2D(2, 3, { strides: 2, dilationRate: 2 }), "expected one of them to be 1"],
  [() => layers.ConvLSTM2D(0, 3), "ConvLSTM2D: filters is 0, expected an integer of at least 1"],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}

Deno.test("ConvLSTM2D trains in a model, channels first gives what channels last gives, and keeps its state", async () => {
  const x = keras.random.normal([2, 3, 5, 4, 2], { seed: 3 });
  const last = layers.ConvLSTM2D(3, 2, { returnState: true, returnSequences: true });
  const found = last(x) as unknown as tf.Tensor[];
  const first = layers.ConvLSTM2D(3, 2, {
    returnState: true,
    returnSequences: true,
    dataFormat: "channels_first",
  });
  const turned = tf.transpose(x, [0, 1, 4, 2, 3]);
  first(turned);
  first.setWeights(last.getWeights());
  const others = first(turned) as unknown as tf.Tensor[];
  const shapes = [[2, 3, 3, 4, 3], [2, 3, 4, 3], [2, 3, 4, 3]];
  assertEquals(others.map(({ shape }) => shape), shapes);
  for (const [i, other] of others.entries()) {
    const back = tf.transpose(other, i === 0 ? [0, 1, 3, 4, 2] : [0, 2, 3, 1]);
    assertAlmostEquals((await tf.max(tf.abs(tf.sub(back, found[i]))).data())[0], 0, 1e-6);
  }
  const symbolic = first(keras.Input([3, 2, 5, 4])) as unknown as keras.KerasTensor[];
  assertEquals(symbolic.map(({ shape }) => shape.slice(1)), shapes.map((shape) => shape.slice(1)));
  const input = keras.Input({ batchShape: [2, 3, 5, 4, 2] });
  const stateful = layers.ConvLSTM2D(2, 2, { stateful: true });
  const model = new keras.Model(input, layers.GlobalAveragePooling2D()(stateful(input)));
  const before = await (await model.predictOnBatch(x) as tf.Tensor).data();
  const after = await (await model.predictOnBatch(x) as tf.Tensor).data();
  assert(before.some((value, i) => value !== after[i]), "the state goes on");
  stateful.resetState();
  assertEquals(await (await model.predictOnBatch(x) as tf.Tensor).data(), before);
  model.compile({ optimizer: keras.optimizers.Adam(0.05), loss: "mse" });
  const { history } = await model.fit(x, tf.ones([2, 2]), { epochs: 4, batchSize: 2, verbose: 0 });
  assert(history.loss[3] < history.loss[0]);
});
