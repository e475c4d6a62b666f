/**
 * SENet (Hu et al. 2018): residual blocks whose channels are weighted by what the whole image shows.
 *
 *   deno run -P torch_style/examples/senet.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/kuangliu/pytorch-cifar/blob/master/models/senet.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Squeeze (means of the channels) and excitation (a weight from 0 to 1 for each). */
class SqueezeExcitation extends nn.Module<[torch.Tensor], torch.Tensor> {
  fc1: torch.nn.Conv2d;
  fc2: torch.nn.Conv2d;

  constructor(channels: number, reduction = 4) {
    super();
    this.fc1 = new nn.Conv2d(channels, channels / reduction, 1);
    this.fc2 = new nn.Conv2d(channels / reduction, channels, 1);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const means = F.adaptiveAvgPool2d(x, 1);
    return x.mul(this.fc2(this.fc1(means).relu()).sigmoid());
  }
}

/** Batch norm and relu before each convolution (pre-activation), and squeeze and excitation behind them. */
class PreActBlock extends nn.Module<[torch.Tensor], torch.Tensor> {
  bn1: torch.nn.BatchNorm2d;
  conv1: torch.nn.Conv2d;
  bn2: torch.nn.BatchNorm2d;
  conv2: torch.nn.Conv2d;
  se: SqueezeExcitation;
  shortcut: torch.nn.Conv2d | null;

  constructor(inputs: number, planes: number, stride = 1) {
    super();
    this.bn1 = new nn.BatchNorm2d(inputs);
    this.conv1 = new nn.Conv2d(inputs, planes, 3, { stride, padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(planes);
    this.conv2 = new nn.Conv2d(planes, planes, 3, { padding: 1, bias: false });
    this.se = new SqueezeExcitation(planes);
    this.shortcut = stride === 1 && inputs === planes
      ? null
      : new nn.Conv2d(inputs, planes, 1, { stride, bias: false });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const active = this.bn1(x).relu();
    const y = this.conv2(this.bn2(this.conv1(active)).relu());
    return this.se(y).add(this.shortcut ? this.shortcut(active) : x);
  }
}

/** Images [n, 3, h, w] to logits [n, classes]. */
export class SENet extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1: torch.nn.Conv2d;
  layers = new nn.Sequential();
  linear: torch.nn.Linear;

  constructor(widths = [16, 32, 64], classes = 10) {
    super();
    this.conv1 = new nn.Conv2d(3, widths[0], 3, { padding: 1, bias: false });
    widths.forEach((width, i) => {
      this.layers.append(
        i === 0 ? new PreActBlock(width, width) : new PreActBlock(
          widths[i - 1],
          width,
          2,
        ),
      );
    });
    this.linear = new nn.Linear(widths.at(-1)!, classes);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const x = this.layers(this.conv1(images)).relu();
    return this.linear(x.mean([2, 3]));
  }
}

/** Momentum, and decay of all weights. */
export function optimizerOf(net: SENet): torch.optim.SGD {
  return new torch.optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 5e-4 });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: SENet,
  optimizer: torch.optim.SGD,
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
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: SENet, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
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
  torch.manualSeed(11);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const [net, epochs] = [new SENet(), 2];
  const optimizer = optimizerOf(net);
  const scheduler = new torch.optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
  let mean = NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await train(net, optimizer, loader(data.train, true));
    scheduler.step();
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, loader(data.test));
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}, test accuracy ${accuracy.toFixed(1)} %`);
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
