/** What the workers of the tests run. */
import * as torch from "../../../torch_style/mod.ts";

const { distributed, nn, optim } = torch;
const F = nn.functional;

function network() {
  return new nn.Sequential(new nn.Linear(20, 300), new nn.ReLU(), new nn.Linear(300, 5));
}

/** The samples and classes of a step, the same for whoever asks. */
function batch(step: number, size: number) {
  torch.manualSeed(step);
  const x = torch.randn([size, 20]);
  const y = torch.randint(0, 5, [size]);
  return [x, y] as const;
}

const BATCH = 16;

/** Trains on a share of each batch; the mean losses, and a weight at the end. */
export async function train(rank: number, steps: number, microBatches = 1) {
  torch.manualSeed(1 + rank);
  const net = new nn.parallel.DistributedDataParallel(network());
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const share = BATCH / distributed.getWorldSize() / microBatches;
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [x, y] = batch(step, BATCH);
    optimizer.zeroGrad();
    let sum = torch.tensor(0);
    for (let part = 0; part < microBatches; part++) {
      const first = (rank * microBatches + part) * share;
      const forwardAndBackward = () => {
        const loss = F.crossEntropy(net(x.narrow(0, first, share)), y.narrow(0, first, share))
          .div(microBatches);
        loss.backward();
        sum = sum.add(loss.detach());
      };
      if (part < microBatches - 1) net.noSync(forwardAndBackward);
      else forwardAndBackward();
    }
    await optimizer.step();
    distributed.allReduce(sum, "avg");
    losses.push(await sum.item());
  }
  return { losses, weight: [...await (net.module[0] as torch.nn.Linear).weight.data()] };
}

/** The same training in one process; its first weights are those of the workers' rank 0. */
export async function trainAlone(steps: number) {
  torch.manualSeed(1);
  const net = network();
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [x, y] = batch(step, BATCH);
    optimizer.zeroGrad();
    const loss = F.crossEntropy(net(x), y);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return { losses, weight: [...await (net[0] as torch.nn.Linear).weight.data()] };
}

/** Each reduction, a broadcast and long values, of several dtypes. */
export async function exchanges(rank: number) {
  const { allReduce, broadcast } = distributed;
  const reduced: Record<string, number[]> = {};
  for (const op of ["sum", "avg", "min", "max", "product"] as const) {
    const tensor = torch.tensor([rank + 1, -rank, 2], { dtype: "float64" });
    allReduce(tensor, { op });
    reduced[op] = await tensor.tolist() as number[];
  }
  const counts = torch.tensor([rank, 2 ** 40], { dtype: "int64" });
  allReduce(counts);
  const sent = torch.full([3], rank);
  broadcast(sent, 1);
  // More than one slot's worth: 1,048,576 numbers of 4 bytes.
  const long = torch.arange(2_500_001, { dtype: "float32" }).mul(rank + 1);
  allReduce(long);
  await distributed.barrier();
  return {
    reduced,
    counts: (await counts.data()).toString(),
    sent: await sent.tolist(),
    long: [...(await long.data()).subarray(2_499_999)],
  };
}

/** Rank 1 fails while the others wait for it. */
export async function failing(rank: number) {
  if (rank === 1) throw new Error("out of paper");
  await distributed.barrier();
}

/** The ranks call different things. */
export async function parting(rank: number) {
  const tensor = torch.ones([rank + 2]);
  distributed.allReduce(tensor);
  await tensor.data();
}

class Experts extends nn.Module<[torch.Tensor, number], torch.Tensor> {
  experts = new nn.ModuleList([0, 1, 2].map(() => new nn.Linear(1, 1, false)));
  override forward(x: torch.Tensor, expert: number): torch.Tensor {
    return (this.experts[expert] as torch.nn.Linear)(x);
  }
}

/**
 * The gradients of experts after passes through some, of which only the last is averaged, null where no pass came; or
 * what reading them says.
 *
 * @param cases the experts that each rank's passes take
 */
export async function routed(rank: number, ...cases: number[][][]) {
  const results: ((number | null)[] | string)[] = [];
  for (const { [rank]: passes } of cases) {
    const net = new nn.parallel.DistributedDataParallel(new Experts());
    const run = (expert: number) => net(torch.full([1, 1], rank + 1), expert).sum().backward();
    net.noSync(() => passes.slice(0, -1).forEach(run));
    run(passes.at(-1)!);
    const read = Array.from(net.parameters(), ({ grad }) => grad ? grad.item() : null);
    results.push(await Promise.all(read).catch(({ message }) => message as string));
  }
  return results;
}

/**
 * Gradients and weights after each step, of experts of which the workers' passes reach different ones.
 *
 * @param cases steps of the experts that each rank's passes take
 */
export async function routedApart(rank: number, ...cases: number[][][][]) {
  const all = [];
  for (const [i, steps] of cases.entries()) {
    // Looking at gradients changes none.
    torch.autograd.setDetectAnomaly(i % 2 === 1);
    const experts = new Experts();
    torch.noGrad(() => [...experts.parameters()].forEach((weight) => weight.fill_(0.5)));
    const net = new nn.parallel.DistributedDataParallel(experts, { findUnusedParameters: true });
    const optimizer = new optim.SGD(net.parameters(), {
      lr: 0.1,
      momentum: 0.9,
      weightDecay: 0.1,
    });
    const seen = [];
    for (const { [rank]: passes } of steps) {
      optimizer.zeroGrad();
      const run = (expert: number) => net(torch.full([1, 1], rank + 1), expert).sum().backward();
      net.noSync(() => passes.slice(0, -1).forEach(run));
      run(passes.at(-1)!);
      // As some users do: one worker reads first.
      if (rank === 0) await [...net.parameters()].find(({ grad }) => grad)!.grad!.item();
      await optimizer.step();
      const parameters = [...net.parameters()];
      seen.push({
        gradients: await Promise.all(parameters.map(({ grad }) => grad ? grad.item() : null)),
        weights: await Promise.all(parameters.map((weight) => weight.item())),
      });
    }
    all.push(seen);
  }
  return all;
}

/** Running statistics are rank 0's at the beginning of each pass. */
export async function statistics(rank: number) {
  torch.manualSeed(rank);
  const net = new nn.parallel.DistributedDataParallel(new nn.BatchNorm1d(3));
  net(torch.randn([8, 3]).add(rank));
  await net.module.runningMean!.data();
  net(torch.zeros([8, 3]));
  const mean = [...await net.module.runningMean!.data()];
  return { mean, seen: Number(await net.module.numBatchesTracked!.item()) };
}

/** The samples that each worker is given in two epochs. */
export function samples(): number[][] {
  const dataset = { length: 7 };
  const sampler = new torch.data.DistributedSampler(dataset);
  return [0, 1].map((epoch) => {
    sampler.setEpoch(epoch);
    return [...sampler];
  });
}
