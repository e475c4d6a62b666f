/**
 * An image classifier in the Keras idiom with a training step of its own: gradient tape, traced function, batched data
 * set.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  data,
  GradientTape,
  imagesOf,
  type LabeledImages,
  type losses,
  metrics,
  type Model,
  type optimizers,
  tfFunction,
} from "../../../keras_style/mod.ts";
import { inOneCall } from "../../../keras_style/engine/mod.ts";
import { checkCount, isDataset } from "../../../keras_style/models/check_data.ts";
import { checkDataset } from "../../../keras_style/models/check_dataset.ts";
import { type ImagesOf, type KerasParts, largestOfRows, withDefaults } from "./classifier.ts";
import {
  type Learner,
  type Score,
  trainEpochs,
  type TrainingHistory,
  type TrainOptions,
} from "../training/training_loop.ts";

/** Batches of [images, classes]. */
export type KerasBatches = data.Dataset<tf.Tensor[]>;

/** A training step that was traced. */
type TrainStep = (images: tf.Tensor, classes: tf.Tensor) => PendingScore;

/** A score while it is on its way. */
interface PendingScore {
  readonly loss: tf.Tensor;
  readonly accuracy: tf.Tensor;
}

/**
 * Trains any model as the second Keras variant of the published experiment does: the step is written out, and traced, so
 * that it is one call into ONNX Runtime.
 *
 * @example
 * ```ts
 * import { bench, datasets, keras, models } from "@tandem/tandem";
 * const { train, test } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const { kerasModel } = await (await models.loadModel("mlp")).keras!();
 * keras.setRandomSeed(1);
 * const classifier = new bench.KerasAdvancedClassifier({
 *   model: kerasModel({ inputShape: [32, 32, 3], classes: 10 }),
 *   optimizer: new keras.optimizers.Adam(),
 * });
 * await classifier.train(bench.batchesOf(train, 32, { shuffle: true }), { epochs: 1 });
 * console.log(await classifier.evaluate(bench.batchesOf(test, 32)));
 * ```
 */
