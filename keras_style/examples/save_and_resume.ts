/**
 * A training that is stopped, saved, loaded and resumed equals one that never stopped, to the last bit.
 *
 *   deno run --permission-set=default keras_style/examples/save_and_resume.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { layers } = keras;

function makeModel(): keras.Sequential {
  keras.setRandomSeed(5);
  const model = new keras.Sequential([
    keras.Input({ shape: [32, 32, 3] }),
    new layers.AveragePooling2D({ poolSize: 4 }),
    new layers.Flatten(),
    new layers.Dense({ units: 32, activation: "relu" }),
    new layers.Dropout({ rate: 0.3 }),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: "adam",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Trains four epochs, then two and two, and compares. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/model.keras`;
    const { train, test } = await datasets.loadDataset("shapes10", { limit: 200 });
    const [images, classes] = keras.imagesOf(train);
    const fit = (model: keras.Model, initialEpoch: number, epochs: number) =>
      model.fit(images, classes, { initialEpoch, epochs, verbose: 0 });

    const unbroken = makeModel();
    const whole = await fit(unbroken, 0, 4);
    print("unbroken: ", whole.history.loss.map((loss) => loss.toFixed(6)).join(" "));

    const stopped = makeModel();
    const first = await fit(stopped, 0, 2);
    await stopped.save(path);
    const resumed = await keras.loadModel(path);
    const second = await fit(resumed, 2, 4);
    const joined = [...first.history.loss, ...second.history.loss];
    print("two by two:", joined.map((loss) => loss.toFixed(6)).join(" "));
    print("losses equal to the last bit:", String(joined) === String(whole.history.loss));
    const texts = await Promise.all([unbroken, resumed].map(async (model) => {
      const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
      return weights.join();
    }));
    print("weights equal to the last bit:", texts[0] === texts[1]);

    // Weights alone go into another model of the same layers.
    await resumed.saveWeights(`${folder}/model.weights.h5`);
    const other = makeModel();
    await other.loadWeights(`${folder}/model.weights.h5`);
    const scores = await Promise.all(
      [resumed, other].map((model) => model.evaluate(...keras.imagesOf(test), { verbose: 0 })),
    );
    print("a model with its weights scores the same:", String(scores[0]) === String(scores[1]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
