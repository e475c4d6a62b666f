/**
 * An image classifier in the Keras idiom by `compile` and `fit`.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import {
  type callbacks,
  type CompileOptions,
  type FitOptions,
  imagesOf,
  type LabeledImages,
  losses,
  metrics,
  type Model,
  optimizers,
  type RunOptions,
} from "../../../keras_style/mod.ts";
import type { Score } from "../training/training_loop.ts";

/** What a Keras classifier is made of. */
export interface KerasParts {
  /** Gives logits or probabilities [n, classes], as the loss takes them. */
  readonly model: Model;
  /** Cross entropy of logits unless given. */
  readonly loss?: losses.Loss;
  /** RMSprop with Keras' constants unless given. */
  readonly optimizer?: optimizers.Optimizer;
  /** How right answers are counted: `SparseCategoricalAccuracy`, of class indices, unless given. */
  readonly metric?: typeof metrics.SparseCategoricalAccuracy | typeof metrics.CategoricalAccuracy;
}

/** Images and classes as a model takes them. */
export type ImagesOf = (split: LabeledImages) => ReturnType<typeof imagesOf>;

/** Options of {@linkcode KerasClassifier}. */
export interface KerasClassifierOptions extends KerasParts {
  /** `accuracy` by `metric` unless given; the first one is what {@linkcode KerasClassifier.evaluate} gives as accuracy. */
  readonly metrics?: readonly metrics.Metric[];
  /** How a split becomes arrays; `keras.imagesOf` unless given: channels last, in [0, 1]. */
  readonly imagesOf?: ImagesOf;
  /** Training steps in one call into ONNX Runtime; 1 unless given. */
  readonly stepsPerExecution?: number;
}

/**
 * Trains any model as the first Keras variant of the published experiment does, by `fit`.
 *
 * @example
 * ```ts
 * import { bench, datasets, keras, models } from "@tandem/tandem";
 * const { train, test } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const { kerasModel } = await (await models.loadModel("published_cnn")).keras!();
 * keras.setRandomSeed(1);
 * const classifier = new bench.KerasClassifier({
 *   model: kerasModel({ inputShape: [32, 32, 3], classes: 10 }),
 * });
 * await classifier.train(train, { epochs: 1 });
 * console.log(await classifier.evaluate(test));
 * ```
 */
export class KerasClassifier {
  readonly model: Model;
  readonly #imagesOf: ImagesOf;
  readonly #accuracy: string;
  readonly #compileOptions: CompileOptions;

  constructor(options: KerasClassifierOptions) {
    const { loss, optimizer, metric } = withDefaults(options);
    const chosen = options.metrics ?? [new metric({ name: "accuracy" })];
    this.model = options.model;
    this.#imagesOf = options.imagesOf ?? imagesOf;
    this.#accuracy = chosen[0].name;
    const { stepsPerExecution } = options;
    this.#compileOptions = { optimizer, loss, metrics: [...chosen], stepsPerExecution };
    this.retrace();
  }

  /** To be called when layers are frozen, or trained again: `compile` anew, as Keras asks for. */
  retrace(): void {
    this.model.compile(this.#compileOptions);
  }

  /** Trains over whole epochs; options are those of `fit`. */
  train(
    train: LabeledImages,
    options: FitOptions & { validation?: LabeledImages } = {},
  ): Promise<callbacks.History> {
    const { validation, ...others } = options;
    const [images, classes] = this.#imagesOf(train);
    return this.model.fit(images, classes, {
      ...(validation ? { validationData: this.#imagesOf(validation) } : {}),
      ...others,
    });
  }

  /** Loss and accuracy over a data set. */
  async evaluate(split: LabeledImages, options: RunOptions = {}): Promise<Score> {
    const [images, classes] = this.#imagesOf(split);
    const logs = await this.model.evaluate(images, classes, { ...options, returnDict: true });
    return { loss: logs.loss, accuracy: logs[this.#accuracy] };
  }

  /** The class of every image. */
  async predict(split: LabeledImages, options: RunOptions = {}): Promise<Int32Array> {
    return await largestOfRows(await this.model.predict(this.#imagesOf(split)[0], options));
  }
}

/** The parts that were given, and the defaults of the others. */
export function withDefaults(
  { model, loss, optimizer, metric }: KerasParts,
): Required<KerasParts> {
  return {
    model,
    loss: loss ?? new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    optimizer: optimizer ?? new optimizers.RMSprop(),
    metric: metric ?? metrics.SparseCategoricalAccuracy,
  };
}

/** Where each row of a tensor [n, classes] is largest. Disposes it. */
export async function largestOfRows(logits: tf.Tensor): Promise<Int32Array> {
  const [count, width] = logits.shape;
  const values = await logits.data();
  logits.dispose();
  return Int32Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width!; i++) {
      if (values[row * width! + i] > values[row * width! + best]) best = i;
    }
    return best;
  });
}
