/**
 * A small GoogLeNet (Szegedy et al. 2015): convolutions of several sizes side by side, and two auxiliary classifiers, whose
 * losses count 0.3 while training.
 *
 *   deno run -P torch_style/examples/googlenet.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/googlenet.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** A convolution that keeps rows and columns, batch norm, relu. */
class BasicConv2d extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv: torch.nn.Conv2d;
  bn: torch.nn.BatchNorm2d;

  constructor(inputs: number, outputs: number, kernelSize: number) {
    super();
    const padding = (kernelSize - 1) / 2;
    this.conv = new nn.Conv2d(inputs, outputs, kernelSize, { padding, bias: false });
    this.bn = new nn.BatchNorm2d(outputs, { eps: 0.001 });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return F.relu(this.bn(this.conv(x)), { inplace: true });
  }
}

/** Channels of an inception block's branches. */
interface Channels {
  readonly one: number;
  readonly three: readonly [reduced: number, outputs: number];
  readonly five: readonly [reduced: number, outputs: number];
  readonly pool: number;
}

/** Four branches, joined along the channels. */
class Inception extends nn.Module<[torch.Tensor], torch.Tensor> {
  branch1: BasicConv2d;
  branch2: torch.nn.Sequential;
  branch3: torch.nn.Sequential;
  branch4: torch.nn.Sequential;

  constructor(inputs: number, { one, three, five, pool }: Channels) {
    super();
    this.branch1 = new BasicConv2d(inputs, one, 1);
    this.branch2 = new nn.Sequential(
      new BasicConv2d(inputs, three[0], 1),
      new BasicConv2d(three[0], three[1], 3),
    );
    this.branch3 = new nn.Sequential(
      new BasicConv2d(inputs, five[0], 1),
      new BasicConv2d(five[0], five[1], 5),
    );
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inputs, pool, 1),
    );
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return torch.cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)], 1);
  }
}

/** Classifies by what a block in the middle of the network made. */
class Auxiliary extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv: BasicConv2d;
  fc1 = new nn.Linear(16 * 4 * 4, 64);
  dropout: torch.nn.Dropout;
  fc2: torch.nn.Linear;

  constructor(inputs: number, classes: number, dropout: number) {
    super();
    this.conv = new BasicConv2d(inputs, 16, 1);
    this.dropout = new nn.Dropout(dropout);
    this.fc2 = new nn.Linear(64, classes);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const y = this.conv(F.adaptiveAvgPool2d(x, [4, 4])).flatten(1);
    return this.fc2(this.dropout(this.fc1(y).relu()));
  }
}

/** Logits [n, classes]: of the network, and of the auxiliary classifiers while training. */
export interface Logits {
  readonly logits: torch.Tensor;
  readonly aux1?: torch.Tensor;
  readonly aux2?: torch.Tensor;
}

/** Images [n, 3, h, w] to logits. */
export class GoogLeNet extends nn.Module<[torch.Tensor], Logits> {
  conv1 = new BasicConv2d(3, 24, 3);
  maxpool1 = new nn.MaxPool2d(3, { stride: 2, ceilMode: true });
  inception3 = new Inception(24, { one: 16, three: [16, 24], five: [4, 8], pool: 8 });
  inception4 = new Inception(56, { one: 24, three: [16, 32], five: [4, 12], pool: 12 });
  maxpool2 = new nn.MaxPool2d(2, { stride: 2, ceilMode: true });
  inception5 = new Inception(80, { one: 32, three: [24, 48], five: [8, 16], pool: 16 });
  aux1: Auxiliary;
  aux2: Auxiliary;
  dropout: torch.nn.Dropout;
  fc: torch.nn.Linear;

  constructor({ classes = 10, dropout = 0.2, auxiliaryDropout = 0.7 } = {}) {
    super();
    this.aux1 = new Auxiliary(56, classes, auxiliaryDropout);
    this.aux2 = new Auxiliary(80, classes, auxiliaryDropout);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(112, classes);
  }

  override forward(images: torch.Tensor): Logits {
    const third = this.inception3(this.maxpool1(this.conv1(images)));
    const fourth = this.inception4(third);
    const fifth = this.inception5(this.maxpool2(fourth));
    const logits = this.fc(this.dropout(F.adaptiveAvgPool2d(fifth, 1).flatten(1)));
    return this.training ? { logits, aux1: this.aux1(third), aux2: this.aux2(fourth) } : { logits };
  }
}

/** Adam at its usual rate. */
export function optimizerOf(net: GoogLeNet): torch.optim.Adam {
  return new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
}

/** One epoch. @returns the loss of each batch, with the auxiliary ones */
export async function train(
  net: GoogLeNet,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss();
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const { logits, aux1, aux2 } = net(images);
    const auxiliary = criterion(aux1!, labels).add(criterion(aux2!, labels));
    const loss = criterion(logits, labels).add(auxiliary.mul(0.3));
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: GoogLeNet, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const predictions = torch.noGrad(() => net(images).logits.argmax(1));
    correct += await predictions.eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(14);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const net = new GoogLeNet();
  const optimizer = optimizerOf(net);
  let mean = NaN;
  for (let epoch = 1; epoch <= 2; epoch++) {
    const losses = await train(net, optimizer, loader(data.train, true));
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, loader(data.test));
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}, test accuracy ${accuracy.toFixed(1)} %`);
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
