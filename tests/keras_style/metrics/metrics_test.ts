import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { golden, scattered } from "../golden.ts";

const { metrics } = keras;

async function number(tensor: tf.Tensor): Promise<number> {
  return (await tensor.data())[0];
}

Deno.test("SparseCategoricalAccuracy gathers over batches as Keras' does", async () => {
  const metric = new metrics.SparseCategoricalAccuracy();
  const scores = tf.tensor(scattered(24, 7, 23), [6, 4]);
  assertEquals(metric.name, "sparse_categorical_accuracy");
  const batches = [[0, 1, 2, 3, 0, 1], [3, 3, 1, 0, 2, 2]];
  for (const [i, labels] of batches.entries()) {
    metric.updateState(tf.tensor1d(labels, "int32"), scores);
    assertAlmostEquals(await number(metric.result()), golden.accuracy[i], 1e-6);
  }
  metric.resetState();
  assertEquals(await number(metric.result()), 0);
});

Deno.test("Mean weighs what it is told to weigh; a call takes in and gives the result", async () => {
  const mean = new metrics.Mean();
  mean.updateState(tf.scalar(2), tf.scalar(3));
  mean.updateState(tf.scalar(6), tf.scalar(1));
  assertEquals(await number(mean.result()), 3);
  assertEquals(await number(mean(tf.tensor1d([8, 8, 8, 8]))), 5.5);
});

Deno.test("the other accuracies count what is right", async () => {
  const hot = tf.tensor2d([[0, 1], [1, 0], [0, 1]]);
  const scores = tf.tensor2d([[0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]);
  assertAlmostEquals(await number(new metrics.CategoricalAccuracy()(hot, scores)), 2 / 3, 1e-6);
  const shares = tf.tensor2d([[0.4], [0.6], [0.9], [0.1]]);
  const answers = tf.tensor1d([0, 1, 0, 0]);
  assertEquals(await number(new metrics.BinaryAccuracy()(answers, shares)), 0.75);
  assertEquals(
    await number(new metrics.BinaryAccuracy({ threshold: 0.95 })(answers, shares)),
    0.75,
  );
  assertEquals(await number(new metrics.Accuracy()(answers, tf.tensor1d([0, 1, 1, 1]))), 0.5);
});
