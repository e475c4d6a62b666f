/**
 * Transfer learning: a network that knows ten classes learns two others from few images. First as a fixed feature extractor
 * (the backbone frozen, a new head), then fine-tuned as a whole at a lower rate.
 *
 *   deno run -P torch_style/examples/transfer_learning.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Images [n, 3, 32, 32] to logits [n, classes]. */
export class Net extends nn.Module<[torch.Tensor], torch.Tensor> {
  backbone: torch.nn.Sequential;
  fc: torch.nn.Linear;

  constructor(classes: number) {
    super();
    const stage = (inputs: number, outputs: number) => [
      new nn.Conv2d(inputs, outputs, 3, { stride: 2, padding: 1, bias: false }),
      new nn.BatchNorm2d(outputs),
      new nn.ReLU({ inplace: true }),
    ];
    this.backbone = new nn.Sequential(
      ...stage(3, 16),
      ...stage(16, 32),
      ...stage(32, 64),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
    );
    this.fc = new nn.Linear(64, classes);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    return this.fc(this.backbone(images));
  }
}

/** Takes a trained network over: its backbone is frozen, its head is new. */
export function asFeatureExtractor(net: Net, classes: number): torch.optim.Optimizer {
  for (const parameter of net.parameters()) parameter.requiresGrad = false;
  net.fc = new nn.Linear(net.fc.inFeatures, classes);
  return new torch.optim.SGD(net.fc.parameters(), { lr: 0.05, momentum: 0.9 });
}

/** Learns all of it from now on, the backbone more slowly. */
export function forFineTuning(net: Net): torch.optim.Optimizer {
  net.requiresGrad_(true);
  return new torch.optim.SGD([
    { params: net.backbone.parameters(), lr: 0.002 },
    { params: net.fc.parameters() },
  ], { lr: 0.02, momentum: 0.9 });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: Net,
  optimizer: torch.optim.Optimizer,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss();
  const losses: number[] = [];
  net.train();
  // Frozen layers keep the statistics they were trained with.
  if (!net.backbone.parameters()[0].requiresGrad) net.backbone.eval();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const loss = criterion(net(images), labels);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Trains on ten classes, then on two. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(19);
  const shapes = await datasets.loadDataset("shapes10", { limit: 320 });
  const others = await datasets.loadDataset("shapes10", { limit: 160, seed: 2 });
  const loader = (data: torch.data.Dataset) =>
    new torch.data.DataLoader(data, { batchSize: 16, shuffle: true });
  const mean = (losses: number[]) => losses.reduce((a, b) => a + b) / losses.length;

  const net = new Net(10);
  const pretraining = new torch.optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9 });
  for (let epoch = 1; epoch <= 3; epoch++) {
    const losses = await train(net, pretraining, loader(new torch.ImageDataset(shapes.train)));
    print(`ten classes, epoch ${epoch}: loss ${mean(losses).toFixed(3)}`);
  }

  // Two kinds out of the ten classes.
  const twoKinds = new torch.data.TransformedDataset(new torch.ImageDataset(others.train), {
    targetTransform: (label) => label.ge(5).long(),
  });
  let last = NaN;
  const stages = {
    "new head": () => asFeatureExtractor(net, 2),
    "all layers": () => forFineTuning(net),
  };
  for (const [stage, prepare] of Object.entries(stages)) {
    const optimizer = prepare();
    const learned = net.parameters().filter((p) => p.requiresGrad).length;
    print(`${stage}: ${learned} of ${net.parameters().length} parameters learn`);
    for (let epoch = 1; epoch <= 2; epoch++) {
      last = mean(await train(net, optimizer, loader(twoKinds)));
      print(`${stage}, epoch ${epoch}: loss ${last.toFixed(3)}`);
    }
  }
  return last;
}

if (import.meta.main) await main();
