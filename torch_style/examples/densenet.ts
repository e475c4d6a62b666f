/**
 * DenseNet-BC (Huang et al. 2017) for images of 32 by 32: every layer sees the outputs of all layers before it in its block.
 * Trained as the paper does it: SGD with Nesterov momentum, the rate divided by ten on the way.
 *
 *   deno run -P torch_style/examples/densenet.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/densenet.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** A bottleneck of 1x1 and a 3x3 convolution, each behind batch norm; what it makes is joined to its input. */
class DenseLayer extends nn.Module<[torch.Tensor], torch.Tensor> {
  norm1: torch.nn.BatchNorm2d;
  conv1: torch.nn.Conv2d;
  norm2: torch.nn.BatchNorm2d;
  conv2: torch.nn.Conv2d;

  constructor(inputs: number, growthRate: number, bottleneck = 4) {
    super();
    this.norm1 = new nn.BatchNorm2d(inputs);
    this.conv1 = new nn.Conv2d(inputs, bottleneck * growthRate, 1, { bias: false });
    this.norm2 = new nn.BatchNorm2d(bottleneck * growthRate);
    this.conv2 = new nn.Conv2d(bottleneck * growthRate, growthRate, 3, { padding: 1, bias: false });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const y = this.conv1(this.norm1(x).relu());
    return torch.cat([x, this.conv2(this.norm2(y).relu())], 1);
  }
}

/** Fewer channels, half the rows and columns. */
function transition(inputs: number, outputs: number): torch.nn.Sequential {
  return new nn.Sequential({
    norm: new nn.BatchNorm2d(inputs),
    relu: new nn.ReLU({ inplace: true }),
    conv: new nn.Conv2d(inputs, outputs, 1, { bias: false }),
    pool: new nn.AvgPool2d(2, { stride: 2 }),
  });
}

/** Images [n, 3, h, w] to logits [n, classes]. */
export class DenseNet extends nn.Module<[torch.Tensor], torch.Tensor> {
  features = new nn.Sequential();
  classifier: torch.nn.Linear;

  constructor(growthRate = 12, blocks = [2, 2, 2], classes = 10) {
    super();
    let channels = 2 * growthRate;
    this.features.append(new nn.Conv2d(3, channels, 3, { padding: 1, bias: false }));
    blocks.forEach((layers, i) => {
      for (let layer = 0; layer < layers; layer++) {
        this.features.append(new DenseLayer(channels, growthRate));
        channels += growthRate;
      }
      if (i === blocks.length - 1) return;
      this.features.append(transition(channels, Math.floor(channels / 2)));
      channels = Math.floor(channels / 2);
    });
    this.features.append(new nn.BatchNorm2d(channels));
    this.classifier = new nn.Linear(channels, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight);
      else if (module instanceof nn.Linear) nn.init.zeros_(module.bias!);
    }
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const x = this.features(images).relu();
    return this.classifier(nn.functional.adaptiveAvgPool2d(x, 1).flatten(1));
  }
}

/** The paper's optimizer. */
export function optimizerOf(net: DenseNet, lr = 0.1): torch.optim.SGD {
  return new torch.optim.SGD(net.parameters(), {
    lr,
    momentum: 0.9,
    weightDecay: 1e-4,
    nesterov: true,
  });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: DenseNet,
  optimizer: torch.optim.SGD,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(net(images), labels);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: DenseNet, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
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
  torch.manualSeed(10);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const net = new DenseNet();
  const optimizer = optimizerOf(net);
  const scheduler = new torch.optim.lrScheduler.MultiStepLR(optimizer, [1], { gamma: 0.1 });
  print(`DenseNet: ${net.countParameters()} parameters`);
  let mean = NaN;
  for (let epoch = 1; epoch <= 2; epoch++) {
    const losses = await train(net, optimizer, loader(data.train, true));
    scheduler.step();
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, loader(data.test));
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}, test accuracy ${accuracy.toFixed(1)} %`);
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