export class KerasAdvancedClassifier {
  readonly model: Model;
  readonly loss: losses.Loss;
  readonly optimizer: optimizers.Optimizer;
  readonly #trainLoss = new metrics.Mean({ name: "train_loss" });
  readonly #trainAccuracy: metrics.Metric;
  readonly #testLoss = new metrics.Mean({ name: "test_loss" });
  readonly #testAccuracy: metrics.Metric;

  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: KerasParts) {
    const { model, loss, optimizer, metric } = withDefaults(parts);
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.#trainAccuracy = new metric({ name: "train_accuracy" });
    this.#testAccuracy = new metric({ name: "test_accuracy" });
    this.optimizer.build(this.model.trainableVariables);
  }

  #trainStep: TrainStep = this.#tracedStep();

  /** To be called when layers are frozen, or trained again. */
  retrace(): void {
    this.#trainStep = this.#tracedStep();
  }

  #tracedStep(): TrainStep {
    return tfFunction((images: tf.Tensor, classes: tf.Tensor) => this.#step(images, classes));
  }

  #step(images: tf.Tensor, classes: tf.Tensor): PendingScore {
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
  }

  readonly #testStep = tfFunction((images: tf.Tensor, classes: tf.Tensor): PendingScore => {
    const predictions = this.model(images);
    this.#testLoss.updateState(this.loss(classes, predictions), tf.scalar(classes.shape[0]!));
    this.#testAccuracy.updateState(classes, predictions);
    return { loss: this.#testLoss.result(), accuracy: this.#testAccuracy.result() };
  });

  readonly #predictStep = tfFunction((images: tf.Tensor) => this.model(images));

  readonly #learner: Learner<tf.Tensor[]> = {
    beginEpoch: () => {
      this.#trainLoss.resetState();
      this.#trainAccuracy.resetState();
    },
    trainSteps: (batches, beforeStep) => this.trainBatches(batches, beforeStep),
    release: (batch) => tf.dispose(batch),
    evaluate: (batches, options) => this.#evaluate(batches, options),
  };

  /** One training step, in one call into ONNX Runtime; gives the running score since the epoch began. */
  async trainBatch(images: tf.Tensor, classes: tf.Tensor): Promise<Score> {
    return await this.trainBatches([[images, classes]]);
  }

  /**
   * Training steps in one call into ONNX Runtime: weights and the optimizer's state stay on the device between them.
   *
   * @param batches images and classes of each step
   * @param beforeStep called before each step is recorded: to set the learning rate, say
   * @returns the running score after the last step
   */
  async trainBatches(
    batches: readonly tf.Tensor[][],
    beforeStep: () => void = () => {},
  ): Promise<Score> {
    const scores = inOneCall(() =>
      batches.map(([images, classes]) => {
        beforeStep();
        return this.#trainStep(images, classes);
      })
    );
    const last = scores.pop()!;
    for (const { loss, accuracy } of scores) tf.dispose([loss, accuracy]);
    return await read(last);
  }

  /**
   * Trains over whole epochs.
   *
   * @throws {Error} naming the argument, its value and what was expected, before any training starts
   */
  async train(
    batches: KerasBatches,
    options: TrainOptions<KerasBatches>,
  ): Promise<TrainingHistory> {
    checkCount("train", "epochs", options.epochs);
    checkCount("train", "initialEpoch", options.initialEpoch ?? 0, 0);
    await this.#check("train", "batches", batches);
    if (options.validation) await this.#check("train", "validation", options.validation);
    return await trainEpochs(this.#learner, batches, options);
  }

  /** Loss and accuracy over batches. */
  async evaluate(batches: KerasBatches, options: { signal?: AbortSignal } = {}): Promise<Score> {
    await this.#check("evaluate", "batches", batches);
    return await this.#evaluate(batches, options);
  }

  async #check(method: string, name: string, batches: KerasBatches): Promise<void> {
    if (!isDataset(batches)) {
      throw new TypeError(`${method}: ${name} is ${batches}, expected a data set of batches`);
    }
    await checkDataset(method, name, batches, {
      inputs: this.model.inputSpecs,
      outputs: this.model.outputSpecs,
      losses: [this.loss],
    });
  }

  /** One evaluation after the other: all of them count in the same metrics. */
  #evaluate(
    batches: AsyncIterable<tf.Tensor[]>,
    options: { signal?: AbortSignal },
  ): Promise<Score> {
    const score = this.#turn.then(() => this.#evaluateNow(batches, options));
    this.#turn = score.catch(() => {});
    return score;
  }

  async #evaluateNow(
    batches: AsyncIterable<tf.Tensor[]>,
    options: { signal?: AbortSignal },
  ): Promise<Score> {
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
  async predict(batches: KerasBatches): Promise<Int32Array> {
    await this.#check("predict", "batches", batches);
    const parts: number[] = [];
    for await (const [images, classes] of batches) {
      parts.push(...await largestOfRows(this.#predictStep(images)));
      tf.dispose([images, classes]);
    }
    return Int32Array.from(parts);
  }
}

/** Options of {@linkcode batchesOf}. */
export interface BatchesOptions {
  /** Whether every pass has an order of its own; false unless given. */
  readonly shuffle?: boolean;
  /** How a split becomes arrays; `keras.imagesOf` unless given: channels last, in [0, 1]. */
  readonly imagesOf?: ImagesOf;
}

/** Images and classes in batches. */
export function batchesOf(
  split: LabeledImages,
  batchSize: number,
  options: BatchesOptions = {},
): KerasBatches {
  const samples = data.Dataset.fromTensorSlices((options.imagesOf ?? imagesOf)(split));
  return (options.shuffle ? samples.shuffle(split.count) : samples).batch(batchSize);
}

async function read({ loss, accuracy }: PendingScore): Promise<Score> {
  const [[l], [a]] = await Promise.all([loss.data(), accuracy.data()]);
  tf.dispose([loss, accuracy]);
  return { loss: l, accuracy: a };
}
