/**
 * Transfer learning and fine-tuning: a network that learned some classes is frozen, gets a new head for others, and is then
 * trained a little as a whole at a small learning rate.
 *
 *   deno run -P keras_style/examples/transfer_learning.ts --dataset cifar10 --limit 5000
 *
 * Source of the program: https://keras.io/guides/transfer_learning/
 * @module
 */
import { datasets, keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers } = keras;

/** A convolutional network without its head; in the guide it is one of `keras.applications`. */
export function makeBase(inputShape: readonly number[] = [32, 32, 3]): keras.Model {
  const inputs = keras.Input({ shape: inputShape });
  let x = inputs;
  for (const filters of [16, 32]) {
    x = new layers.Conv2D({ filters, kernelSize: 3, strides: 2, padding: "same", useBias: false })(
      x,
    );
    x = new layers.BatchNormalization()(x);
    x = new layers.ReLU()(x);
  }
  return new keras.Model({ inputs, outputs: x, name: "base" });
}

/** The base in inference mode, also when it is trained later, under a new head of one logit. */
export function withHead(base: keras.Model, dropout = 0.2): keras.Model {
  base.trainable = false;
  const inputs = keras.Input({ shape: base.inputs[0].shape.slice(1) as number[] });
  const scaled = new layers.Rescaling({ scale: 2, offset: -1 })(inputs);
  const features = base(scaled, { training: false });
  const pooled = new layers.GlobalAveragePooling2D()(features);
  const outputs = new layers.Dense({ units: 1 })(new layers.Dropout({ rate: dropout })(pooled));
  return new keras.Model({ inputs, outputs });
}

/** Anew after `trainable` changes: so it counts. */
export function compileHead(model: keras.Model, learningRate: number): void {
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate }),
    loss: new keras.losses.BinaryCrossentropy({ fromLogits: true }),
    metrics: [new keras.metrics.BinaryAccuracy({ threshold: 0 })],
  });
}

/** @returns accuracy of the new task before and after fine-tuning */
export async function main(
  print = console.log,
  flags: Flags = {},
): Promise<[frozen: number, tuned: number]> {
  const { epochs = 6 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 1500, ...flags });

  // What the base knows: all classes but the last two.
  const base = makeBase(train.imageShape);
  const classifier = new keras.Sequential([
    base,
    new layers.GlobalAveragePooling2D(),
    new layers.Dense({ units: 8, activation: "softmax" }),
  ]);
  classifier.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
  });
  await classifier.fit(...keras.imagesOf(only(train, (label) => label < 8)), {
    epochs,
    verbose: 0,
  });

  // What it has never seen: telling the last two classes apart.
  const newTask = (split: datasets.ImageSplit) => {
    const part = only(split, (label) => label >= 8);
    return keras.imagesOf({ ...part, labels: part.labels.map((label) => label - 8) });
  };
  const model = withHead(base);
  compileHead(model, 0.01);
  print(`${model.trainableWeights.length} weights are trained, ${model.weights.length} there are`);
  await model.fit(...newTask(train), { epochs, verbose: 0 });
  const [, frozen] = await model.evaluate(...newTask(test), { verbose: 0 });
  print(`with a frozen base: accuracy ${frozen.toFixed(4)}`);

  base.trainable = true;
  compileHead(model, 1e-3);
  print(`${model.trainableWeights.length} weights are trained`);
  await model.fit(...newTask(train), { epochs, verbose: 0 });
  const [, tuned] = await model.evaluate(...newTask(test), { verbose: 0 });
  print(`fine-tuned: accuracy ${tuned.toFixed(4)}`);
  return [frozen, tuned];
}

/** The images of some classes. */
function only(
  { images, labels, imageShape }: datasets.ImageSplit,
  isWanted: (label: number) => boolean,
): datasets.ImageSplit {
  const size = datasets.imageSize(imageShape);
  const kept = [...labels.keys()].filter((i) => isWanted(labels[i]));
  const pixels = Uint8Array.from(
    { length: kept.length * size },
    (_, i) => images[kept[Math.floor(i / size)] * size + i % size],
  );
  return {
    images: pixels,
    labels: Uint8Array.from(kept, (i) => labels[i]),
    count: kept.length,
    imageShape,
  };
}

if (import.meta.main) await main(console.log, readFlags());
