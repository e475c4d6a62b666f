/**
 * ShuffleNetV2 (Ma et al. 2018): half of the channels goes through a block, then all are shuffled, so that the next block
 * sees others.
 *
 *   deno run -P torch_style/examples/shufflenetv2.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/shufflenetv2.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Channels 0 1 2 | 3 4 5 of two groups become 0 3 1 4 2 5. */
function channelShuffle(x: torch.Tensor, groups: number): torch.Tensor {
  const [n, channels, height, width] = x.shape;
  return x.view(n, groups, channels / groups, height, width).transpose(1, 2)
    .reshape(n, channels, height, width);
}

const pointwise = (inputs: number, outputs: number) => [
  new nn.Conv2d(inputs, outputs, 1, { bias: false }),
  new nn.BatchNorm2d(outputs),
  new nn.ReLU({ inplace: true }),
];

const depthwise = (channels: number, stride: number) => [
  new nn.Conv2d(channels, channels, 3, { stride, padding: 1, groups: channels, bias: false }),
  new nn.BatchNorm2d(channels),
];

/** With a stride of 1 the first half of the channels passes by; with 2 both branches see all of them. */
class InvertedResidual extends nn.Module<[torch.Tensor], torch.Tensor> {
  branch1 = new nn.Sequential();
  branch2: torch.nn.Sequential;

  constructor(inputs: number, outputs: number, readonly stride: number) {
    super();
    const half = outputs / 2;
    if (stride > 1) this.branch1.extend([...depthwise(inputs, stride), ...pointwise(inputs, half)]);
    this.branch2 = new nn.Sequential(
      ...pointwise(stride > 1 ? inputs : half, half),
      ...depthwise(half, stride),
      ...pointwise(half, half),
    );
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const [passing, changed] = this.stride > 1 ? [x, x] : x.chunk(2, 1);
    return channelShuffle(torch.cat([this.branch1(passing), this.branch2(changed)], 1), 2);
  }
}

/** Images [n, 3, h, w] to logits [n, classes]. */
export class ShuffleNetV2 extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1: torch.nn.Sequential;
  stages = new nn.Sequential();
  conv5: torch.nn.Sequential;
  fc: torch.nn.Linear;

  constructor(repeats = [2, 2], channels = [24, 48, 96, 128], classes = 10) {
    super();
    this.conv1 = new nn.Sequential(
      new nn.Conv2d(3, channels[0], 3, { padding: 1, stride: 2, bias: false }),
      new nn.BatchNorm2d(channels[0]),
      new nn.ReLU({ inplace: true }),
    );
    repeats.forEach((blocks, i) => {
      const [inputs, outputs] = channels.slice(i, i + 2);
      this.stages.append(new InvertedResidual(inputs, outputs, 2));
      for (let block = 1; block < blocks; block++) {
        this.stages.append(new InvertedResidual(outputs, outputs, 1));
      }
    });
    this.conv5 = new nn.Sequential(...pointwise(channels.at(-2)!, channels.at(-1)!));
    this.fc = new nn.Linear(channels.at(-1)!, classes);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const x = this.conv5(this.stages(this.conv1(images)));
    return this.fc(x.mean([2, 3]));
  }
}

/** No decay of what is not a weight of a convolution or the last layer, as the paper trains it. */
export function optimizerOf(net: ShuffleNetV2): torch.optim.SGD {
  const parameters = net.parameters();
  return new torch.optim.SGD([
    { params: parameters.filter((parameter) => parameter.ndim > 1), weightDecay: 4e-5 },
    { params: parameters.filter((parameter) => parameter.ndim === 1), weightDecay: 0 },
  ], { lr: 0.1, momentum: 0.9 });
}

/** One epoch; the rate falls in a line to zero. @returns the loss of each batch */
export async function train(
  net: ShuffleNetV2,
  optimizer: torch.optim.SGD,
  scheduler: torch.optim.lrScheduler.LRScheduler,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 });
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    const loss = criterion(net(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    scheduler.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right, and is among the first three. */
async function test(net: ShuffleNetV2, loader: Iterable<readonly torch.Tensor[]>) {
  let [first, firstThree, count] = [0, 0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const { indices } = torch.noGrad(() => net(images).topk(3, 1));
    const isRight = indices.eq(labels.unsqueeze(1));
    first += await isRight.select(1, 0).sum().item();
    firstThree += await isRight.sum().item();
    count += labels.shape[0];
  }
  return { top1: 100 * first / count, top3: 100 * firstThree / count };
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(12);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const [net, epochs, trainLoader] = [new ShuffleNetV2(), 2, loader(data.train, true)];
  const optimizer = optimizerOf(net);
  const scheduler = new torch.optim.lrScheduler.LambdaLR(
    optimizer,
    (step) => 1 - step / (epochs * trainLoader.length),
  );
  let mean = NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await train(net, optimizer, scheduler, trainLoader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const { top1, top3 } = await test(net, loader(data.test));
    print(
      `epoch ${epoch}: loss ${mean.toFixed(3)}, top-1 ${top1.toFixed(1)} %, top-3 ${
        top3.toFixed(1)
      } %`,
    );
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
