/**
 * One model trained by two workers at once: each takes its share of every batch, gradients are averaged.
 *
 *   deno run -P torch_style/examples/data_parallel.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/ddp_series_multigpu.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { data, distributed, nn, optim } = torch;

/** What each worker runs; the mean loss of each epoch. */
export async function train(rank: number, epochs: number, batchSize: number): Promise<number[]> {
  torch.manualSeed(1);
  const { train: images } = await datasets.loadDataset("shapes10", { limit: 1000 });
  const dataset = new torch.ImageDataset(images);
  const sampler = new data.DistributedSampler(dataset);
  // `batchSize` is that of all workers together.
  const loader = new data.DataLoader(dataset, {
    batchSize: batchSize / distributed.getWorldSize(),
    sampler,
  });
  const model = new nn.parallel.DistributedDataParallel(
    new nn.Sequential(
      new nn.Conv2d(3, 16, 3, { stride: 2 }),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(16 * 15 * 15, 10),
    ),
  );
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    sampler.setEpoch(epoch); // Another order each epoch, the same one in all workers.
    let sum = torch.tensor(0);
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      const loss = criterion(model(x), y);
      loss.backward();
      await optimizer.step();
      sum = sum.add(loss.detach());
    }
    const mean = sum.div(loader.length);
    distributed.allReduce(mean, { op: "avg" });
    losses.push(await mean.item());
    if (rank === 0) console.log(`epoch ${epoch + 1}: loss ${losses.at(-1)!.toFixed(4)}`);
  }
  return losses;
}

if (import.meta.main) {
  await torch.multiprocessing.spawn({ module: import.meta.url, name: "train" }, [3, 50], 2);
}
