/**
 * Mixup (Zhang et al. 2018): every image is mixed with another one, and its label with the other's. CutMix is chosen half of
 * the time.
 *
 *   deno run -P torch_style/examples/mixup.ts
 *
 * Source: https://docs.pytorch.org/vision/stable/auto_examples/transforms/plot_cutmix_mixup.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn, transforms: T } = torch;

/** Images [n, 3, 32, 32] to logits [n, 10]. */
export function makeNet(): torch.nn.Sequential {
  const stage = (inputs: number, outputs: number) => [
    new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(outputs),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  ];
  return new nn.Sequential(
    ...stage(3, 16),
    ...stage(16, 32),
    ...stage(32, 32),
    new nn.Flatten(),
    new nn.Linear(32 * 4 * 4, 10),
  );
}

/** One epoch; labels are probabilities after the mix. @returns the loss of each batch */
export async function train(
  net: torch.nn.Sequential,
  optimizer: torch.optim.SGD,
  loader: Iterable<readonly torch.Tensor[]>,
  mix: torch.transforms.BatchTransform,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss();
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    const [mixed, probabilities] = mix(images, labels);
    const loss = criterion(net(mixed), probabilities);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(
  net: torch.nn.Sequential,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const predictions = torch.noGrad(() => net(images).argmax(1));
    correct += await predictions.eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains on synthetic shapes. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(21);
  const data = await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const net = makeNet();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  const [mixUp, cutMix] = [
    new T.MixUp({ numClasses: 10, alpha: 0.4 }),
    new T.CutMix({ numClasses: 10 }),
  ];
  let [mean, batch] = [NaN, 0];
  for (let epoch = 1; epoch <= 3; epoch++) {
    const losses = await train(
      net,
      optimizer,
      loader(data.train, true),
      (images, labels) => (batch++ % 2 === 0 ? mixUp : cutMix)(images, labels),
    );
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, loader(data.test));
    print(
      `epoch ${epoch}: loss of mixed images ${mean.toFixed(3)}, test accuracy ${
        accuracy.toFixed(1)
      } %`,
    );
  }
  return mean;
}

if (import.meta.main) await main();
