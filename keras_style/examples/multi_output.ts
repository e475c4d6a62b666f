/**
 * Two outputs, a loss for each: what an image shows, and how bright it is.
 *
 *   deno run --permission-set=default keras_style/examples/multi_output.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { layers } = keras;

/** Prints the losses of both heads, and what the model says of some images. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  { limit = 1500, epochs = 5 } = {},
): Promise<keras.callbacks.History> {
  keras.setRandomSeed(1);
  const { train, test } = await datasets.loadDataset("shapes10", { limit });
  const inputs = keras.Input({ shape: [32, 32, 3] });
  const coarse = new layers.Conv2D({ filters: 8, kernelSize: 5, strides: 2, activation: "relu" })(
    inputs,
  );
  const fine = new layers.Conv2D({ filters: 16, kernelSize: 3, strides: 2, activation: "relu" })(
    new layers.BatchNormalization()(coarse),
  );
  const shared = new layers.Flatten()(new layers.BatchNormalization()(fine));
  const model = new keras.Model({
    inputs,
    outputs: [
      new layers.Dense({ units: 10, activation: "softmax", name: "kind" })(shared),
      new layers.Dense({ units: 1, name: "brightness" })(shared),
    ],
  });
  model.compile({
    optimizer: new keras.optimizers.Adam({ learningRate: 0.003 }),
    loss: { kind: "sparseCategoricalCrossentropy", brightness: "mse" },
    lossWeights: { kind: 1, brightness: 0.5 },
    metrics: { kind: ["accuracy"], brightness: ["mae"] },
  });
  const [images, kinds] = keras.imagesOf(train);
  const history = await model.fit(images, { kind: kinds, brightness: brightnessOf(train) }, {
    epochs,
    verbose: 0,
  });
  for (const [name, values] of Object.entries(history.history)) {
    print(`${name}: ${values[0].toFixed(4)} -> ${values.at(-1)!.toFixed(4)}`);
  }
  const [testImages, testKinds] = keras.imagesOf(test);
  const scores = await model.evaluate(
    testImages,
    { kind: testKinds, brightness: brightnessOf(test) },
    { verbose: 0, returnDict: true },
  );
  print("test:", Object.keys(scores).join(", "));
  const [kind, brightness] = await model.predictAll(testImages, { verbose: 0 });
  print(`predictions: kind [${kind.shape}], brightness [${brightness.shape}]`);
  return history;
}

/** Mean of an image's pixels, in [0, 1]. */
function brightnessOf({ images, count, imageShape }: datasets.ImageSplit): keras.data.HostArray {
  const size = datasets.imageSize(imageShape);
  const data = Float32Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (const value of images.subarray(i * size, (i + 1) * size)) sum += value;
    return sum / size / datasets.maxPixelValue(images);
  });
  return { data, shape: [count, 1] };
}

if (import.meta.main) await main();
