/**
 * A training loop of one's own: batches, a tape, an optimizer, metrics; first step by step, then as a compiled function; and
 * a layer whose own loss is added.
 *
 *   deno run -P keras_style/examples/training_loop.ts --dataset mnist
 *
 * Source of the program: https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { layers, losses, metrics, ops, optimizers } = keras;

/** Two dense layers on flat images; `activity` adds a penalty of what the second gives. */
export function denseNetwork(inputs: number, { units = 64, activity = 0 } = {}): keras.Model {
  const digits = keras.Input({ shape: [inputs], name: "digits" });
  const x1 = new layers.Dense({ units, activation: "relu" })(digits);
  const x2 = new layers.Dense({ units, activation: "relu" })(x1);
  const penalized = activity === 0 ? x2 : new ActivityRegularizationLayer(activity)(x2);
  const outputs = new layers.Dense({ units: 10, name: "predictions" })(penalized);
  return new keras.Model({ inputs: digits, outputs });
}

/** Adds the mean of what goes through it to the loss. */
export class ActivityRegularizationLayer extends layers.Layer {
  constructor(readonly factor: number) {
    super();
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    this.addLoss(ops.multiply(ops.mean(inputs), this.factor));
    return inputs;
  }
}

/** What the steps work with. */
export interface Parts {
  readonly model: keras.Model;
  readonly optimizer: keras.Optimizer;
  readonly lossFn: keras.Loss;
  readonly metric: keras.Metric;
}

/** Model, optimizer, loss and metric of the program. */
export function makeParts(model: keras.Model): Parts {
  return {
    model,
    optimizer: new optimizers.Adam({ learningRate: 1e-3 }),
    lossFn: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metric: new metrics.SparseCategoricalAccuracy(),
  };
}

/** One step. @returns its loss, a scalar */
export function trainStep({ model, optimizer, lossFn, metric }: Parts, x: tf.Tensor, y: tf.Tensor) {
  using tape = new keras.GradientTape();
  const logits = model(x, { training: true });
  const loss = [lossFn(y, logits), ...model.losses].reduce((sum, more) => ops.add(sum, more));
  const gradients = tape.gradient(loss, model.trainableWeights);
  optimizer.apply(gradients, model.trainableWeights);
  metric.updateState(y, logits);
  return loss;
}

/** Trains. @returns accuracy on the images kept for validation, epoch by epoch */
export async function main(print = console.log, flags: Flags = {}): Promise<number[]> {
  const { epochs = 3 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 800, ...flags });
  const size = train.imageShape.reduce((product, side) => product * side, 1);
  const batchesOf = (split: typeof train) => {
    const [images, labels] = keras.imagesOf(split);
    return keras.data.Dataset.fromTensorSlices([{ ...images, shape: [split.count, size] }, labels]);
  };
  const trainBatches = batchesOf(train).shuffle(1024).batch(64);
  const validationBatches = batchesOf(test).batch(64);

  const parts = makeParts(denseNetwork(size, { activity: 0.01 }));
  const validation = new metrics.SparseCategoricalAccuracy();
  // Without these lines everything runs as well, one operation after the other.
  const step = keras.tfFunction((x: tf.Tensor, y: tf.Tensor) => trainStep(parts, x, y));
  const test1 = keras.tfFunction((x: tf.Tensor, y: tf.Tensor) =>
    validation.updateState(y, parts.model(x, { training: false }))
  );

  const accuracies: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    print(`Start of epoch ${epoch + 1}`);
    let count = 0;
    for (const [x, y] of trainBatches) {
      const loss = step(x, y);
      if (count++ % 5 === 0) {
        const [value] = await loss.data();
        print(`Training loss at step ${count - 1}: ${value.toFixed(4)}`);
      }
    }
    const [accuracy] = await parts.metric.result().data();
    print(`Training accuracy over epoch: ${accuracy.toFixed(4)}`);
    parts.metric.resetState();
    for (const [x, y] of validationBatches) test1(x, y);
    const [value] = await validation.result().data();
    print(`Validation accuracy: ${value.toFixed(4)}`);
    validation.resetState();
    accuracies.push(value);
  }
  return accuracies;
}

if (import.meta.main) await main(console.log, readFlags());
