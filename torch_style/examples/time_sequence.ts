/**
 * Time series: two LSTM cells learn sine waves, one value after the other, by LBFGS on all waves at once, and go on with them.
 *
 *   deno run -P torch_style/examples/time_sequence.ts
 *
 * Source: https://github.com/pytorch/examples/tree/main/time_sequence_prediction
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** Series [n, time] to the value behind each of theirs, and `future` more: [n, time + future]. */
export class Sequence extends nn.Module<[series: torch.Tensor, future?: number], torch.Tensor> {
  lstm1: torch.nn.LSTMCell;
  lstm2: torch.nn.LSTMCell;
  linear: torch.nn.Linear;

  constructor(readonly hidden = 16) {
    super();
    this.lstm1 = new nn.LSTMCell(1, hidden);
    this.lstm2 = new nn.LSTMCell(hidden, hidden);
    this.linear = new nn.Linear(hidden, 1);
  }

  override forward(series: torch.Tensor, future = 0): torch.Tensor {
    const [n, time] = series.shape;
    const zeros = () => torch.zeros([n, this.hidden], { dtype: series.dtype });
    let [h1, c1, h2, c2] = [zeros(), zeros(), zeros(), zeros()];
    const outputs: torch.Tensor[] = [];
    for (let t = 0; t < time + future; t++) {
      const input = t < time ? series.narrow(1, t, 1) : outputs.at(-1)!;
      [h1, c1] = this.lstm1(input, [h1, c1]);
      [h2, c2] = this.lstm2(h1, [h2, c2]);
      outputs.push(this.linear(h2));
    }
    return torch.cat(outputs, 1);
  }
}

/** LBFGS, on all series at once. */
export function optimizerOf(net: Sequence): torch.optim.LBFGS {
  return new torch.optim.LBFGS(net.parameters(), { maxIter: 8, lineSearchFn: "strong_wolfe" });
}

/** One step of LBFGS, which asks for the loss several times. @returns the loss before it */
export async function step(
  net: Sequence,
  optimizer: torch.optim.LBFGS,
  input: torch.Tensor,
  target: torch.Tensor,
): Promise<number> {
  const criterion = new nn.MSELoss();
  const loss = await optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = criterion(net(input), target);
    loss.backward();
    return loss;
  });
  return await loss.item();
}

/** Sine waves of one frequency, each from another moment on, [n, length]. */
export function sineWaves(n: number, length: number): torch.Tensor {
  const start = torch.arange(n).mul(1.7).unsqueeze(1);
  return torch.arange(length).unsqueeze(0).add(start).div(3).sin().double();
}

/** Learns seven waves and goes on with another. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(29);
  const waves = sineWaves(8, 31);
  const [input, target] = [waves.narrow(1, 0, 30), waves.narrow(1, 1, 30)];
  const net = new Sequence().double();
  const optimizer = optimizerOf(net);
  let loss = NaN;
  for (let i = 1; i <= 4; i++) {
    loss = await step(net, optimizer, input.narrow(0, 1, 7), target.narrow(0, 1, 7));
    print(`step ${i}: loss ${loss.toFixed(4)}`);
  }
  const future = 10;
  const outputs = torch.noGrad(() => net(input.narrow(0, 0, 1), future));
  const guessed = await outputs.narrow(1, 30, future).flatten().tolist() as number[];
  const right = await sineWaves(1, 31 + future).narrow(1, 31, future).flatten()
    .tolist() as number[];
  print("goes on as:  " + guessed.map((value) => value.toFixed(2)).join(" "));
  print("the sine is: " + right.map((value) => value.toFixed(2)).join(" "));
  return loss;
}

if (import.meta.main) await main();
