/**
 * The image classifier by `compile` and `fit`.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { seedTraining } from "../../fixtures/mod.ts";
import type { History } from "../callbacks/mod.ts";
import { SparseCategoricalCrossentropy } from "../losses/mod.ts";
import { SparseCategoricalAccuracy } from "../metrics/mod.ts";
import type { FitOptions, RunOptions, Sequential } from "../models/mod.ts";
import { RMSprop } from "../optimizers/mod.ts";
import { imagesOf, type LabeledImages } from "./images.ts";
import { type DataFormat, type KerasMode, makeSeedNetwork } from "./seed_network.ts";

/** Mean loss and share of right answers. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Trains the seed network as the walkthrough's first Keras variant does: RMSprop, cross entropy, batches of 32.
 *
 * @example
 * ```ts
 * import { fixtures, keras } from "@tandem/tandem";
 * const { train, test } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * keras.setRandomSeed(1);
 * const classifier = new keras.KerasClassifier();
 * await classifier.train(train, { epochs: 1 });
 * console.log(await classifier.evaluate(test));
 * ```
 */
export class KerasClassifier {
  readonly model: Sequential;

  /** Weights are drawn from the stream that `setRandomSeed` starts. */
  constructor(
    readonly mode: KerasMode = "seed",
    readonly dataFormat: DataFormat = "channelsLast",
  ) {
    this.model = makeSeedNetwork(mode, dataFormat);
    this.model.compile({
      optimizer: new RMSprop({
        learningRate: seedTraining.learningRate,
        ...seedTraining.rmsprop.keras,
      }),
      loss: new SparseCategoricalCrossentropy({ fromLogits: mode === "fixed" }),
      metrics: [new SparseCategoricalAccuracy({ name: "accuracy" })],
    });
  }

  /** Trains over whole epochs; options are those of `fit`. */
  train(
    train: LabeledImages,
    options: FitOptions & { validation?: LabeledImages } = {},
  ): Promise<History> {
    const { validation, ...others } = options;
    const [images, classes] = imagesOf(train, this);
    return this.model.fit(images, classes, {
      epochs: seedTraining.epochs,
      batchSize: seedTraining.batchSize,
      ...(validation ? { validationData: imagesOf(validation, this) } : {}),
      ...others,
    });
  }

  /** Loss and accuracy over a data set. */
  async evaluate(split: LabeledImages, options: RunOptions = {}): Promise<Score> {
    const [images, classes] = imagesOf(split, this);
    const { loss, accuracy } = await this.model.evaluate(images, classes, {
      ...options,
      returnDict: true,
    });
    return { loss, accuracy };
  }

  /** The class of every image. */
  async predict(split: LabeledImages, options: RunOptions = {}): Promise<Int32Array> {
    return await largestOfRows(
      await this.model.predict(imagesOf(split, this)[0], options),
    );
  }
}

/** Where each row of a tensor [n, classes] is largest. Disposes it. */
export async function largestOfRows(scores: tf.Tensor): Promise<Int32Array> {
  const [count, width] = scores.shape;
  const values = await scores.data();
  scores.dispose();
  return Int32Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width!; i++) {
      if (values[row * width! + i] > values[row * width! + best]) best = i;
    }
    return best;
  });
}
