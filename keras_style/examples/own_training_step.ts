/**
 * A training loop written out: a model, a loss, an optimizer, a step that is compiled, epochs.
 *
 *   deno run --permission-set=default keras_style/examples/own_training_step.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { datasets, keras } from "@tandem/tandem";

const { layers, losses, metrics, optimizers } = keras;

/** A model that is a class: its layers are called like functions. */
class Classifier extends keras.Model {
  readonly coarse = new layers.Conv2D({
    filters: 8,
    kernelSize: 5,
    strides: 2,
    activation: "relu",
  });
  readonly normalized = new layers.BatchNormalization();
  readonly fine = new layers.Conv2D({ filters: 16, kernelSize: 3, strides: 2, activation: "relu" });
  readonly normalizedAgain = new layers.BatchNormalization();
  readonly flatten = new layers.Flatten();
  readonly scores = new layers.Dense({ units: 10 });

  override call(images: tf.Tensor): tf.Tensor {
    const seen = this.normalized(this.coarse(images));
    return this.scores(this.flatten(this.normalizedAgain(this.fine(seen))));
  }
}

/** The losses of a training, epoch by epoch. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  { limit = 1500, epochs = 5 } = {},
): Promise<number[]> {
  keras.setRandomSeed(3);
  const { train, test } = await datasets.loadDataset("shapes10", { limit });
  const trainBatches = keras.data.Dataset.fromTensorSlices(keras.imagesOf(train))
    .shuffle(train.count)
    .batch(32);
  const testBatches = keras.data.Dataset.fromTensorSlices(keras.imagesOf(test)).batch(32);

  const model = new Classifier();
  model.build([null, 32, 32, 3]);
  const lossObject = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  const optimizer = new optimizers.Adam({ learningRate: 0.01 });
  optimizer.build(model.trainableVariables);
  const trainLoss = new metrics.Mean({ name: "train_loss" });
  const trainAccuracy = new metrics.SparseCategoricalAccuracy({ name: "train_accuracy" });
  const testLoss = new metrics.Mean({ name: "test_loss" });
  const testAccuracy = new metrics.SparseCategoricalAccuracy({ name: "test_accuracy" });

  // Each is recorded once for a batch size, and then one call into ONNX Runtime.
  const trainStep = keras.tfFunction((images: tf.Tensor, labels: tf.Tensor) => {
    using tape = new keras.GradientTape();
    const predictions = model(images, { training: true });
    const loss = lossObject(labels, predictions);
    const gradients = tape.gradient(loss, model.trainableVariables);
    optimizer.applyGradients(
      model.trainableVariables.map((variable, i) => [gradients[i], variable] as const),
    );
    trainLoss.updateState(loss);
    trainAccuracy.updateState(labels, predictions);
  });
  const testStep = keras.tfFunction((images: tf.Tensor, labels: tf.Tensor) => {
    const predictions = model(images);
    testLoss.updateState(lossObject(labels, predictions));
    testAccuracy.updateState(labels, predictions);
  });

  const history: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const values = [trainLoss, trainAccuracy, testLoss, testAccuracy];
    for (const metric of values) metric.resetState();
    for await (const [images, labels] of trainBatches) {
      trainStep(images, labels);
      tf.dispose([images, labels]);
      await keras.synchronize();
    }
    for await (const [images, labels] of testBatches) {
      testStep(images, labels);
      tf.dispose([images, labels]);
    }
    const results = await Promise.all(values.map(async (m) => (await m.result().data())[0]));
    const [loss, accuracy, lossOfTest, accuracyOfTest] = results;
    print(
      `Epoch ${epoch}, Loss: ${loss.toFixed(4)}, Accuracy: ${(100 * accuracy).toFixed(2)}, ` +
        `Test Loss: ${lossOfTest.toFixed(4)}, Test Accuracy: ${(100 * accuracyOfTest).toFixed(2)}`,
    );
    history.push(loss);
  }
  print(`recorded ${trainStep.signatures} times, for the whole batch and for the last one`);
  return history;
}

if (import.meta.main) await main();
