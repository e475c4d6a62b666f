/**
 * A convolutional network of three convolutions, with logits as its output and a loss that knows it.
 *
 *   deno run -P keras_style/examples/cifar_cnn.ts --dataset cifar10
 *
 * Source of the network: https://www.tensorflow.org/tutorials/images/cnn
 * @module
 */
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers } = keras;

/** Layers are added one after the other. */
export function cnn(): keras.Sequential {
  const model = new keras.Sequential();
  model.add(keras.Input({ shape: [32, 32, 3] }));
  model.add(new layers.Conv2D({ filters: 32, kernelSize: [3, 3], activation: "relu" }));
  model.add(new layers.MaxPooling2D({ poolSize: [2, 2] }));
  model.add(new layers.Conv2D({ filters: 64, kernelSize: [3, 3], activation: "relu" }));
  model.add(new layers.MaxPooling2D({ poolSize: [2, 2] }));
  model.add(new layers.Conv2D({ filters: 64, kernelSize: [3, 3], activation: "relu" }));
  model.add(new layers.Flatten());
  model.add(new layers.Dense({ units: 64, activation: "relu" }));
  model.add(new layers.Dense({ units: 10 }));
  model.compile({
    optimizer: "adam",
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ["accuracy"],
  });
  return model;
}

/** Trains, and says what some test images show. @returns accuracy on test images */
export async function main(print = console.log, flags: Flags = {}): Promise<number> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train, test, classNames } = await loadImages({ limit: 600, ...flags });
  const model = cnn();
  const { history } = await model.fit(...keras.imagesOf(train), {
    epochs,
    verbose: 0,
    validationData: keras.imagesOf(test),
  });
  history.val_accuracy.forEach((accuracy, i) => {
    print(
      `epoch ${i + 1}: loss ${history.loss[i].toFixed(4)}, val_accuracy ${accuracy.toFixed(4)}`,
    );
  });
  const [images, labels] = keras.imagesOf(test);
  const [, accuracy] = await model.evaluate(images, labels, { verbose: 0 });
  const logits = await model.predict(images, { verbose: 0 });
  const found = await keras.ops.argmax(logits, { axis: -1 }).data();
  for (let i = 0; i < 3; i++) {
    print(`${classNames[test.labels[i]]}: taken for ${classNames[found[i]]}`);
  }
  return accuracy;
}

if (import.meta.main) await main(console.log, readFlags());
