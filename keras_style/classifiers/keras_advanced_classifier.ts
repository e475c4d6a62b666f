/**
 * The image classifier with a training step of its own: gradient tape, traced function, batched data set.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { seedTraining } from "../../fixtures/mod.ts";
import { Dataset } from "../data/mod.ts";
import { GradientTape } from "../gradient_tape.ts";
import { SparseCategoricalCrossentropy } from "../losses/mod.ts";
import { Mean, SparseCategoricalAccuracy } from "../metrics/mod.ts";
import { checkCount, isDataset } from "../models/check_data.ts";
import { checkDataset } from "../models/check_dataset.ts";
import type { Sequential } from "../models/mod.ts";
import { RMSprop } from "../optimizers/mod.ts";
import { tfFunction } from "../tracing/mod.ts";
import { largestOfRows, type Score } from "./keras_classifier.ts";
import { imagesOf, type LabeledImages } from "./images.ts";
import { type DataFormat, type KerasMode, makeSeedNetwork } from "./seed_network.ts";

/** Batches of [images, classes]. */
export type Batches = Dataset<tf.Tensor[]>;

/** Options of {@linkcode KerasAdvancedClassifier.train}. */
export interface AdvancedTrainOptions {
  readonly epochs?: number;
  /** Epochs done before, where a training goes on; 0 unless given. */
  readonly initialEpoch?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Batches;
  /** Called before an epoch's first step; epochs count from 1. */
  onEpochStart?(epoch: number): void;
  /** Called after every step, with the running score of the epoch. */
  onStep?(step: number, running: Score): void;
  /** Called, and waited for, after every epoch. */
  onEpochEnd?(
    epoch: number,
    train: Score,
    validation: Score | undefined,
  ): void | Promise<void>;
  /** Wraps one training step, to take its time. */
  aroundStep?(step: () => Promise<Score>): Promise<Score>;
  /** Stops the training between two steps. */
  readonly signal?: AbortSignal;
}

/** Scores of every epoch. */
export interface AdvancedHistory {
  readonly train: Score[];
  readonly validation: Score[];
}

/** Scores while they are on their way. */
interface PendingScore {
  readonly loss: tf.Tensor;
  readonly accuracy: tf.Tensor;
}

/**
 * Trains the seed network as the walkthrough's second Keras variant does: the step is written out, and traced, so
 * that it is one call into ONNX Runtime.
 *
 * @example
 * ```ts
 * import { fixtures, keras } from "@tandem/tandem";
 * const { train, test } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * keras.setRandomSeed(1);
 * const classifier = new keras.KerasAdvancedClassifier();
 * await classifier.train(keras.batchesOf(train, 32, true), { epochs: 1 });
 * console.log(await classifier.evaluate(keras.batchesOf(test, 32)));
 * ```
 */
export class KerasAdvancedClassifier {
  readonly model: Sequential;
  readonly loss: SparseCategoricalCrossentropy;
  readonly optimizer: RMSprop;
  readonly #trainLoss = new Mean({ name: "train_loss" });
  readonly #trainAccuracy = new SparseCategoricalAccuracy({ name: "train_accuracy" });
  readonly #testLoss = new Mean({ name: "test_loss" });
  readonly #testAccuracy = new SparseCategoricalAccuracy({ name: "test_accuracy" });

  /** Weights are drawn from the stream that `setRandomSeed` starts. */
  constructor(readonly mode: KerasMode = "seed", dataFormat: DataFormat = "channelsLast") {
    this.model = makeSeedNetwork(mode, dataFormat);
    this.loss = new SparseCategoricalCrossentropy({ fromLogits: mode === "fixed" });
    this.optimizer = new RMSprop({
      learningRate: seedTraining.learningRate,
      ...seedTraining.rmsprop.keras,
    });
    this.optimizer.build(this.model.trainableVariables);
  }

