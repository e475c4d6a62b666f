/**
 * Image classification from scratch: files in a folder a class, augmentation, a network of separable convolutions with
 * shortcuts. With `--data-dir DIR` it takes one's own images (DIR/cat/*.jpg, DIR/dog/*.jpg); without, it writes small ones.
 *
 *   deno run -P keras_style/examples/image_classification.ts --data-dir PetImages --epochs 25
 *
 * Source of the program: https://keras.io/examples/vision/image_classification_from_scratch/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { encode } from "fast-png";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, ops } = keras;

/** How large the network is: filters of the first convolution, of each block and of the last. */
export interface Widths {
  readonly first: number;
  readonly blocks: readonly number[];
  readonly last: number;
}

/** The network of the program is { first: 128, blocks: [256, 512, 728], last: 1024 }. */
const SMALL: Widths = { first: 8, blocks: [16, 24], last: 32 };

/** A small Xception: blocks of two separable convolutions, each with a shortcut. Two classes end in one logit. */
export function xception(
  inputShape: readonly number[],
  numClasses: number,
  { first, blocks, last }: Widths = SMALL,
  dropout = 0.25,
): keras.Model {
  const relu = () => new layers.Activation({ activation: "relu" });
  const inputs = keras.Input({ shape: inputShape });
  const rescaled = new layers.Rescaling({ scale: 1 / 255 })(inputs);
  let x = new layers.Conv2D({ filters: first, kernelSize: 3, strides: 2, padding: "same" })(
    rescaled,
  );
  x = relu()(new layers.BatchNormalization()(x));
  let before = x;
  for (const filters of blocks) {
    for (let i = 0; i < 2; i++) {
      x = new layers.SeparableConv2D({ filters, kernelSize: 3, padding: "same" })(relu()(x));
      x = new layers.BatchNormalization()(x);
    }
    x = new layers.MaxPooling2D({ poolSize: 3, strides: 2, padding: "same" })(x);
    const residual = new layers.Conv2D({ filters, kernelSize: 1, strides: 2, padding: "same" })(
      before,
    );
    before = x = layers.add([x, residual]);
  }
  x = new layers.SeparableConv2D({ filters: last, kernelSize: 3, padding: "same" })(x);
  x = relu()(new layers.BatchNormalization()(x));
  x = new layers.Dropout({ rate: dropout })(new layers.GlobalAveragePooling2D()(x));
  const outputs = new layers.Dense({ units: numClasses === 2 ? 1 : numClasses })(x);
  return new keras.Model({ inputs, outputs });
}

/** For two classes. */
export function compileXception(model: keras.Model, learningRate = 3e-4): keras.Model {
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate }),
    loss: new keras.losses.BinaryCrossentropy({ fromLogits: true }),
    metrics: [new keras.metrics.BinaryAccuracy({ name: "acc", threshold: 0 })],
  });
  return model;
}

/** Trains on a folder of images. @returns accuracy on the images kept for validation */
export async function main(print = console.log, flags: Flags = {}): Promise<number> {
  const { epochs = 8, dataDir } = flags;
  keras.setRandomSeed(1337);
  const made = dataDir === undefined ? await writeImages(flags) : undefined;
  try {
    const imageSize: [number, number] = made ? [32, 32] : [180, 180];
    const [trainData, validation] = (["training", "validation"] as const).map((subset) =>
      keras.utils.imageDatasetFromDirectory(dataDir ?? made!, {
        validationSplit: 0.2,
        subset,
        seed: 1337,
        imageSize,
        batchSize: 32,
      })
    );
    print(`classes: ${trainData.classNames.join(", ")}`);
    const augmentation = [
      new layers.RandomFlip({ mode: "horizontal" }),
      new layers.RandomRotation({ factor: 0.1 }),
    ];
    const augmented = trainData.map((images, labels) => [
      augmentation.reduce<tf.Tensor>((x, layer) => layer(x), images),
      labels,
    ]);
    const model = compileXception(xception([...imageSize, 3], 2), made ? 3e-3 : 3e-4);
    const { history } = await model.fit(augmented.prefetch(), {
      epochs,
      verbose: 0,
      validationData: validation,
    });
    history.loss.forEach((loss, i) => print(`epoch ${i + 1}: loss ${loss.toFixed(4)}`));
    const [images] = validation.peek() as tf.Tensor[];
    const logits = await model.predict(ops.expandDims(images.slice(0, 1).squeeze([0]), 0), {
      verbose: 0,
    });
    const [score] = await ops.sigmoid(logits).data();
    const [first, second] = trainData.classNames;
    print(
      `The first image is ${(100 * (1 - score)).toFixed(1)}% ${first} and ` +
        `${(100 * score).toFixed(1)}% ${second}.`,
    );
    return history.val_acc.at(-1)!;
  } finally {
    if (made) await Deno.remove(made, { recursive: true });
  }
}

/** Two classes of the data set as PNG files, in a new folder. */
async function writeImages(flags: Flags): Promise<string> {
  const { train: { images, labels, count, imageShape }, classNames } = await loadImages({
    limit: 1000,
    ...flags,
  });
  const folder = await Deno.makeTempDir();
  const [height, width, channels] = imageShape;
  const size = height * width * channels;
  for (const name of classNames.slice(0, 2)) await Deno.mkdir(`${folder}/${name}`);
  for (let i = 0; i < count; i++) {
    if (labels[i] > 1) continue;
    const data = Uint8Array.from(images.subarray(i * size, (i + 1) * size));
    await Deno.writeFile(
      `${folder}/${classNames[labels[i]]}/${i}.png`,
      encode({ width, height, channels, depth: 8, data }),
    );
  }
  return folder;
}

if (import.meta.main) await main(console.log, readFlags());
