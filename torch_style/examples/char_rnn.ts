/**
 * An LSTM that learns to go on with a text, letter by letter.
 *
 *   deno run --permission-set=default torch_style/examples/char_rnn.ts
 *
 * Source: https://github.com/pytorch/examples/tree/main/word_language_model
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** State of the network from one part of the text to the next. */
export type State = readonly [h: torch.Tensor, c: torch.Tensor];

/** Letters [time, n] to logits [time n, letters]. */
export class CharRNN extends nn.Module<
  [letters: torch.Tensor, state?: State | null],
  [logits: torch.Tensor, state: State]
> {
  encoder: torch.nn.Embedding;
  rnn: torch.nn.LSTM;
  decoder: torch.nn.Linear;

  constructor(letters: number, hidden = 32, layers = 2, dropout = 0.2) {
    super();
    this.encoder = new nn.Embedding(letters, hidden);
    this.rnn = new nn.LSTM(hidden, hidden, { numLayers: layers, dropout });
    this.decoder = new nn.Linear(hidden, letters);
  }

  override forward(letters: torch.Tensor, state: State | null = null): [torch.Tensor, State] {
    const [output, next] = this.rnn(this.encoder(letters), state);
    return [this.decoder(output.flatten(0, 1)), next];
  }
}

/** One step on a part of the text; gradients end at its beginning. @returns its loss, and the state behind it */
export async function step(
  net: CharRNN,
  optimizer: torch.optim.Adam,
  letters: torch.Tensor,
  next: torch.Tensor,
  state: State | null,
): Promise<[loss: number, state: State]> {
  optimizer.zeroGrad();
  const [logits, [h, c]] = net(letters, state);
  const loss = nn.functional.crossEntropy(logits, next.reshape(-1));
  loss.backward();
  nn.utils.clipGradNorm_(net.parameters(), 0.25);
  await optimizer.step();
  return [await loss.item(), [h.detach(), c.detach()]];
}

const TEXT = "the quick brown fox jumps over the lazy dog. ".repeat(30);

/** Learns a short text and goes on with it. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(4);
  const alphabet = [...new Set(TEXT)].sort();
  const values = torch.tensor([...TEXT].map((letter) => alphabet.indexOf(letter)));
  const net = new CharRNN(alphabet.length, 32, 1, 0);
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.02 });
  const [time, n] = [15, 10];
  const columns = values.narrow(0, 0, 1341).narrow(0, 0, 134 * n).reshape(n, -1).t();
  let loss = NaN;
  for (let epoch = 1; epoch <= 3; epoch++) {
    let state: State | null = null;
    for (let at = 0; at + time < columns.shape[0]; at += time) {
      [loss, state] = await step(
        net,
        optimizer,
        columns.narrow(0, at, time),
        columns.narrow(0, at + 1, time),
        state,
      );
    }
    print(`epoch ${epoch}: loss ${loss.toFixed(3)}`);
  }
  net.eval();
  let [letter, state, text]: [number, State | null, string] = [alphabet.indexOf("t"), null, "t"];
  for (let i = 0; i < 20; i++) {
    const [logits, next]: [torch.Tensor, State] = torch.noGrad(() =>
      net(torch.tensor([[letter]]), state)
    );
    letter = await logits.argmax(1).item();
    state = next;
    text += alphabet[letter];
  }
  print(`it goes on: ${text}`);
  return loss;
}

if (import.meta.main) await main();
