/**
 * ConvNeXt blocks (Liu et al. 2022): depthwise 7x7 convolution, layer norm over the channels, two dense layers, layer scale;
 * trained with AdamW, without decay of norms and biases, and smoothed labels.
 *
 *   deno run -P torch_style/examples/convnext.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/facebookresearch/ConvNeXt/blob/main/models/convnext.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Layer norm over the channels of [n, channels, h, w]. */
class LayerNorm2d extends nn.LayerNorm {
  override forward(x: torch.Tensor): torch.Tensor {
    return super.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
  }
}

/** [n, channels, h, w] to the same. */
export class Block extends nn.Module<[torch.Tensor], torch.Tensor> {
  dwconv: torch.nn.Conv2d;
  norm: torch.nn.LayerNorm;
  pwconv1: torch.nn.Linear;
  act = new nn.GELU();
  pwconv2: torch.nn.Linear;
  gamma: torch.nn.Parameter;

  constructor(dim: number, layerScale = 1e-6) {
    super();
    this.dwconv = new nn.Conv2d(dim, dim, 7, { padding: 3, groups: dim });
    this.norm = new nn.LayerNorm(dim, { eps: 1e-6 });
    this.pwconv1 = new nn.Linear(dim, 4 * dim);
    this.pwconv2 = new nn.Linear(4 * dim, dim);
    this.gamma = new nn.Parameter(torch.full([dim], layerScale));
  }

  override forward(input: torch.Tensor): torch.Tensor {
    let x = this.dwconv(input).permute(0, 2, 3, 1);
    x = this.pwconv2(this.act(this.pwconv1(this.norm(x))));
    return input.add(this.gamma.mul(x).permute(0, 3, 1, 2));
  }
}

/** Images [n, 3, h, w] to logits [n, classes]. */
export class ConvNeXt extends nn.Module<[torch.Tensor], torch.Tensor> {
  downsampleLayers: torch.nn.ModuleList;
  stages: torch.nn.ModuleList;
  norm: torch.nn.LayerNorm;
  head: torch.nn.Linear;

  constructor(dims = [24, 48], depths = [1, 2], classes = 10) {
    super();
    this.downsampleLayers = new nn.ModuleList(dims.map((dim, i) =>
      i === 0
        ? new nn.Sequential(
          new nn.Conv2d(3, dim, 4, { stride: 4 }),
          new LayerNorm2d(dim, { eps: 1e-6 }),
        )
        : new nn.Sequential(
          new LayerNorm2d(dims[i - 1], { eps: 1e-6 }),
          new nn.Conv2d(dims[i - 1], dim, 2, { stride: 2 }),
        )
    ));
    this.stages = new nn.ModuleList(
      dims.map((dim, i) =>
        new nn.Sequential(...Array.from({ length: depths[i] }, () => new Block(dim)))
      ),
    );
    this.norm = new nn.LayerNorm(dims.at(-1)!, { eps: 1e-6 });
    this.head = new nn.Linear(dims.at(-1)!, classes);
    this.apply((module) => {
      if (!(module instanceof nn.Conv2d || module instanceof nn.Linear)) return;
      nn.init.truncNormal_(module.weight, { std: 0.02 });
      nn.init.zeros_(module.bias!);
    });
  }

  override forward(images: torch.Tensor): torch.Tensor {
    let x = images;
    for (const [i, downsample] of [...this.downsampleLayers].entries()) {
      x = this.stages[i](downsample(x));
    }
    return this.head(this.norm(x.mean([2, 3])));
  }
}

/** AdamW; what has one dimension does not decay. */
export function optimizerOf(net: ConvNeXt): torch.optim.AdamW {
  const [decay, noDecay]: torch.nn.Parameter[][] = [[], []];
  for (const [name, parameter] of net.namedParameters()) {
    (parameter.ndim === 1 || name.endsWith(".bias") ? noDecay : decay).push(parameter);
  }
  return new torch.optim.AdamW([
    { params: decay, weightDecay: 0.05 },
    { params: noDecay, weightDecay: 0 },
  ], { lr: 4e-3 });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: ConvNeXt,
  optimizer: torch.optim.AdamW,
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
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: ConvNeXt, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
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
  torch.manualSeed(15);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const net = new ConvNeXt();
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
