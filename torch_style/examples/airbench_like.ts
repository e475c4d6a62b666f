/**
 * The tricks of fast CIFAR-10 training in one loop: a first layer that whitens patches and stays as it is, batch norm that learns
 * biases only, faster biases, smoothed labels summed over the batch, a triangular rate, alternating flips, look-ahead
 * (weights and their slow average swap every few steps), and two views of each image at the end.
 *
 *   deno run -P torch_style/examples/airbench_like.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/KellerJordan/cifar10-airbench
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Batch norm with a weight of one for good. */
function batchNorm(channels: number): torch.nn.BatchNorm2d {
  const norm = new nn.BatchNorm2d(channels, { momentum: 0.4, eps: 1e-12 });
  norm.weight!.requiresGrad_(false);
  return norm;
}

const convolution = (inputs: number, outputs: number) =>
  new nn.Conv2d(inputs, outputs, 3, { padding: "same", bias: false });

/** Two convolutions, the first one with a pooling behind it. */
function convGroup(inputs: number, outputs: number): torch.nn.Sequential {
  return new nn.Sequential(
    convolution(inputs, outputs),
    new nn.MaxPool2d(2),
    batchNorm(outputs),
    new nn.GELU(),
    convolution(outputs, outputs),
    batchNorm(outputs),
    new nn.GELU(),
  );
}

/** Images [n, 3, 32, 32] to logits [n, 10]. */
export class AirNet extends nn.Module<[torch.Tensor], torch.Tensor> {
  whiten = new nn.Conv2d(3, 24, 2);
  layers: torch.nn.Sequential;
  head: torch.nn.Linear;

  constructor(widths = [32, 64], readonly scale = 1 / 9) {
    super();
    this.whiten.weight.requiresGrad_(false);
    const inputs = [24, ...widths];
    this.layers = new nn.Sequential(
      new nn.GELU(),
      ...widths.map((width, i) => convGroup(inputs[i], width)),
      new nn.MaxPool2d(3),
      new nn.Flatten(),
    );
    this.head = new nn.Linear(4 * widths.at(-1)!, 10, { bias: false });
  }

  /** Makes the first layer project patches on the directions in which they vary, each scaled to a variance of one. */
  async initWhiten(images: torch.Tensor, eps = 5e-4): Promise<void> {
    const patches = nn.functional.unfold(images, 2).transpose(1, 2).flatten(0, 1);
    const covariance = patches.t().matmul(patches).div(patches.shape[0]);
    const { eigenvalues, eigenvectors } = await torch.linalg.eigh(covariance);
    const directions = eigenvectors.div(eigenvalues.add(eps).sqrt()).t().reshape(12, 3, 2, 2);
    torch.noGrad(() => this.whiten.weight.copy_(torch.cat([directions, directions.neg()])));
  }

  override forward(images: torch.Tensor): torch.Tensor {
    return this.head(this.layers(this.whiten(images))).mul(this.scale);
  }
}

/** A slow average of a network's state, which the network is set to now and then. */
export class Lookahead {
  readonly average: Record<string, torch.Tensor>;

  constructor(net: AirNet) {
    this.average = Object.fromEntries(
      Object.entries(net.stateDict()).map(([name, value]) => [name, value.clone()]),
    );
  }

  update(net: AirNet, decay: number): void {
    torch.noGrad(() => {
      for (const [name, value] of Object.entries(net.stateDict())) {
        if (value.dtype !== "float32") continue;
        value.copy_(this.average[name].lerp_(value, 1 - decay));
      }
    });
  }
}

/** Nesterov momentum, biases of norms at a higher rate; a rate that rises for a fifth of the steps, then falls. */
export function optimizerOf(net: AirNet, steps: number, lr = 0.01, biasScale = 8) {
  const isBias = (name: string) => /^layers.*bias$/.test(name);
  const pick = (biases: boolean) =>
    net.namedParameters().filter(([name, parameter]) =>
      parameter.requiresGrad && isBias(name) === biases
    ).map(([, parameter]) => parameter);
  const optimizer = new torch.optim.SGD([
    { params: pick(true), lr: lr * biasScale, weightDecay: 5e-3 / biasScale },
    { params: pick(false), weightDecay: 5e-3 },
  ], { lr, momentum: 0.85, nesterov: true });
  const peak = Math.floor(steps / 5);
  const scheduler = new torch.optim.lrScheduler.LambdaLR(
    optimizer,
    (step) => step < peak ? 0.2 + 0.8 * step / peak : (steps - step) / (steps - peak),
  );
  return { optimizer, scheduler, steps };
}

/** One epoch. @returns the mean loss of each batch */
export async function train(
  net: AirNet,
  { optimizer, scheduler, steps }: ReturnType<typeof optimizerOf>,
  lookahead: Lookahead,
  loader: Iterable<readonly torch.Tensor[]>,
  every = 5,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.2, reduction: "none" });
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    const loss = criterion(net(images), labels).sum();
    optimizer.zeroGrad({ setToNone: true });
    loss.backward();
    await optimizer.step();
    scheduler.step();
    const step = scheduler.lastEpoch;
    if (step % every === 0) lookahead.update(net, 0.95 ** every * (step / steps) ** 3);
    losses.push(await loss.item() / images.shape[0]);
  }
  return losses;
}

/** Percent of images whose class is right, by the image and its mirror image. */
async function test(net: AirNet, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const logits = torch.noGrad(() => net(images).add(net(images.flip(3))));
    correct += await logits.argmax(1).eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Batches whose images are flipped in every second epoch. */
function* alternating(loader: Iterable<readonly torch.Tensor[]>, epoch: number) {
  for (const [images, labels] of loader) {
    yield [epoch % 2 === 0 ? images.flip(3) : images, labels];
  }
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(18);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const [trainLoader, epochs] = [loader(data.train, true), 4];
  const net = new AirNet();
  const [[images]] = loader(data.train);
  await net.initWhiten(images);
  const parts = optimizerOf(net, epochs * trainLoader.length);
  const lookahead = new Lookahead(net);
  let mean = NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await train(net, parts, lookahead, alternating(trainLoader, epoch));
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}`);
  }
  lookahead.update(net, 1);
  print(`test accuracy ${(await test(net, loader(data.test))).toFixed(1)} %`);
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
