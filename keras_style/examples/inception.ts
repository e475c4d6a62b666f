/**
 * Branches: an Inception block of four ways through which an image goes, joined along the channels.
 *
 *   deno run --permission-set=default keras_style/examples/inception.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { layers } = keras;

/** How many filters each branch has. */
export interface InceptionFilters {
  readonly one: number;
  readonly three: readonly [reduce: number, filters: number];
  readonly five: readonly [reduce: number, filters: number];
  readonly pooled: number;
}

/** 1x1, 3x3 and 5x5 convolutions and a pooling side by side (Szegedy et al., 2014). */
export function inceptionBlock(x: keras.KerasTensor, filters: InceptionFilters): keras.KerasTensor {
  const conv = (count: number, kernelSize: number, input: keras.KerasTensor) =>
    new layers.Conv2D({ filters: count, kernelSize, padding: "same", activation: "relu" })(input);
  const pool = new layers.MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" });
  return new layers.Concatenate()([
    conv(filters.one, 1, x),
    conv(filters.three[1], 3, conv(filters.three[0], 1, x)),
    conv(filters.five[1], 5, conv(filters.five[0], 1, x)),
    conv(filters.pooled, 1, pool(x)),
  ]);
}

/** A classifier of images with one such block. */
export function inceptionClassifier(): keras.Model {
  const inputs = keras.Input({ shape: [32, 32, 3] });
  const stem = new layers.Conv2D({ filters: 8, kernelSize: 5, strides: 4, activation: "relu" });
  const normalized = new layers.BatchNormalization()(stem(inputs));
  const block = inceptionBlock(normalized, { one: 4, three: [4, 8], five: [2, 4], pooled: 4 });
  const hidden = new layers.Flatten()(new layers.BatchNormalization()(block));
  const outputs = new layers.Dense({ units: 10, activation: "softmax" })(hidden);
  return new keras.Model({ inputs, outputs, name: "inception" });
}

/** Prints the table of layers and trains. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  { limit = 1500, epochs = 5 } = {},
): Promise<keras.callbacks.History> {
  keras.clearSession();
  keras.setRandomSeed(1);
  const { train, test } = await datasets.loadDataset("shapes10", { limit });
  const model = inceptionClassifier();
  model.summary({ printFn: print });
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const history = await model.fit(...keras.imagesOf(train), {
    epochs,
    verbose: 0,
    validationData: keras.imagesOf(test),
  });
  history.history.loss.forEach((loss, i) => {
    print(
      `epoch ${i + 1}: loss ${loss.toFixed(4)}, accuracy ${
        history.history.accuracy[i].toFixed(4)
      }, ` +
        `val_accuracy ${history.history.val_accuracy[i].toFixed(4)}`,
    );
  });
  return history;
}

if (import.meta.main) await main();
