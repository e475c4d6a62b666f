/** Trainings that are stopped and resumed. Run as a program, resumes one: SAVED INITIAL_EPOCH EPOCHS RESULT. */
import type * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;
const COUNT = 40;

const features = {
  data: Float32Array.from({ length: COUNT * 6 }, (_, i) => Math.sin(i * 1.7)),
  shape: [COUNT, 6],
};
const classes = { data: Uint8Array.from({ length: COUNT }, (_, i) => i * 7 % 3), shape: [COUNT] };

/** A model with everything that has a state: batch normalization, dropout, noise, moments, a learning rate. */
export function makeModel(seed: number): keras.Sequential {
  keras.setRandomSeed(seed);
  const model = new keras.Sequential([
    keras.Input({ shape: [6] }),
    new layers.Dense({ units: 16, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Dropout({ rate: 0.3 }),
    new layers.GaussianNoise({ stddev: 0.1 }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.05, beta2: 0.99 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Trains from one epoch to another; batches are shuffled. */
export async function run(
  model: keras.Model,
  initialEpoch: number,
  epochs: number,
  kind: "arrays" | "dataset" = "arrays",
): Promise<Record<string, number[]>> {
  const schedule = (epoch: number, rate: number) => epoch % 2 === 1 ? rate * 0.7 : rate;
  const options = {
    initialEpoch,
    epochs,
    verbose: 0,
    callbacks: [new keras.callbacks.LearningRateScheduler(schedule)],
  } as const;
  const dataset = keras.data.Dataset.fromTensorSlices([features, classes]).shuffle(COUNT).batch(8);
  const { history } = kind === "dataset"
    ? await model.fit(dataset, undefined, { ...options, validationData: dataset })
    : await model.fit(features, classes, { ...options, batchSize: 8, validationSplit: 0.2 });
  return history;
}

/** All values of a training's state. */
export async function stateOf(model: keras.Model): Promise<number[][]> {
  const variables: tf.Variable[] = [...model.variables, ...model.optimizer.variables];
  return await Promise.all(variables.map(async (variable) => [...await variable.data()]));
}

if (import.meta.main) {
  const [saved, initialEpoch, epochs, result] = Deno.args;
  const model = await keras.loadModel(saved);
  const history = await run(model, Number(initialEpoch), Number(epochs));
  await Deno.writeTextFile(result, JSON.stringify({ history, state: await stateOf(model) }));
}