  readonly #trainStep = tfFunction((images: tf.Tensor, classes: tf.Tensor): PendingScore => {
    const variables = this.model.trainableVariables;
    using tape = new GradientTape();
    const predictions = this.model(images, { training: true });
    const loss = this.loss(classes, predictions);
    const gradients = tape.gradient(loss, variables);
    this.optimizer.applyGradients(variables.map((variable, i) => [gradients[i], variable]));
    // A batch's mean counts as often as it has images, as in `fit`.
    const size = classes.shape[0]!;
    this.#trainLoss.updateState(loss, tf.scalar(size));
    this.#trainAccuracy.updateState(classes, predictions);
    return { loss: this.#trainLoss.result(), accuracy: this.#trainAccuracy.result() };
  });

  readonly #testStep = tfFunction((images: tf.Tensor, classes: tf.Tensor): PendingScore => {
    const predictions = this.model(images);
    this.#testLoss.updateState(this.loss(classes, predictions), tf.scalar(classes.shape[0]!));
    this.#testAccuracy.updateState(classes, predictions);
    return { loss: this.#testLoss.result(), accuracy: this.#testAccuracy.result() };
  });

  readonly #predictStep = tfFunction((images: tf.Tensor) => this.model(images));

  /** One training step, in one call into ONNX Runtime; gives the running score since the epoch began. */
  async trainBatch(images: tf.Tensor, classes: tf.Tensor): Promise<Score> {
    return await read(this.#trainStep(images, classes));
  }

  /**
   * Trains over whole epochs.
   *
   * @throws {Error} naming the argument, its value and what was expected, before any training starts
   */
  async train(batches: Batches, options: AdvancedTrainOptions = {}): Promise<AdvancedHistory> {
    const { epochs = seedTraining.epochs, initialEpoch = 0, validation } = options;
    checkCount("train", "epochs", epochs);
    checkCount("train", "initialEpoch", initialEpoch, 0);
    await this.#check("train", "batches", batches);
    if (validation) await this.#check("train", "validation", validation);
    const history: AdvancedHistory = { train: [], validation: [] };
    for (let epoch = initialEpoch + 1; epoch <= epochs; epoch++) {
      options.onEpochStart?.(epoch);
      const train = await this.#trainEpoch(batches, options);
      const score = validation && await this.#evaluate(validation, options);
      history.train.push(train);
      if (score) history.validation.push(score);
      await options.onEpochEnd?.(epoch, train, score);
    }
    return history;
  }

  async #trainEpoch(batches: Batches, options: AdvancedTrainOptions): Promise<Score> {
    this.#trainLoss.resetState();
    this.#trainAccuracy.resetState();
    const around = options.aroundStep ?? ((step) => step());
    let score: Score = { loss: NaN, accuracy: NaN };
    let step = 0;
    for await (const [images, classes] of batches) {
      options.signal?.throwIfAborted();
      score = await around(() => this.trainBatch(images, classes));
      tf.dispose([images, classes]);
      options.onStep?.(++step, score);
    }
    return score;
  }

  /** Loss and accuracy over batches. */
  async evaluate(batches: Batches, options: { signal?: AbortSignal } = {}): Promise<Score> {
    await this.#check("evaluate", "batches", batches);
    return await this.#evaluate(batches, options);
  }

  async #check(method: string, name: string, batches: Batches): Promise<void> {
    if (!isDataset(batches)) {
      throw new TypeError(`${method}: ${name} is ${batches}, expected a data set of batches`);
    }
    await checkDataset(method, name, batches, this.model.network, [this.loss]);
  }

  async #evaluate(batches: Batches, options: { signal?: AbortSignal }): Promise<Score> {
    this.#testLoss.resetState();
    this.#testAccuracy.resetState();
    let score: Score = { loss: NaN, accuracy: NaN };
    for await (const [images, classes] of batches) {
      options.signal?.throwIfAborted();
      score = await read(this.#testStep(images, classes));
      tf.dispose([images, classes]);
    }
    return score;
  }

  /** The class of every image. */
  async predict(batches: Batches): Promise<Int32Array> {
    await this.#check("predict", "batches", batches);
    const parts: number[] = [];
    for await (const [images, classes] of batches) {
      parts.push(...await largestOfRows(this.#predictStep(images)));
      tf.dispose([images, classes]);
    }
    return Int32Array.from(parts);
  }
}

/** Images and classes in batches; shuffled anew at each pass where asked for. */
export function batchesOf(
  split: LabeledImages,
  batchSize: number,
  shuffle = false,
  dataFormat: DataFormat = "channelsLast",
): Batches {
  const samples = Dataset.fromTensorSlices(imagesOf(split, { dataFormat }));
  return (shuffle ? samples.shuffle(split.count) : samples).batch(batchSize);
}

async function read({ loss, accuracy }: PendingScore): Promise<Score> {
  const [[l], [a]] = await Promise.all([loss.data(), accuracy.data()]);
  tf.dispose([loss, accuracy]);
  return { loss: l, accuracy: a };
}
