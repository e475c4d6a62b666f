/**
 * Training with `fit`, `evaluate` and `predict`: losses and metrics of one's own, weights of classes and samples, data sets,
 * several inputs and outputs, checkpoints, schedules, TensorBoard.
 *
 *   deno run -P keras_style/examples/built_in_methods.ts
 *
 * Source of the program: https://keras.io/guides/training_with_built_in_methods/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, ops } = keras;

/** Two dense layers and a softmax. */
export function classifier(inputs: number, units = 64): keras.Model {
  const digits = keras.Input({ shape: [inputs], name: "digits" });
  const x1 = new layers.Dense({ units, activation: "relu", name: "dense_1" })(digits);
  const x2 = new layers.Dense({ units, activation: "relu", name: "dense_2" })(x1);
  const outputs = new layers.Dense({ units: 10, activation: "softmax", name: "predictions" })(x2);
  return new keras.Model({ inputs: digits, outputs });
}

/** A function is a loss: it takes labels and predictions. */
export function customMeanSquaredError(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  return ops.mean(ops.square(ops.subtract(yTrue, yPred)), { axis: -1 });
}

/** A loss with a setting: predictions far from 0.5 cost more. */
export class CustomMSE extends keras.losses.Loss {
  constructor(readonly regularizationFactor = 0.1) {
    super({ name: "custom_mse" });
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const regularization = ops.mean(ops.square(ops.subtract(0.5, yPred)), { axis: -1 });
    return ops.add(
      customMeanSquaredError(yTrue, yPred),
      ops.multiply(regularization, this.regularizationFactor),
    );
  }
}

/** A metric with a state: how many samples were put in the right class. */
export class CategoricalTruePositives extends keras.metrics.Metric {
  readonly truePositives: tf.Variable;

  constructor() {
    super({ name: "categorical_true_positives" });
    this.truePositives = this.addVariable({ shape: [], name: "ctp" });
  }

  override updateState(yTrue: tf.Tensor, yPred: tf.Tensor): void {
    const right = ops.equal(
      ops.cast(ops.reshape(yTrue, [-1]), "int32"),
      ops.cast(ops.argmax(yPred, { axis: 1 }), "int32"),
    );
    this.truePositives.assign(ops.add(this.truePositives, ops.sum(ops.cast(right, "float32"))));
  }

  override result(): tf.Tensor {
    return ops.add(this.truePositives, 0);
  }
}

/** An image and a series, a score and a class: losses and metrics by the outputs' names. */
export function twoByTwo(): keras.Model {
  const image = keras.Input({ shape: [16, 16, 3], name: "img_input" });
  const series = keras.Input({ shape: [10, 4], name: "ts_input" });
  const x1 = new layers.GlobalMaxPooling2D()(
    new layers.Conv2D({ filters: 3, kernelSize: 3 })(image),
  );
  const x2 = new layers.GlobalMaxPooling1D()(
    new layers.Conv1D({ filters: 3, kernelSize: 3 })(series),
  );
  const x = layers.concatenate([x1, x2]);
  const model = new keras.Model({
    inputs: [image, series],
    outputs: [
      new layers.Dense({ units: 1, name: "score_output" })(x),
      new layers.Dense({ units: 5, name: "class_output" })(x),
    ],
  });
  model.compile({
    optimizer: new keras.optimizers.RMSprop({ learningRate: 1e-3 }),
    loss: {
      score_output: new keras.losses.MeanSquaredError(),
      class_output: new keras.losses.CategoricalCrossentropy({ fromLogits: true }),
    },
    metrics: {
      score_output: [new keras.metrics.MeanAbsolutePercentageError()],
      class_output: [new keras.metrics.CategoricalAccuracy()],
    },
    lossWeights: { score_output: 2, class_output: 1 },
  });
  return model;
}

/** Trains in several ways. @returns losses of the first */
export async function main(print = console.log, flags: Flags = {}): Promise<number[]> {
  const { epochs = 4 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 800, ...flags });
  const size = train.imageShape.reduce((product, side) => product * side, 1);
  const flat = (split: typeof train): [keras.data.HostArray, keras.data.HostArray] => {
    const [images, labels] = keras.imagesOf(split);
    return [{ ...images, shape: [split.count, size] }, labels];
  };
  const options = { epochs, batchSize: 64, verbose: 0 } as const;

  const model = classifier(size);
  model.compile({
    optimizer: new keras.optimizers.Adam({
      learningRate: new keras.optimizers.schedules.ExponentialDecay({
        initialLearningRate: 3e-3,
        decaySteps: 100,
        decayRate: 0.96,
        staircase: true,
      }),
    }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["sparseCategoricalAccuracy", new CategoricalTruePositives()],
  });
  const folder = await Deno.makeTempDir();
  try {
    const { history } = await model.fit(...flat(train), {
      ...options,
      validationSplit: 0.2,
      // One class counts twice.
      classWeight: { 5: 2 },
      callbacks: [
        new keras.callbacks.EarlyStopping({ monitor: "val_loss", minDelta: 1e-2, patience: 2 }),
        new keras.callbacks.ModelCheckpoint({
          filepath: `${folder}/model_{epoch}.safetensors`,
          saveBestOnly: true,
          monitor: "val_loss",
        }),
        new keras.callbacks.TensorBoard({ logDir: `${folder}/logs`, histogramFreq: 1 }),
      ],
    });
    print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
    const written = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    print(`written: ${written.join(", ")}`);
    const scores = await model.evaluate(...flat(test), { verbose: 0, returnDict: true });
    print(
      `test accuracy ${scores.sparseCategoricalAccuracy.toFixed(4)}, ` +
        `right ${scores.categorical_true_positives} of ${test.count}`,
    );

    const regression = classifier(size);
    regression.compile({ optimizer: "adam", loss: new CustomMSE(), weightedMetrics: ["accuracy"] });
    const [images, labels] = flat(train);
    const oneHot = keras.utils.toCategorical(Array.from(labels.data as ArrayLike<number>), 10);
    const sampleWeight = Float32Array.from(labels.data, (label) => label === 5 ? 2 : 1);
    const own = await regression.fit(images, oneHot, {
      ...options,
      sampleWeight: { data: sampleWeight, shape: [train.count] },
    });
    print(
      `a loss of one's own: ${own.history.loss[0].toFixed(4)} -> ` +
        own.history.loss.at(-1)!.toFixed(4),
    );

    const dataset = keras.data.Dataset.fromTensorSlices(flat(train)).shuffle(1024).batch(64);
    const again = classifier(size);
    again.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    await again.fit(dataset.repeat(), { epochs, stepsPerEpoch: 5, verbose: 0 });
    const [loss] = [await again.evaluate(dataset, { verbose: 0 })].flat();
    print(`a data set, five steps an epoch: loss ${loss.toFixed(4)}`);

    const both = twoByTwo();
    const draw = (shape: number[], seed: number) => keras.random.uniform(shape, { seed });
    const logs = await both.fit(
      { img_input: draw([64, 16, 16, 3], 1), ts_input: draw([64, 10, 4], 2) },
      { score_output: draw([64, 1], 3), class_output: draw([64, 5], 4) },
      { epochs: 1, batchSize: 32, verbose: 0 },
    );
    print(`two inputs, two outputs: ${Object.keys(logs.history).join(", ")}`);
    return history.loss;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main(console.log, readFlags());
