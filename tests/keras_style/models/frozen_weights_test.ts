/** Weights that stay the same from call to call are laid out once; whatever changes them is seen by the next call. */
import { assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { defaultRuntime, useProvider } from "../../../onnx/mod.ts";

const { layers } = keras;

function makeModel(): keras.Sequential {
  keras.setRandomSeed(3);
  const model = new keras.Sequential([
    keras.Input({ shape: [6, 6, 3] }),
    new layers.Conv2D({ filters: 16, kernelSize: 3, padding: "same", useBias: false }),
    new layers.BatchNormalization({ momentum: 0.5 }),
    new layers.ReLU(),
    new layers.Conv2D({ filters: 32, kernelSize: 3, padding: "same" }),
    new layers.Flatten(),
    new layers.Dense({ units: 10 }),
  ]);
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.05 }), loss: "mse" });
  return model;
}

const images = (call: number) =>
  tf.tensor(new Float32Array(216).fill(0.1 * call + 0.2), [2, 6, 6, 3]);

/** What computes logits, of the images of a call. */
const ways: Record<string, (model: keras.Sequential, call: number) => Promise<Float32Array>> = {
  predict: async (model, call) =>
    await (await model.predict(images(call), { verbose: 0 })).data<"float32">(),
  "a call": async (model, call) =>
    await (model.call(images(call), { training: false }) as tf.Tensor).data<"float32">(),
  evaluate: async (model, call) =>
    Float32Array.of(
      ...[await model.evaluate(images(call), tf.zeros([2, 10]), { verbose: 0 })].flat(),
    ),
};

const filters = (model: keras.Sequential) => model.layers[3].trainableVariables[0];

const changes: Record<string, (model: keras.Sequential) => unknown> = {
  "a training step": (model) => model.trainOnBatch(tf.ones([4, 6, 6, 3]), tf.ones([4, 10])),
  assign: (model) => filters(model).assign(tf.fill([3, 3, 16, 32], 0.1)),
  setWeights: (model) => model.setWeights(model.getWeights().map((weight) => weight.mul(1.5))),
  "a layer's setWeights": (model) =>
    model.layers[1].setWeights([1, 2, 3, 4].map((value) => tf.fill([16], value))),
};

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

Deno.test("whatever changes frozen weights is seen by the next call", async () => {
  await keras.selectEngine("onnxruntime");
  for (const [way, logits] of Object.entries(ways)) {
    for (const [what, change] of Object.entries(changes)) {
      const model = makeModel();
      const begun = defaultRuntime().statistics.prepared;
      for (let call = 0; call < 6; call++) await logits(model, call);
      assertEquals(defaultRuntime().statistics.prepared > begun, true, way);
      const before = await logits(model, 7);
      await change(model);
      const after = await logits(model, 7);
      assertEquals(largestDifference(before, after) > 1e-3, true, `${way}, ${what}`);
      // A runtime that knows nothing of calls before.
      useProvider("cpu", { strict: !defaultRuntime().strict });
      const fresh = await logits(model, 7);
      assertLess(largestDifference(after, fresh), 1e-5, `${way}, ${what}`);
    }
  }
});
