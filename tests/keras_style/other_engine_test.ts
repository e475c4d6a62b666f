import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { assertClose } from "./golden.ts";
import { pauseFinalization } from "../../keras_style/tensors/finalization.ts";
import { assertNotGrowing } from "./tensor_count.ts";

const { layers } = keras;
const x = {
  data: Float32Array.from({ length: 24 * 72 }, (_, i) => i * 7919 % 251 / 250),
  shape: [24, 6, 6, 2],
};
const y = { data: Uint8Array.from({ length: 24 }, (_, i) => i * 5 % 3), shape: [24] };

async function train(backend: string): Promise<{ losses: number[]; tensors: number[] }> {
  using _paused = pauseFinalization();
  await tf.setBackend(backend);
  keras.setRandomSeed(3);
  const model = new keras.Sequential([
    keras.Input({ shape: [6, 6, 2] }),
    new layers.Conv2D({ filters: 4, kernelSize: 3, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.MaxPooling2D(),
    new layers.Flatten(),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({ loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const tensors: number[] = [];
  const count = new keras.callbacks.LambdaCallback({
    onEpochEnd: () => void tensors.push(tf.memory().numTensors),
  });
  const { history } = await model.fit(x, y, {
    epochs: 4,
    batchSize: 10,
    verbose: 0,
    callbacks: [count],
  });
  const scores = await model.evaluate(x, y, { verbose: 0 });
  return { losses: [...history.loss, ...scores], tensors };
}

Deno.test("another TensorFlow.js engine trains the same, eagerly, and leaves no tensors behind", async () => {
  try {
    const expected = await train("onnxruntime");
    const { losses, tensors } = await train("cpu");
    assertClose(losses, expected.losses, 1e-4, "losses");
    assertNotGrowing(tensors);
    assertNotGrowing(expected.tensors);
  } finally {
    await tf.setBackend("onnxruntime");
  }
});
