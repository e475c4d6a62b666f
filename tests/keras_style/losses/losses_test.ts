import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { assertClose, golden, scattered } from "../golden.ts";

const [ROWS, CLASSES] = [6, 4];
const scores = scattered(ROWS * CLASSES, 7, 23).map((value) => value * 3);
const labels = [0, 1, 2, 3, 0, 1];

function shares(): Float32Array {
  const result = scores.slice();
  for (let row = 0; row < ROWS; row++) {
    const part = result.subarray(row * CLASSES, (row + 1) * CLASSES);
    const powers = part.map(Math.exp);
    part.set(powers.map((value) => value / powers.reduce((a, b) => a + b)));
  }
  result.set([1, 0, 0, 0, 0, 0, 1, 0]);
  return result;
}

const { losses } = keras;
type Case = [name: keyof typeof golden.losses, loss: keras.losses.Loss, sparse: boolean];
const cases: Case[] = [
  ["sparseLogits", new losses.SparseCategoricalCrossentropy({ fromLogits: true }), true],
  ["sparseShares", new losses.SparseCategoricalCrossentropy(), true],
  ["categoricalLogits", new losses.CategoricalCrossentropy({ fromLogits: true }), false],
  ["categoricalShares", new losses.CategoricalCrossentropy(), false],
  ["binaryLogits", new losses.BinaryCrossentropy({ fromLogits: true }), false],
  ["binaryShares", new losses.BinaryCrossentropy(), false],
  ["meanSquared", new losses.MeanSquaredError(), false],
  ["meanAbsolute", new losses.MeanAbsoluteError(), false],
];

for (const [name, loss, sparse] of cases) {
  Deno.test(`${name}: loss and gradient are Keras', at probabilities of 0 and 1 too`, async () => {
    const given = name.endsWith("Shares") ? shares() : scores;
    const predictions = tf.tensor(given, [ROWS, CLASSES]);
    const truth = sparse
      ? tf.tensor1d(labels, "int32")
      : tf.oneHot(tf.tensor1d(labels, "int32"), CLASSES);
    using tape = new keras.GradientTape();
    tape.watch(predictions);
    const value = loss(truth, predictions);
    const gradient = tape.gradient(value, predictions)!;
    const expected = golden.losses[name];
    assertAlmostEquals((await value.data())[0], expected.loss, 1e-5);
    assertClose(await gradient.data(), expected.gradient, 2e-5, `${name} gradient`);
  });
}

Deno.test("labels [n, 1] are labels [n]; weights and reductions do what Keras says", async () => {
  const predictions = tf.tensor(scores, [ROWS, CLASSES]);
  const column = tf.tensor2d(labels, [ROWS, 1], "int32");
  const make = (reduction: keras.losses.Reduction) =>
    new losses.SparseCategoricalCrossentropy({ fromLogits: true, reduction });
  const each = await make("none")(column, predictions).data();
  assertEquals(each.length, ROWS);
  const [sum] = await make("sum")(column, predictions).data();
  assertAlmostEquals(sum, golden.losses.sparseLogits.loss * ROWS, 1e-4);
  const weight = tf.tensor1d([1, 0, 0, 0, 0, 2]);
  const [weighted] = await make("sumOverBatchSize")(column, predictions, weight).data();
  assertAlmostEquals(weighted, (each[0] + 2 * each[5]) / ROWS, 1e-5);
});

Deno.test("an unknown reduction is refused", () => {
  assertThrows(
    () => new losses.MeanSquaredError({ reduction: "average" as "sum" }),
    RangeError,
    'MeanSquaredError: reduction is "average", expected one of "sumOverBatchSize", "sum"',
  );
});

Deno.test("other classes' logits of -Infinity, or NaN in another row, leave a row's loss and gradient as they are", async () => {
  const logits = tf.tensor([[1, -Infinity, 2, -Infinity], [NaN, 1, 2, 3], [1, 0, 2, 0.5]]);
  const truth = tf.tensor1d([0, 1, 2], "int32");
  const loss = new losses.SparseCategoricalCrossentropy({ fromLogits: true, reduction: "none" });
  using tape = new keras.GradientTape();
  tape.watch(logits);
  const each = loss(truth, logits);
  const gradient = tape.gradient(tf.slice(each, 0, 1), logits)!;
  const [first, second, third] = await each.data();
  const share = 1 / (1 + Math.E);
  assertAlmostEquals(first, -Math.log(share), 1e-6);
  assert(Number.isNaN(second) && Number.isFinite(third));
  assertClose(
    [...await gradient.data()].slice(0, 4),
    [share - 1, 0, 1 - share, 0],
    1e-6,
    "gradient",
  );
  const generalized = losses.categoricalGeneralizedCrossEntropy([0], [[0.25, Infinity]], {
    q: 0.5,
  });
  assertClose(await generalized.data(), [1], 1e-6, "generalized");
  const masked = tf.tensor([[[0, 1, -Infinity], [2, 0, -Infinity]]]);
  const finite = tf.where(tf.isFinite(masked), masked, tf.fill(masked.shape, -1e9));
  const [ctc, expected] = [losses.ctc([[1]], masked), losses.ctc([[1]], finite)];
  assertClose(await ctc.data(), [...await expected.data()], 1e-6, "ctc");
});
