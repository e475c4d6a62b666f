/**
 * The convolutional network of PyTorch's MNIST example, trained with Adadelta and a falling rate. Digits are synthetic: bars
 * of ten kinds in noise, so that nothing is downloaded.
 *
 *   deno run --permission-set=default torch_style/examples/mnist.ts
 *
 * Source: https://github.com/pytorch/examples/blob/main/mnist/main.py
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Images [n, 1, 28, 28] to log-probabilities [n, 10]. */
export class Net extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1 = new nn.Conv2d(1, 32, 3, 1);
  conv2 = new nn.Conv2d(32, 64, 3, 1);
  dropout1: torch.nn.Dropout;
  dropout2: torch.nn.Dropout;
  fc1 = new nn.Linear(9216, 128);
  fc2 = new nn.Linear(128, 10);

  constructor(dropout: readonly [number, number] = [0.25, 0.5]) {
    super();
    this.dropout1 = new nn.Dropout(dropout[0]);
    this.dropout2 = new nn.Dropout(dropout[1]);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    let x = this.conv1(images).relu();
    x = F.maxPool2d(this.conv2(x).relu(), 2);
    x = this.dropout1(x).flatten(1);
    x = this.dropout2(this.fc1(x).relu());
    return F.logSoftmax(this.fc2(x), 1);
  }
}

/** Optimizer and schedule of the example. */
export function training(net: Net) {
  const optimizer = new torch.optim.Adadelta(net.parameters(), { lr: 1 });
  return { optimizer, scheduler: new torch.optim.lrScheduler.StepLR(optimizer, 1, 0.7) };
}

/** One step on a batch. @returns its loss */
export async function step(
  net: Net,
  optimizer: torch.optim.Adadelta,
  images: torch.Tensor,
  labels: torch.Tensor,
): Promise<number> {
  optimizer.zeroGrad();
  const loss = F.nllLoss(net(images), labels);
  loss.backward();
  await optimizer.step();
  return await loss.item();
}

/** A bright bar whose position is the class. */
function bars(count: number): [images: torch.Tensor, labels: torch.Tensor] {
  const labels = torch.randint(0, 10, [count]);
  const rows = torch.arange(28).reshape(1, 1, 28, 1);
  const top = labels.mul(2).add(4).reshape(-1, 1, 1, 1);
  const bar = rows.ge(top).logicalAnd(rows.lt(top.add(2))).float();
  return [bar.add(torch.rand([count, 1, 28, 28]).mul(0.3)), labels];
}

/** Trains two short epochs. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(1);
  const net = new Net();
  const { optimizer, scheduler } = training(net);
  let loss = NaN;
  for (let epoch = 1; epoch <= 2; epoch++) {
    for (let batch = 0; batch < 10; batch++) loss = await step(net, optimizer, ...bars(32));
    scheduler.step();
    print(`epoch ${epoch}: loss ${loss.toFixed(3)}`);
  }
  return loss;
}

if (import.meta.main) await main();
