/**
 * Mixup: every training image is a mixture of two, and so is its label; how much of each follows a beta distribution.
 *
 *   deno run -P keras_style/examples/mixup.ts --dataset fashion-mnist --limit 5000
 *
 * Source of the program: https://keras.io/examples/vision/mixup/ ; of the method: Zhang et al., "mixup: Beyond Empirical Risk
 * Minimization" (2017)
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, ops } = keras;

/** The network that is trained. */
export function mixupModel(
  inputShape: readonly number[],
  filters = 16,
  dropout = 0.2,
): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: inputShape }),
    new layers.Conv2D({ filters, kernelSize: 5, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: 2 }),
    new layers.Conv2D({ filters: filters * 2, kernelSize: 5, padding: "same", activation: "relu" }),
    new layers.MaxPooling2D({ poolSize: 2 }),
    new layers.Dropout({ rate: dropout }),
    new layers.GlobalAveragePooling2D(),
    new layers.Dense({ units: 32, activation: "relu" }),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ]);
  model.compile({ loss: "categoricalCrossentropy", optimizer: "adam", metrics: ["accuracy"] });
  return model;
}

/** Mixes two batches; `share` [n] says how much of the first is in it. */
export function mixUp(
  [imagesOne, labelsOne]: readonly tf.Tensor[],
  [imagesTwo, labelsTwo]: readonly tf.Tensor[],
  share: tf.Tensor,
): [images: tf.Tensor, labels: tf.Tensor] {
  const mixed = (one: tf.Tensor, two: tf.Tensor) => {
    const of = ops.reshape(share, [-1, ...one.shape.slice(1).map(() => 1)]);
    return ops.add(ops.multiply(one, of), ops.multiply(two, ops.subtract(1, of)));
  };
  return [mixed(imagesOne, imagesTwo), mixed(labelsOne, labelsTwo)];
}

/** Trains with and without. @returns accuracy on test images */
export async function main(
  print = console.log,
  flags: Flags = {},
): Promise<{ withMixup: number; without: number }> {
  const { epochs = 3 } = flags;
  keras.setRandomSeed(8);
  const { train, test } = await loadImages({ limit: 400, ...flags });
  const batches = (split: typeof train) => {
    const [images, labels] = keras.imagesOf(split);
    const oneHot = keras.utils.toCategorical(Array.from(labels.data as ArrayLike<number>), 10);
    return keras.data.Dataset.fromTensorSlices([images, oneHot]);
  };
  const shuffled = () => batches(train).shuffle(train.count).batch(64);
  const pairs = keras.data.Dataset.zip([shuffled(), shuffled()]);
  const mixed = pairs.map((imagesOne, labelsOne, imagesTwo, labelsTwo) => {
    const share = keras.random.beta([imagesOne.shape[0]], 0.2, 0.2);
    return mixUp([imagesOne, labelsOne], [imagesTwo, labelsTwo], share);
  });
  const accuracies = [];
  for (const [name, data] of [["mixup", mixed], ["no mixup", shuffled()]] as const) {
    const model = mixupModel(train.imageShape);
    const { history } = await model.fit(data, {
      epochs,
      verbose: 0,
      validationData: batches(test).batch(64),
    });
    print(`${name}: loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
    const [, accuracy] = await model.evaluate(batches(test).batch(64), { verbose: 0 });
    print(`Test accuracy: ${(100 * accuracy).toFixed(2)}%`);
    accuracies.push(accuracy);
  }
  return { withMixup: accuracies[0], without: accuracies[1] };
}

if (import.meta.main) await main(console.log, readFlags());
