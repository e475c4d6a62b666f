/**
 * ResNet-18 (He et al. 2015) as torchvision writes it: state dicts fit.
 *
 *   deno run --permission-set=default torch_style/examples/resnet18.ts
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py
 * @module
 */
import { torch } from "@tandem/tandem";
import { patches, step, training } from "./cifar_tutorial.ts";

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

/** Trains for a few batches. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(3);
  const net = new ResNet18(10);
  const parts = training(net, 0.01);
  let loss = NaN;
  for (let batch = 1; batch <= 6; batch++) {
    loss = await step(net, parts, ...patches(16));
    print(`batch ${batch}: loss ${loss.toFixed(3)}`);
  }
  return loss;
}

if (import.meta.main) await main();
