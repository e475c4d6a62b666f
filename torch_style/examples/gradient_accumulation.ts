/**
 * Large batches in little memory: gradients of several micro-batches are added up, clipped by their norm, and one step is made.
 *
 *   deno run -P torch_style/examples/gradient_accumulation.ts
 *
 * Source: https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Images [n, 3, 32, 32] to logits [n, 10]; group norm, which does not care how batches are cut. */
export function makeNet(): torch.nn.Sequential {
  const stage = (inputs: number, outputs: number) => [
    new nn.Conv2d(inputs, outputs, 3, { stride: 2, padding: 1, bias: false }),
    new nn.GroupNorm(4, outputs),
    new nn.ReLU(),
  ];
  return new nn.Sequential(
    ...stage(3, 16),
    ...stage(16, 32),
    ...stage(32, 64),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(64, 10),
  );
}

/** What a step measured. */
export interface Step {
  /** Mean over the micro-batches. */
  readonly loss: number;
  /** Of all gradients together, before they were clipped. */
  readonly gradNorm: number;
}

/** One epoch: a step every `accumulation` micro-batches. */
export async function train(
  net: torch.nn.Sequential,
  optimizer: torch.optim.AdamW,
  loader: Iterable<readonly torch.Tensor[]>,
  { accumulation = 4, maxNorm = 1 } = {},
): Promise<Step[]> {
  const criterion = new nn.CrossEntropyLoss();
  const steps: Step[] = [];
  let [micro, sum] = [0, 0];
  net.train();
  optimizer.zeroGrad();
  for (const [images, labels] of loader) {
    const loss = criterion(net(images), labels).div(accumulation);
    loss.backward();
    sum += await loss.item();
    if (++micro % accumulation !== 0) continue;
    const norm = nn.utils.clipGradNorm_(net.parameters(), maxNorm);
    await optimizer.step();
    optimizer.zeroGrad();
    steps.push({ loss: sum, gradNorm: await norm.item() });
    sum = 0;
  }
  return steps;
}

/** Trains on synthetic shapes. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(20);
  const data = await datasets.loadDataset("shapes10", { limit: 320 });
  const loader = new torch.data.DataLoader(new torch.ImageDataset(data.train), {
    batchSize: 8,
    shuffle: true,
    dropLast: true,
  });
  const net = makeNet();
  const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 5e-3 });
  let loss = NaN;
  for (let epoch = 1; epoch <= 3; epoch++) {
    const steps = await train(net, optimizer, loader);
    loss = steps.reduce((sum, step) => sum + step.loss, 0) / steps.length;
    const clipped = steps.filter(({ gradNorm }) => gradNorm > 1).length;
    print(`epoch ${epoch}: ${steps.length} steps, ${clipped} clipped, loss ${loss.toFixed(3)}`);
  }
  return loss;
}

if (import.meta.main) await main();
