/**
 * MLP-Mixer (Tolstikhin et al. 2021): dense layers over the patches and over the channels, in turn. Images are cropped and
 * flipped at random, and a rate that rises and falls once is set at every step.
 *
 *   deno run -P torch_style/examples/mlp_mixer.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/lucidrains/mlp-mixer-pytorch/blob/main/mlp_mixer_pytorch/mlp_mixer_pytorch.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn, transforms: T } = torch;

const mlp = (size: number, hidden: number) =>
  new nn.Sequential(new nn.Linear(size, hidden), new nn.GELU(), new nn.Linear(hidden, size));

/** [n, patches, channels] to the same. */
class MixerBlock extends nn.Module<[torch.Tensor], torch.Tensor> {
  norm1: torch.nn.LayerNorm;
  tokenMixing: torch.nn.Sequential;
  norm2: torch.nn.LayerNorm;
  channelMixing: torch.nn.Sequential;

  constructor(patches: number, channels: number) {
    super();
    this.norm1 = new nn.LayerNorm(channels);
    this.tokenMixing = mlp(patches, 2 * patches);
    this.norm2 = new nn.LayerNorm(channels);
    this.channelMixing = mlp(channels, 2 * channels);
  }

  override forward(input: torch.Tensor): torch.Tensor {
    const x = input.add(this.tokenMixing(this.norm1(input).transpose(1, 2)).transpose(1, 2));
    return x.add(this.channelMixing(this.norm2(x)));
  }
}

/** Images [n, 3, size, size] to logits [n, classes]. */
export class MLPMixer extends nn.Module<[torch.Tensor], torch.Tensor> {
  stem: torch.nn.Conv2d;
  blocks: torch.nn.Sequential;
  norm: torch.nn.LayerNorm;
  head: torch.nn.Linear;

  constructor({ size = 32, patch = 4, channels = 48, blocks = 3, classes = 10 } = {}) {
    super();
    this.stem = new nn.Conv2d(3, channels, patch, { stride: patch });
    const patches = (size / patch) ** 2;
    this.blocks = new nn.Sequential(
      ...Array.from({ length: blocks }, () => new MixerBlock(patches, channels)),
    );
    this.norm = new nn.LayerNorm(channels);
    this.head = new nn.Linear(channels, classes);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const x = this.stem(images).flatten(2).transpose(1, 2);
    return this.head(this.norm(this.blocks(x)).mean(1));
  }
}

/** Adam under the one-cycle policy. */
export function optimizerOf(net: MLPMixer, steps: number) {
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
  const scheduler = new torch.optim.lrScheduler.OneCycleLR(optimizer, 5e-3, { totalSteps: steps });
  return { optimizer, scheduler };
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: MLPMixer,
  { optimizer, scheduler }: ReturnType<typeof optimizerOf>,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss();
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const loss = criterion(net(images), labels);
    loss.backward();
    await optimizer.step();
    scheduler.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: MLPMixer, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const predictions = torch.noGrad(() => net(images).argmax(1));
    correct += await predictions.eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(17);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const transform = new T.Compose([
    new T.RandomCrop(32, { padding: 4 }),
    new T.RandomHorizontalFlip(),
  ]);
  const trainLoader = new torch.data.DataLoader(
    new torch.data.TransformedDataset(new torch.ImageDataset(data.train), { transform }),
    { batchSize: 16, shuffle: true },
  );
  const testLoader = new torch.data.DataLoader(new torch.ImageDataset(data.test), 16);
  const [net, epochs] = [new MLPMixer(), 3];
  const parts = optimizerOf(net, epochs * trainLoader.length);
  let mean = NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await train(net, parts, trainLoader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, testLoader);
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}, test accuracy ${accuracy.toFixed(1)} %`);
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
