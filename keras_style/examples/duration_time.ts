/**
 * How long blocks take: one in another, waiting for the engine, functions, a time to go on with.
 *
 *   deno run --permission-set=default keras_style/examples/duration_time.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { DurationTime } = keras;

/** Prints how long loading, training and testing take. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const options = { log: print };
  keras.setRandomSeed(1);
  {
    using _all = new DurationTime("all", options);

    const { train, test } = await DurationTime.measure(
      "loading",
      () => datasets.loadDataset("shapes10", { limit: 320 }),
      options,
    );
    const model = new keras.Sequential([
      keras.Input({ shape: [32, 32, 3] }),
      new keras.layers.Conv2D({ filters: 16, kernelSize: 3, activation: "relu" }),
      new keras.layers.GlobalAveragePooling2D(),
      new keras.layers.Dense({ units: 10, activation: "softmax" }),
    ]);
    model.compile({ optimizer: "rmsprop", loss: "sparse_categorical_crossentropy" });
    const [images, classes] = keras.imagesOf(train);
    {
      await using training = new DurationTime("training", options);
      for (const epoch of [1, 2]) {
        await using _epoch = new DurationTime(`epoch ${epoch}`, options);
        await model.fit(images, classes, { epochs: 1, verbose: 0 });
      }
      const rate = 2 * train.count / training.seconds;
      print(`  ${rate.toFixed(0)} images a second`);
    }
    const { loss } = await DurationTime.measure(
      "testing",
      () => model.evaluate(...keras.imagesOf(test), { verbose: 0, returnDict: true }),
      options,
    );
    print(`loss is a number: ${Number.isFinite(loss)}`);
  }
  const sum = DurationTime.measure("a sum", () => {
    let total = 0;
    for (let i = 1; i <= 1000; i++) total += i;
    return total;
  }, options);
  print(`1 + 2 + ... + 1000 = ${sum}`);
}

if (import.meta.main) await main();
