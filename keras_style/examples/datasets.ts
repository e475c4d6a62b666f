/**
 * Data sets in the manner of tf.data: slices, shuffled, batched, repeated, mapped, one after the other.
 *
 *   deno run --permission-set=default keras_style/examples/datasets.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { datasets, keras } from "@tandem/tandem";

const { Dataset } = keras.data;

/** Prints what passes through data sets. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  keras.setRandomSeed(1);
  const show = async (dataset: keras.data.Dataset<tf.Tensor>) => {
    const elements: unknown[] = [];
    for await (const tensor of dataset) {
      elements.push(await tensor.array());
      tensor.dispose();
    }
    return JSON.stringify(elements);
  };

  const values = Dataset.fromTensorSlices(Array.from({ length: 8 }, (_, i) => i));
  print("batch(3):", await show(values.batch(3)));
  print("batch(3, dropRemainder):", await show(values.batch(3, { dropRemainder: true })));
  print("take(3).repeat(2):", await show(values.take(3).repeat(2)));
  print("skip(6):", await show(values.skip(6)));
  print("map(x²).batch(4):", await show(values.map((x) => tf.square(x)).batch(4)));
  const shuffled = values.shuffle(8, { seed: 7 });
  print("shuffle(8), one pass:", await show(shuffled.batch(8)));
  print("shuffle(8), another:", await show(shuffled.batch(8)));
  const fixed = values.shuffle(8, { seed: 7, reshuffleEachIteration: false }).batch(8);
  print("the same order each time:", await show(fixed) === await show(fixed));

  const { train } = await datasets.loadDataset("shapes10", { limit: 100 });
  const batches = Dataset.fromTensorSlices(keras.imagesOf(train))
    .shuffle(train.count)
    .batch(32)
    .prefetch(1);
  print(`${batches.cardinality()} batches of images:`);
  for await (const [images, labels] of batches) {
    print(`images [${images.shape}], labels [${labels.shape}]`);
    tf.dispose([images, labels]);
  }
  for (const [index, x, y] of Dataset.zip([values, values.skip(1)]).enumerate().skip(5)) {
    print(`pair ${await index.array()}: ${await x.array()} and ${await y.array()}`);
  }
}

if (import.meta.main) await main();
