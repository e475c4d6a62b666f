/**
 * A training and its curves, with validation.
 *
 *   deno run --permission-set=default keras_style/examples/history.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { layers } = keras;

function smallNetwork(): keras.Sequential {
  return new keras.Sequential([
    keras.Input({ shape: [32, 32, 3] }),
    new layers.Conv2D({ filters: 8, kernelSize: 5, strides: 2, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Conv2D({ filters: 16, kernelSize: 3, strides: 2, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Flatten(),
    new layers.Dropout({ rate: 0.3 }),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ]);
}

/** Trains for a few epochs and writes the curves into a folder. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  folder = "report/examples",
): Promise<keras.callbacks.History> {
  const { train: all } = await datasets.loadDataset("shapes10", { limit: 1500 });
  const { train, validation } = datasets.trainValidationSplit(all, 0.2);
  keras.setRandomSeed(1);
  const model = smallNetwork();
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const [images, classes] = keras.imagesOf(train);
  const history = await model.fit(images, classes, {
    epochs: 6,
    validationData: keras.imagesOf(validation),
    verbose: 0,
  });
  print("numbers of every epoch:", Object.keys(history.history).join(", "));
  print("epochs:", history.epoch.length);
  const { files } = await keras.plotHistory(history, `${folder}/history.png`, {
    title: "A small network on shapes10",
  });
  print("written:", files.join(", "));
  return history;
}

if (import.meta.main) await main();
