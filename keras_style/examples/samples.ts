/**
 * The first images of a data set, with the names of their classes, as a PNG; in a notebook, and in a terminal that
 * takes images, they are shown as well.
 *
 *   deno run --permission-set=default keras_style/examples/samples.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

/** Writes the grid into a folder and says where it is. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  folder = "report/examples",
): Promise<void> {
  const { train, classNames } = await datasets.loadDataset("shapes10", { limit: 100 });
  const [images, labels] = keras.imagesOf(train);
  print("images", images.shape, "labels", labels.shape);
  const { files } = await keras.showSamples(images, labels, classNames, {
    rows: 3,
    cols: 4,
    path: `${folder}/samples.png`,
  });
  print("written:", files.join(", "));
}

if (import.meta.main) await main();
