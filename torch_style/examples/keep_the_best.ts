/**
 * Early stopping: the weights of the epoch with the smallest validation loss are kept as clones of the state dict, training ends
 * when no epoch was better for a while, and the best weights are put back.
 *
 *   deno run -P torch_style/examples/keep_the_best.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** A network large enough to learn its training data by heart. */
export function makeNet(): torch.nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(20, 128, { bias: false }),
    new nn.BatchNorm1d(128),
    new nn.ReLU(),
    new nn.Linear(128, 128),
    new nn.ReLU(),
    new nn.Linear(128, 2),
  );
}

/** Clones: the state dict itself shows the weights as they change. */
export function snapshot(net: torch.nn.AnyModule): torch.nn.StateDict {
  return Object.fromEntries(
    Object.entries(net.stateDict()).map(([name, value]) => [name, value.clone()]),
  );
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: torch.nn.Sequential,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [x, y] of loader) {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(net(x), y);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Mean loss over a loader. */
export async function validate(
  net: torch.nn.Sequential,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  let [sum, count] = [0, 0];
  net.eval();
  for (const [x, y] of loader) {
    const loss = torch.noGrad(() => nn.functional.crossEntropy(net(x), y, { reduction: "sum" }));
    sum += await loss.item();
    count += y.shape[0];
  }
  return sum / count;
}

/** What {@linkcode fit} found. */
export interface Fit {
  /** Validation losses by epoch. */
  readonly losses: number[];
  /** The epoch whose weights the network has now, from 0. */
  readonly best: number;
}

/** Trains until `patience` epochs in a row were no better than the best one, and puts its weights back. */
export async function fit(
  net: torch.nn.Sequential,
  optimizer: torch.optim.Adam,
  trainLoader: Iterable<readonly torch.Tensor[]>,
  validationLoader: Iterable<readonly torch.Tensor[]>,
  { epochs = 40, patience = 5 } = {},
): Promise<Fit> {
  const losses: number[] = [];
  let [best, state] = [-1, snapshot(net)];
  for (let epoch = 0; epoch < epochs && epoch - best <= patience; epoch++) {
    await train(net, optimizer, trainLoader);
    losses.push(await validate(net, validationLoader));
    if (best >= 0 && losses[epoch] >= losses[best]) continue;
    [best, state] = [epoch, snapshot(net)];
  }
  net.loadStateDict(state);
  return { losses, best };
}

/** Points in 20 dimensions, and whether a plane separates them; a fifth of the labels is wrong. */
function noisyPoints(count: number): torch.data.TensorDataset {
  const x = torch.randn([count, 20]);
  const isAbove = x.narrow(1, 0, 4).sum(1).gt(0);
  const isWrong = torch.rand([count]).lt(0.2);
  return new torch.data.TensorDataset(x, isAbove.logicalXor(isWrong).long());
}

/** Trains until it stops. @returns the validation loss of the weights that were put back */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(25);
  const loader = (count: number, shuffle = false) =>
    new torch.data.DataLoader(noisyPoints(count), { batchSize: 32, shuffle });
  const validation = loader(128);
  const net = makeNet();
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 3e-3 });
  const { losses, best } = await fit(net, optimizer, loader(256, true), validation);
  losses.forEach((loss, epoch) =>
    print(
      `epoch ${epoch + 1}: validation loss ${loss.toFixed(3)}${epoch === best ? " (best)" : ""}`,
    )
  );
  const restored = await validate(net, validation);
  print(`restored: validation loss ${restored.toFixed(3)}`);
  return restored;
}

if (import.meta.main) await main();
