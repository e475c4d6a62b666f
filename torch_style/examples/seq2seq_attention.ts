/**
 * Sequence to sequence with attention (Bahdanau et al. 2015): a GRU reads digits, another one writes them backwards and looks at
 * what the first one made of each. The right digits are fed while training, its own afterwards.
 *
 *   deno run -P torch_style/examples/seq2seq_attention.ts
 *
 * Source: https://docs.pytorch.org/tutorials/intermediate/seq2seq_translation_tutorial.html
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** What a decoder starts with: digits are 0 to 9. */
const START = 10;

/** Digits [n, time] to what stands at each of them and the last state. */
export class Encoder extends nn.Module<
  [torch.Tensor],
  [outputs: torch.Tensor, hidden: torch.Tensor]
> {
  embedding: torch.nn.Embedding;
  gru: torch.nn.GRU;

  constructor(hidden: number) {
    super();
    this.embedding = new nn.Embedding(START, hidden);
    this.gru = new nn.GRU(hidden, hidden, { batchFirst: true });
  }

  override forward(digits: torch.Tensor): [torch.Tensor, torch.Tensor] {
    return this.gru(this.embedding(digits));
  }
}

/** How much each position counts for a state: by a small network that sees both. */
class BahdanauAttention extends nn.Module<
  [query: torch.Tensor, keys: torch.Tensor],
  [context: torch.Tensor, weights: torch.Tensor]
> {
  wa: torch.nn.Linear;
  ua: torch.nn.Linear;
  va: torch.nn.Linear;

  constructor(hidden: number) {
    super();
    this.wa = new nn.Linear(hidden, hidden);
    this.ua = new nn.Linear(hidden, hidden);
    this.va = new nn.Linear(hidden, 1);
  }

  override forward(query: torch.Tensor, keys: torch.Tensor): [torch.Tensor, torch.Tensor] {
    const scores = this.va(this.wa(query).add(this.ua(keys)).tanh()).squeeze(2).unsqueeze(1);
    const weights = F.softmax(scores, -1);
    return [torch.bmm(weights, keys), weights];
  }
}

/** Writes as many digits as were read; logits [n, time, 10] and attention [n, time, time]. */
export class AttentionDecoder extends nn.Module<
  [outputs: torch.Tensor, hidden: torch.Tensor, target?: torch.Tensor],
  [logits: torch.Tensor, attention: torch.Tensor]
> {
  embedding: torch.nn.Embedding;
  attention: BahdanauAttention;
  gru: torch.nn.GRU;
  out: torch.nn.Linear;

  constructor(hidden: number) {
    super();
    this.embedding = new nn.Embedding(START + 1, hidden);
    this.attention = new BahdanauAttention(hidden);
    this.gru = new nn.GRU(2 * hidden, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, START);
  }

  override forward(
    outputs: torch.Tensor,
    hidden: torch.Tensor,
    target?: torch.Tensor,
  ): [torch.Tensor, torch.Tensor] {
    const [n, time] = outputs.shape;
    let input = torch.full([n, 1], START, { dtype: "int64" });
    const [logits, attention]: torch.Tensor[][] = [[], []];
    for (let t = 0; t < time; t++) {
      const [context, weights] = this.attention(hidden.permute(1, 0, 2), outputs);
      const [output, next] = this.gru(torch.cat([this.embedding(input), context], 2), hidden);
      hidden = next;
      logits.push(this.out(output));
      attention.push(weights);
      input = target ? target.narrow(1, t, 1) : logits[t].detach().argmax(2);
    }
    return [torch.cat(logits, 1), torch.cat(attention, 1)];
  }
}

/** Goes through batches of digits and what is to be written. @returns the loss of each */
export async function train(
  encoder: Encoder,
  decoder: AttentionDecoder,
  optimizers: readonly torch.optim.Adam[],
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss();
  const losses: number[] = [];
  for (const [digits, target] of loader) {
    optimizers.forEach((optimizer) => optimizer.zeroGrad());
    const [outputs, hidden] = encoder(digits);
    const [logits] = decoder(outputs, hidden, target);
    const loss = criterion(logits.flatten(0, 1), target.flatten());
    loss.backward();
    for (const optimizer of optimizers) await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Trains on synthetic digits. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(32);
  const [hidden, length] = [32, 6];
  const drawn = torch.randint(0, START, [1024, length]);
  const data = new torch.data.TensorDataset(drawn, drawn.flip(1));
  const loader = new torch.data.DataLoader(data, { batchSize: 64, shuffle: true });
  const [encoder, decoder] = [new Encoder(hidden), new AttentionDecoder(hidden)];
  const optimizers = [encoder, decoder].map((net) =>
    new torch.optim.Adam(net.parameters(), { lr: 0.01 })
  );
  let mean = NaN;
  for (let epoch = 1; epoch <= 6; epoch++) {
    const losses = await train(encoder, decoder, optimizers, loader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}`);
  }
  const asked = torch.randint(0, START, [1, length]);
  const [logits, attention] = torch.noGrad(() => decoder(...encoder(asked)));
  print(
    `${await asked.flatten().tolist()} written backwards: ${await logits.argmax(2).flatten()
      .tolist()}`,
  );
  print(`looked at position: ${await attention.argmax(2).flatten().tolist()}`);
  return mean;
}

if (import.meta.main) await main();
