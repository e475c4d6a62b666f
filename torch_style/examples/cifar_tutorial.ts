/**
 * The classifier of PyTorch's CIFAR-10 tutorial, on synthetic images: a patch of one of ten colours in noise.
 *
 *   deno run --permission-set=default torch_style/examples/cifar_tutorial.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/blitz/cifar10_tutorial.html
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** Images [n, 3, 32, 32] to logits [n, 10]. */
export class Net extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, { stride: 2 });
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(images: torch.Tensor): torch.Tensor {
    let x = this.pool(this.conv1(images).relu());
    x = this.pool(this.conv2(x).relu());
    x = x.flatten(1);
    x = this.fc1(x).relu();
    x = this.fc2(x).relu();
    return this.fc3(x);
  }
}

/** The tutorial's loss and optimizer. */
export function training(net: Net, lr = 0.001) {
  return {
    criterion: new nn.CrossEntropyLoss(),
    optimizer: new torch.optim.SGD(net.parameters(), { lr, momentum: 0.9 }),
  };
}

/** One step on a batch. @returns its loss */
export async function step(
  net: Net,
  { criterion, optimizer }: ReturnType<typeof training>,
  images: torch.Tensor,
  labels: torch.Tensor,
): Promise<number> {
  optimizer.zeroGrad();
  const loss = criterion(net(images), labels);
  loss.backward();
  await optimizer.step();
  return await loss.item();
}

/** Images whose colour tells the class, between -1 and 1. */
function patches(count: number): [images: torch.Tensor, labels: torch.Tensor] {
  const labels = torch.randint(0, 10, [count]);
  const angle = labels.float().mul(2 * Math.PI / 10);
  const colour = torch.stack([angle.cos(), angle.sin(), angle.mul(2).cos()], 1).reshape(
    count,
    3,
    1,
    1,
  );
  return [
    colour.mul(0.7).add(torch.randn([count, 3, 32, 32]).mul(0.2)).clamp({ min: -1, max: 1 }),
    labels,
  ];
}

/** Trains for a few batches. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(2);
  const net = new Net();
  const parts = training(net, 0.01);
  let running = 0;
  for (let batch = 1; batch <= 100; batch++) {
    running += await step(net, parts, ...patches(16));
    if (batch % 20 === 0) {
      print(`batch ${batch}: loss ${(running / 20).toFixed(3)}`);
      if (batch < 100) running = 0;
    }
  }
  return running / 20;
}

if (import.meta.main) await main();
