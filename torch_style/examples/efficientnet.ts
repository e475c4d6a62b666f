/**
 * A small EfficientNet (Tan and Le 2019): inverted bottlenecks with squeeze and excitation, SiLU and stochastic depth; RMSprop
 * with momentum, an exponential rate, and a moving average of the weights that is tested.
 *
 *   deno run -P torch_style/examples/efficientnet.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/efficientnet.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const { AveragedModel, getEmaAvgFn } = torch.optim.swaUtils;

/** A convolution without bias, batch norm, SiLU. */
function convNormActivation(
  inputs: number,
  outputs: number,
  kernelSize: number,
  { stride = 1, groups = 1 } = {},
): torch.nn.Sequential {
  const padding = (kernelSize - 1) / 2;
  return new nn.Sequential(
    new nn.Conv2d(inputs, outputs, kernelSize, { stride, padding, groups, bias: false }),
    new nn.BatchNorm2d(outputs, { eps: 1e-3, momentum: 0.01 }),
    new nn.SiLU({ inplace: true }),
  );
}

/** Weights channels by the means of all of them. */
class SqueezeExcitation extends nn.Module<[torch.Tensor], torch.Tensor> {
  avgpool = new nn.AdaptiveAvgPool2d(1);
  fc1: torch.nn.Conv2d;
  fc2: torch.nn.Conv2d;

  constructor(channels: number, squeezed: number) {
    super();
    this.fc1 = new nn.Conv2d(channels, squeezed, 1);
    this.fc2 = new nn.Conv2d(squeezed, channels, 1);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const scale = this.fc2(nn.functional.silu(this.fc1(this.avgpool(x)))).sigmoid();
    return x.mul(scale);
  }
}

/** Leaves a block out for some images while training. */
class StochasticDepth extends nn.Module<[torch.Tensor], torch.Tensor> {
  constructor(readonly p: number) {
    super();
  }

  override forward(x: torch.Tensor): torch.Tensor {
    if (!this.training || this.p === 0) return x;
    const survival = 1 - this.p;
    return x.mul(torch.empty([x.shape[0], 1, 1, 1]).bernoulli_(survival).div(survival));
  }
}

/** More channels, a depthwise convolution, squeeze and excitation, fewer channels; added to the input where shapes agree. */
class MBConv extends nn.Module<[torch.Tensor], torch.Tensor> {
  block: torch.nn.Sequential;
  stochasticDepth: StochasticDepth;
  readonly addsInput: boolean;

  constructor(
    { inputs, outputs, expansion, kernelSize, stride }: Record<
      "inputs" | "outputs" | "expansion" | "kernelSize" | "stride",
      number
    >,
    dropRate: number,
  ) {
    super();
    const hidden = inputs * expansion;
    this.addsInput = stride === 1 && inputs === outputs;
    this.block = new nn.Sequential(
      ...(expansion === 1 ? [] : [convNormActivation(inputs, hidden, 1)]),
      convNormActivation(hidden, hidden, kernelSize, { stride, groups: hidden }),
      new SqueezeExcitation(hidden, Math.max(1, Math.floor(inputs / 4))),
      new nn.Conv2d(hidden, outputs, 1, { bias: false }),
      new nn.BatchNorm2d(outputs, { eps: 1e-3, momentum: 0.01 }),
    );
    this.stochasticDepth = new StochasticDepth(dropRate);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const y = this.block(x);
    return this.addsInput ? this.stochasticDepth(y).add(x) : y;
  }
}

/** Images [n, 3, h, w] to logits [n, classes]. */
export class EfficientNet extends nn.Module<[torch.Tensor], torch.Tensor> {
  features: torch.nn.Sequential;
  classifier: torch.nn.Sequential;

  constructor({ dropout = 0.2, stochasticDepth = 0.2, classes = 10 } = {}) {
    super();
    const blocks = [
      { inputs: 16, outputs: 8, expansion: 1, kernelSize: 3, stride: 1 },
      { inputs: 8, outputs: 16, expansion: 4, kernelSize: 3, stride: 2 },
      { inputs: 16, outputs: 16, expansion: 4, kernelSize: 3, stride: 1 },
      { inputs: 16, outputs: 32, expansion: 4, kernelSize: 5, stride: 2 },
      { inputs: 32, outputs: 32, expansion: 4, kernelSize: 5, stride: 1 },
    ];
    this.features = new nn.Sequential(
      convNormActivation(3, 16, 3, { stride: 2 }),
      ...blocks.map((block, i) => new MBConv(block, stochasticDepth * i / blocks.length)),
      convNormActivation(32, 128, 1),
    );
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), new nn.Linear(128, classes));
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) {
        nn.init.kaimingNormal_(module.weight, { mode: "fan_out" });
        if (module.bias) nn.init.zeros_(module.bias);
      } else if (module instanceof nn.Linear) {
        const range = 1 / Math.sqrt(module.outFeatures);
        nn.init.uniform_(module.weight, -range, range);
        nn.init.zeros_(module.bias!);
      }
    }
  }

  override forward(images: torch.Tensor): torch.Tensor {
    return this.classifier(this.features(images).mean([2, 3]));
  }
}

/** The paper's RMSprop, at a rate for small batches. */
export function optimizerOf(net: EfficientNet): torch.optim.RMSprop {
  return new torch.optim.RMSprop(net.parameters(), {
    lr: 0.002,
    alpha: 0.9,
    eps: 0.0316,
    momentum: 0.9,
    weightDecay: 1e-5,
  });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: EfficientNet,
  averaged: torch.optim.swaUtils.AveragedModel<EfficientNet>,
  optimizer: torch.optim.RMSprop,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    const loss = nn.functional.crossEntropy(net(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    averaged.updateParameters(net);
    losses.push(await loss.item());
  }
  return losses;
}

/** Mean loss over a loader. */
export async function test(
  net: torch.nn.TensorModule,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  let [sum, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const loss = torch.noGrad(() =>
      nn.functional.crossEntropy(net(images), labels, { reduction: "sum" })
    );
    sum += await loss.item();
    count += labels.shape[0];
  }
  return sum / count;
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(13);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const net = new EfficientNet();
  const averaged = new AveragedModel(net, { avgFn: getEmaAvgFn(0.9), useBuffers: true });
  const optimizer = optimizerOf(net);
  const scheduler = new torch.optim.lrScheduler.ExponentialLR(optimizer, 0.97);
  let mean = NaN;
  for (let epoch = 1; epoch <= 2; epoch++) {
    const losses = await train(net, averaged, optimizer, loader(data.train, true));
    scheduler.step();
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const tested = await test(averaged, loader(data.test));
    print(
      `epoch ${epoch}: loss ${mean.toFixed(3)}, averaged weights on test images ${
        tested.toFixed(3)
      }`,
    );
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
