/**
 * ConvMixer: patches, then depthwise convolutions with what came in added, and pointwise ones.
 *
 *   deno run -P keras_style/examples/convmixer.ts --dataset cifar10 --limit 5000 --epochs 10
 *
 * Source of the program: https://keras.io/examples/vision/convmixer/ ; of the network: Trockman and Kolter, "Patches Are All
 * You Need?" (2022)
 * @module
 */
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers } = keras;

function activationBlock(x: keras.KerasTensor): keras.KerasTensor {
  return new layers.BatchNormalization()(new layers.Activation({ activation: "gelu" })(x));
}

function convMixerBlock(x: keras.KerasTensor, filters: number, kernelSize: number) {
  const depthwise = new layers.DepthwiseConv2D({ kernelSize, padding: "same" })(x);
  const added = new layers.Add()([activationBlock(depthwise), x]);
  return activationBlock(new layers.Conv2D({ filters, kernelSize: 1 })(added));
}

/** Sizes of the network. */
export const SIZES = {
  imageSize: 32,
  filters: 32,
  depth: 3,
  kernelSize: 5,
  patchSize: 4,
  classes: 10,
};

/** A classifier of images from 0 to 255. */
export function convMixer(sizes: Partial<typeof SIZES> = {}): keras.Model {
  const { imageSize, filters, depth, kernelSize, patchSize, classes } = { ...SIZES, ...sizes };
  const inputs = keras.Input({ shape: [imageSize, imageSize, 3] });
  let x = new layers.Rescaling({ scale: 1 / 255 })(inputs);
  x = activationBlock(
    new layers.Conv2D({ filters, kernelSize: patchSize, strides: patchSize })(x),
  );
  for (let i = 0; i < depth; i++) x = convMixerBlock(x, filters, kernelSize);
  x = new layers.GlobalAvgPool2D()(x);
  const outputs = new layers.Dense({ units: classes, activation: "softmax" })(x);
  const model = new keras.Model({ inputs, outputs });
  model.compile({
    optimizer: new keras.optimizers.AdamW({ learningRate: 0.001, weightDecay: 0.0001 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Trains on batches of a data set, flipped by chance. @returns accuracy on test images */
export async function main(print = console.log, flags: Flags = {}): Promise<number> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 600, ...flags });
  const flip = new layers.RandomFlip({ mode: "horizontal" });
  const batches = (split: typeof train) =>
    keras.data.Dataset.fromTensorSlices(keras.imagesOf(split, { maxValue: 1 }));
  const trainBatches = batches(train).shuffle(train.count).batch(32)
    .map((images, labels) => [flip(images, { training: true }), labels]);
  const model = convMixer();
  const { history } = await model.fit(trainBatches, {
    epochs,
    verbose: 0,
    validationData: batches(test).batch(32),
  });
  print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
  const [, accuracy] = await model.evaluate(batches(test).batch(32), { verbose: 0 });
  print(`Test accuracy: ${(100 * accuracy).toFixed(2)}%`);
  return accuracy;
}

if (import.meta.main) await main(console.log, readFlags());
