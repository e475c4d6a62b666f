/**
 * ResNet-18 (He et al. 2015) as torchvision writes it: state dicts fit.
 *
 *   deno run -P torch_style/examples/resnet18.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Two convolutions and a shortcut. */
export class BasicBlock extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1: torch.nn.Conv2d;
  bn1: torch.nn.BatchNorm2d;
  relu = new nn.ReLU({ inplace: true });
  conv2: torch.nn.Conv2d;
  bn2: torch.nn.BatchNorm2d;
  downsample: torch.nn.Sequential | null;

  constructor(inputs: number, planes: number, stride = 1) {
    super();
    this.conv1 = new nn.Conv2d(inputs, planes, 3, { stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(planes);
    this.conv2 = new nn.Conv2d(planes, planes, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(planes);
    this.downsample = stride === 1 && inputs === planes ? null : new nn.Sequential(
      new nn.Conv2d(inputs, planes, 1, { stride, bias: false }),
      new nn.BatchNorm2d(planes),
    );
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const identity = this.downsample ? this.downsample(x) : x;
    const inner = this.relu(this.bn1(this.conv1(x)));
    return this.relu(this.bn2(this.conv2(inner)).add(identity));
  }
}

function layer(inputs: number, planes: number, stride: number): torch.nn.Sequential {
  return new nn.Sequential(new BasicBlock(inputs, planes, stride), new BasicBlock(planes, planes));
}

/** Images [n, 3, h, w] to logits. */
export class ResNet18 extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1 = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
  bn1 = new nn.BatchNorm2d(64);
  relu = new nn.ReLU({ inplace: true });
  maxpool = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  layer1 = layer(64, 64, 1);
  layer2 = layer(64, 128, 2);
  layer3 = layer(128, 256, 2);
  layer4 = layer(256, 512, 2);
  avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
  fc: torch.nn.Linear;

  constructor(classes = 1000) {
    super();
    this.fc = new nn.Linear(512, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) {
        nn.init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
      }
    }
  }

  override forward(images: torch.Tensor): torch.Tensor {
    let x = this.maxpool(this.relu(this.bn1(this.conv1(images))));
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) x = stage(x);
    return this.fc(this.avgpool(x).flatten(1));
  }
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: ResNet18,
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

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(3);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 64 });
  const loader = new torch.data.DataLoader(new torch.ImageDataset(data.train), {
    batchSize: 16,
    shuffle: true,
  });
  const net = new ResNet18(10);
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  let mean = NaN;
  for (let epoch = 1; epoch <= 2; epoch++) {
    const losses = await train(net, optimizer, loader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}`);
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
