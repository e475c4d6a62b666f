/** A step that fails costs that step: weights, optimizer, running statistics, metrics and random numbers are as before it. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { randomStream } from "../../../keras_style/tracing/random.ts";
import { inFolder } from "../../in_folder.ts";

const { layers } = keras;
const quiet = { verbose: 0, shuffle: false } as const;
const good = [[0, 1, 2], [3, 4, 0], [1, 1, 1], [2, 0, 4]];
const labels = [0, 1, 0, 1];

function network(): keras.Sequential {
  keras.setRandomSeed(5);
  const model = new keras.Sequential([
    keras.Input({ shape: [3], dtype: "int32" }),
    new layers.Embedding({ inputDim: 5, outputDim: 4 }),
    new layers.Flatten(),
    new layers.BatchNormalization(),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 2, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: "adam",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Everything that a step changes. */
async function stateOf(model: keras.Sequential): Promise<unknown> {
  const variables = [...model.variables, ...model.optimizer.variables];
  const values = await Promise.all(variables.map(async (v) => [v.name, ...await v.data()]));
  return { values, random: randomStream().state };
}

/** A batch that fails, and what is said of it. */
const failing: Record<string, [batch: number[][], message: string]> = {
  "an index that is too large": [
    [[0, 1, 2], [3, 4, 9]],
    "GatherV2: the index value 9 is not in [0, 4]",
  ],
  "a negative index": [
    [[0, 1, 2], [3, -1, 2]],
    "GatherV2: the index value -1 is not in [0, 4]",
  ],
};

for (const [what, [bad, message]] of Object.entries(failing)) {
  Deno.test(`a step of fit that fails by ${what} leaves everything as it was, and training goes on`, () =>
    inFolder(async (folder) => {
      const model = network();
      await model.fit(good, labels, quiet);
      const before = await stateOf(model);
      await assertRejects(() => model.fit(bad, [0, 1], quiet), RangeError, message);
      assertEquals(await stateOf(model), before);
      await model.save(`${folder}/model.keras`);
      await model.fit(good, labels, quiet);
      const after = await stateOf(model);
      assertNotEquals(after, before);

      const undisturbed = network();
      await undisturbed.fit(good, labels, quiet);
      await undisturbed.fit(good, labels, quiet);
      const withoutNames = ({ values, random }: { values: unknown[][]; random: unknown }) => ({
        values: values.map(([, ...numbers]) => numbers),
        random,
      });
      type State = Parameters<typeof withoutNames>[0];
      assertEquals(
        withoutNames(after as State),
        withoutNames(await stateOf(undisturbed) as State),
      );
    }));
}

Deno.test("an index that is out of range is refused by evaluate, predict and single batches too", async () => {
  const model = network();
  const bad = [[0, 1, 7]];
  const message = "GatherV2: the index value 7 is not in [0, 4]";
  await assertRejects(() => model.evaluate(bad, [0], { verbose: 0 }), RangeError, message);
  await assertRejects(() => model.predict(bad, { verbose: 0 }), RangeError, message);
  await assertRejects(() => model.trainOnBatch(bad, [0]), RangeError, message);
  await assertRejects(() => model.testOnBatch(bad, [0]), RangeError, message);
  await model.evaluate(good, labels, { verbose: 0 });
});

Deno.test("calls in flight behind one that fails are taken back with it, random numbers as well", async () => {
  keras.setRandomSeed(3);
  const state = tf.variable(tf.zeros([1500]));
  const step = keras.tfFunction((indices: tf.Tensor) => {
    const noise = keras.random.uniform([1500]);
    state.assign(tf.add(state, tf.add(noise, tf.gather(noise, indices as tf.Tensor1D).sum())));
    return tf.sum(state);
  });
  const call = (index: number) => step(tf.tensor1d([index], "int32"));
  await call(1).data();
  const before = [await state.data(), randomStream().state];
  const calls = [call(2000), call(2), call(3)].map((result) => result.data());
  for (const result of await Promise.allSettled(calls)) assertEquals(result.status, "rejected");
  assertEquals([await state.data(), randomStream().state], before);
  await call(1).data();
  state.dispose();
});

Deno.test("a call that fails without anybody reading its results is told of at the next read, once", async () => {
  const state = tf.variable(tf.zeros([1500]));
  const step = keras.tfFunction((indices: tf.Tensor) => {
    state.assign(tf.add(state, tf.gather(state, indices as tf.Tensor1D).sum()));
  });
  step(tf.tensor1d([-3], "int32"));
  await keras.synchronize(0);
  await assertRejects(() => state.data(), RangeError, "the index value -3 is not in");
  assertEquals((await state.data())[0], 0);
  state.dispose();
});

Deno.test("outside of a traced function variables get back what they had before the step that failed", async () => {
  const weight = tf.variable(tf.ones([1500]));
  const sum = tf.variable(tf.zeros([1500]));
  const indices = keras.tfFunction((x: tf.Tensor) => tf.add(x, 1)); // Not known when the step is recorded.
  const step = (from: number) => {
    const rows = tf.cast(indices(tf.fill([1500], from, "int32")), "int32");
    const picked = tf.gather(weight, rows as tf.Tensor1D);
    sum.assign(tf.add(sum, picked));
    weight.assign(tf.sub(weight, tf.mul(sum, 0.5)));
    return tf.sum(picked);
  };
  await step(3).data();
  assertEquals([(await weight.data())[0], (await sum.data())[0]], [0.5, 1]);
  await assertRejects(() => step(4000).data(), Error, "Gather: index 4001 is out of range");
  assertEquals([(await weight.data())[0], (await sum.data())[0]], [0.5, 1]);
  await step(3).data();
  assertEquals([(await weight.data())[0], (await sum.data())[0]], [-0.25, 1.5]);
  tf.dispose([weight, sum]);
});

Deno.test("a step that needs more memory than there is leaves its variables as they were", async () => {
  const state = tf.variable(tf.ones([1500]));
  const step = keras.tfFunction((rows: tf.Tensor) => {
    const all = tf.matMul(tf.reshape(rows, [-1, 1]), tf.reshape(rows, [1, -1]));
    state.assign(tf.add(state, tf.sum(all)));
    return tf.sum(state);
  });
  await assertRejects(() => step(tf.ones([300_000])).data(), Error, "MatMul: out of memory");
  assertEquals((await state.data())[1499], 1);
  await step(tf.ones([2])).data();
  assertEquals((await state.data())[1499], 5);
  state.dispose();
});

Deno.test("a callback that throws ends fit after its step: the model is whole and can be trained again", async () => {
  const model = network();
  class Throws extends keras.callbacks.Callback {
    override onTrainBatchEnd() {
      throw new Error("no more");
    }
  }
  const options = { ...quiet, batchSize: 2 };
  const fit = () => model.fit(good, labels, { ...options, callbacks: [new Throws()] });
  await assertRejects(fit, Error, "no more");
  assertEquals(await model.optimizer.iterations.data(), Int32Array.of(1));
  const { history } = await model.fit(good, labels, options);
  assertEquals(history.loss.length, 1);
  assertEquals(await model.optimizer.iterations.data(), Int32Array.of(3));
});
