/**
 * Weight normalization (Salimans and Kingma 2016) in a temporal convolutional network (Bai et al. 2018), on the adding problem:
 * of a series of numbers, the two that are marked are to be added.
 *
 *   deno run -P torch_style/examples/weight_norm.ts
 *
 * Source: https://github.com/locuslab/TCN
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const { weightNorm } = nn.utils.parametrizations;

/** Two causal convolutions: a value depends on earlier ones only. The input is added. */
class TemporalBlock extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1: torch.nn.Conv1d;
  conv2: torch.nn.Conv1d;
  dropout: torch.nn.Dropout;
  downsample: torch.nn.Conv1d | null;
  readonly padding: number;

  constructor(inputs: number, outputs: number, dilation: number, dropout: number, kernelSize = 3) {
    super();
    this.padding = (kernelSize - 1) * dilation;
    this.conv1 = weightNorm(new nn.Conv1d(inputs, outputs, kernelSize, { dilation }));
    this.conv2 = weightNorm(new nn.Conv1d(outputs, outputs, kernelSize, { dilation }));
    this.dropout = new nn.Dropout(dropout);
    this.downsample = inputs === outputs ? null : new nn.Conv1d(inputs, outputs, 1);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const past = (y: torch.Tensor) => nn.functional.pad(y, [this.padding, 0]);
    let y = this.dropout(this.conv1(past(x)).relu());
    y = this.dropout(this.conv2(past(y)).relu());
    return y.add(this.downsample ? this.downsample(x) : x).relu();
  }
}

/** Series [n, 2, length] to sums [n, 1]. */
export class TCN extends nn.Module<[torch.Tensor], torch.Tensor> {
  network: torch.nn.Sequential;
  linear: torch.nn.Linear;

  constructor(width = 16, levels = 4, dropout = 0) {
    super();
    this.network = new nn.Sequential(
      ...Array.from(
        { length: levels },
        (_, i) => new TemporalBlock(i === 0 ? 2 : width, width, 2 ** i, dropout),
      ),
    );
    this.linear = new nn.Linear(width, 1);
  }

  override forward(series: torch.Tensor): torch.Tensor {
    return this.linear(this.network(series).select(2, -1));
  }
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: TCN,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [series, sums] of loader) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(net(series), sums);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Series of numbers from 0 to 1 with two marks, one in each half, and the sums of the marked ones. */
export function addingProblem(count: number, length = 24): torch.data.TensorDataset {
  const values = torch.rand([count, length]);
  const half = length / 2;
  const first = torch.randint(0, half, [count]);
  const second = torch.randint(half, length, [count]);
  const marks = nn.functional.oneHot(first, length).add(nn.functional.oneHot(second, length))
    .float();
  const sums = values.mul(marks).sum(1, { keepdim: true });
  return new torch.data.TensorDataset(torch.stack([values, marks], 1), sums);
}

/** Trains on 640 series. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(24);
  const loader = new torch.data.DataLoader(addingProblem(640), { batchSize: 32, shuffle: true });
  const net = new TCN();
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.01 });
  print(
    `parameters of a convolution: ${
      net.network[1].namedParameters().slice(0, 3).map(([name]) => name).join(", ")
    }`,
  );
  let mean = NaN;
  for (let epoch = 1; epoch <= 8; epoch++) {
    const losses = await train(net, optimizer, loader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: mean squared error ${mean.toFixed(4)}`);
  }
  net.eval();
  const [series, sums] = addingProblem(3).tensors;
  const guessed = await torch.noGrad(() => net(series)).flatten().tolist() as number[];
  const right = await sums.flatten().tolist() as number[];
  guessed.forEach((value, i) => print(`${right[i].toFixed(2)} guessed as ${value.toFixed(2)}`));
  return mean;
}

if (import.meta.main) await main();
