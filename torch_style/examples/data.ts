/**
 * Data: a dataset of images, transforms, a random split, batches by workers.
 *
 *   deno run --permission-set=default torch_style/examples/data.ts
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { data, transforms: T } = torch;

/** The images, changed at random as they are taken. Workers import this function. */
export async function images(limit: number): Promise<torch.data.Dataset> {
  const { train, imageShape: [height, width, channels] } = await datasets.loadDataset("shapes10", {
    limit,
  });
  const size = height * width * channels;
  const prepare = new T.Compose([
    new T.ToTensor(),
    new T.RandomCrop(32, { padding: 4 }),
    new T.RandomHorizontalFlip(),
    new T.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);
  return {
    length: train.count,
    getItem: (i) => [
      prepare({ data: train.images.subarray(i * size, (i + 1) * size), height, width, channels }),
      torch.tensor(train.labels[i]),
    ],
  };
}

/** Prints the batches of a training part and of a validation part. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const dataset = await images(100);
  const [train, validation] = data.randomSplit(dataset, [0.8, 0.2], { seed: 1 });
  print(`${train.length} training and ${validation.length} validation images`);
  for (const [x, y] of new data.DataLoader(train, { batchSize: 32, shuffle: true })) {
    print("batch", x.shape, "labels", y.shape);
  }
  const loader = new data.DataLoader(dataset, {
    batchSize: 50,
    numWorkers: 2,
    workerSource: { module: import.meta.url, name: "images", args: [100] },
  });
  for await (const [x] of loader) print("batch from a worker", x.shape);
}

if (import.meta.main) await main();
