/**
 * A convolutional network for small images of ten classes: handwritten digits with `--dataset mnist`.
 *
 *   deno run -P keras_style/examples/mnist_convnet.ts
 *
 * Source of the network: https://keras.io/examples/vision/mnist_convnet/
 * @module
 */
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers } = keras;

/** Two convolutions with poolings, dropout, logits through a softmax. */
export function convnet(
  inputShape: readonly number[] = [28, 28, 1],
  { classes = 10, dropout = 0.5 } = {},
): keras.Sequential {
  return new keras.Sequential([
    keras.Input({ shape: inputShape }),
    new layers.Conv2D({ filters: 32, kernelSize: [3, 3], activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: [2, 2] }),
    new layers.Conv2D({ filters: 64, kernelSize: [3, 3], activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: [2, 2] }),
    new layers.Flatten(),
    new layers.Dropout({ rate: dropout }),
    new layers.Dense({ units: classes, activation: "softmax" }),
  ]);
}

/** As the example compiles it: labels are one-hot rows. */
export function compileConvnet(model: keras.Sequential): keras.Sequential {
  model.compile({ loss: "categoricalCrossentropy", optimizer: "adam", metrics: ["accuracy"] });
  return model;
}

/** Trains. @returns the values of every epoch */
export async function main(print = console.log, flags: Flags = {}): Promise<keras.callbacks.Logs> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 600, ...flags });
  const [xTrain, yTrain] = keras.imagesOf(train);
  const [xTest, yTest] = keras.imagesOf(test);
  const oneHot = (labels: keras.data.HostArray) =>
    keras.utils.toCategorical(Array.from(labels.data as ArrayLike<number>), 10);

  const model = compileConvnet(convnet(train.imageShape));
  model.summary({ printFn: print });
  await model.fit(xTrain, oneHot(yTrain), {
    batchSize: 32,
    epochs,
    validationSplit: 0.1,
    verbose: 0,
  });
  const score = await model.evaluate(xTest, oneHot(yTest), { verbose: 0, returnDict: true });
  print(`Test loss: ${score.loss.toFixed(4)}, test accuracy: ${score.accuracy.toFixed(4)}`);
  return score;
}

if (import.meta.main) await main(console.log, readFlags());
