/**
 * A small GPT (Radford et al. 2019): a decoder-only transformer that reads letters and writes on. Output weights are those of the
 * embedding; matrices decay, the rest does not; the rate warms up and follows a cosine.
 *
 *   deno run -P torch_style/examples/gpt.ts
 *
 * Source: https://github.com/karpathy/nanoGPT/blob/master/model.py
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Sizes of a {@linkcode GPT}. */
export interface Config {
  readonly vocabulary: number;
  /** Letters it sees at most. */
  readonly blockSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly dropout: number;
}

/** Attention to what stands before, in several heads. */
class CausalSelfAttention extends nn.Module<[torch.Tensor], torch.Tensor> {
  cAttn: torch.nn.Linear;
  cProj: torch.nn.Linear;
  residDropout: torch.nn.Dropout;

  constructor(readonly config: Config) {
    super();
    this.cAttn = new nn.Linear(config.width, 3 * config.width);
    this.cProj = new nn.Linear(config.width, config.width);
    this.residDropout = new nn.Dropout(config.dropout);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const [n, time, width] = x.shape;
    const [q, k, v] = this.cAttn(x).split(width, 2).map((part) =>
      part.view(n, time, this.config.heads, width / this.config.heads).transpose(1, 2)
    );
    const y = F.scaledDotProductAttention(q, k, v, {
      dropoutP: this.training ? this.config.dropout : 0,
      isCausal: true,
    });
    return this.residDropout(this.cProj(y.transpose(1, 2).reshape(n, time, width)));
  }
}

/** Attention and a two-layer network, each behind a layer norm and added. */
class Block extends nn.Module<[torch.Tensor], torch.Tensor> {
  ln1: torch.nn.LayerNorm;
  attn: CausalSelfAttention;
  ln2: torch.nn.LayerNorm;
  mlp: torch.nn.Sequential;

  constructor(config: Config) {
    super();
    this.ln1 = new nn.LayerNorm(config.width);
    this.attn = new CausalSelfAttention(config);
    this.ln2 = new nn.LayerNorm(config.width);
    this.mlp = new nn.Sequential(
      new nn.Linear(config.width, 4 * config.width),
      new nn.GELU(),
      new nn.Linear(4 * config.width, config.width),
      new nn.Dropout(config.dropout),
    );
  }

  override forward(input: torch.Tensor): torch.Tensor {
    const x = input.add(this.attn(this.ln1(input)));
    return x.add(this.mlp(this.ln2(x)));
  }
}

/** Letters [n, time] to logits [n, time, vocabulary]. */
export class GPT extends nn.Module<[torch.Tensor], torch.Tensor> {
  wte: torch.nn.Embedding;
  wpe: torch.nn.Embedding;
  drop: torch.nn.Dropout;
  h: torch.nn.Sequential;
  lnF: torch.nn.LayerNorm;
  lmHead: torch.nn.Linear;

  constructor(readonly config: Config) {
    super();
    this.wte = new nn.Embedding(config.vocabulary, config.width);
    this.wpe = new nn.Embedding(config.blockSize, config.width);
    this.drop = new nn.Dropout(config.dropout);
    this.h = new nn.Sequential(...Array.from({ length: config.layers }, () => new Block(config)));
    this.lnF = new nn.LayerNorm(config.width);
    this.lmHead = new nn.Linear(config.width, config.vocabulary, { bias: false });
    this.apply((module) => {
      if (module instanceof nn.Linear || module instanceof nn.Embedding) {
        nn.init.normal_(module.weight, 0, 0.02);
      }
      if (module instanceof nn.Linear && module.bias) nn.init.zeros_(module.bias);
    });
    for (const [name, parameter] of this.namedParameters()) {
      if (!name.endsWith("cProj.weight")) continue;
      nn.init.normal_(parameter, 0, 0.02 / Math.sqrt(2 * config.layers));
    }
    this.lmHead.weight = this.wte.weight;
  }

  override forward(letters: torch.Tensor): torch.Tensor {
    const positions = torch.arange(letters.shape[1]);
    const x = this.drop(this.wte(letters).add(this.wpe(positions)));
    return this.lmHead(this.lnF(this.h(x)));
  }

  /** Matrices decay; biases and norms do not. */
  configureOptimizer(lr = 3e-3, weightDecay = 0.1): torch.optim.AdamW {
    const parameters = this.parameters();
    return new torch.optim.AdamW([
      { params: parameters.filter((parameter) => parameter.ndim >= 2), weightDecay },
      { params: parameters.filter((parameter) => parameter.ndim < 2), weightDecay: 0 },
    ], { lr, betas: [0.9, 0.99] });
  }

  /** Writes on: each letter is drawn from the most likely ones. */
  async generate(
    letters: readonly number[],
    count: number,
    { temperature = 1, topK = 5 } = {},
  ): Promise<number[]> {
    this.eval();
    const written = [...letters];
    for (let i = 0; i < count; i++) {
      const seen = torch.tensor([written.slice(-this.config.blockSize)]);
      const logits = torch.noGrad(() => this(seen).select(1, -1).div(temperature));
      const { values, indices } = logits.topk(topK, 1);
      const drawn = torch.multinomial(values.softmax(1), 1);
      written.push(await indices.gather(1, drawn).item());
    }
    return written;
  }
}

/** The rate at a step: up in a line, down along a cosine to a tenth. */
export function rateAt(step: number, { lr = 3e-3, warmup = 10, steps = 80 } = {}): number {
  if (step < warmup) return lr * (step + 1) / (warmup + 1);
  const share = (step - warmup) / (steps - warmup);
  return lr / 10 + (1 + Math.cos(Math.PI * share)) / 2 * (lr - lr / 10);
}

/** Trains on batches of letters and the letters behind them. @returns the loss of each batch */
export async function train(
  net: GPT,
  optimizer: torch.optim.AdamW,
  batches: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [x, y] of batches) {
    for (const group of optimizer.paramGroups) group.lr = rateAt(losses.length);
    const loss = F.crossEntropy(net(x).flatten(0, 1), y.flatten());
    optimizer.zeroGrad({ setToNone: true });
    loss.backward();
    nn.utils.clipGradNorm_(net.parameters(), 1);
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

const TEXT = "she sells sea shells by the sea shore, the shells she sells are sea shells for sure. "
  .repeat(20);

/** Learns a short text and writes on. @returns the mean of the last losses */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(30);
  const alphabet = [...new Set(TEXT)].sort();
  const indices = [...TEXT].map((letter) => alphabet.indexOf(letter));
  const [blockSize, n] = [32, 8];
  const net = new GPT({
    vocabulary: alphabet.length,
    blockSize,
    layers: 2,
    heads: 4,
    width: 64,
    dropout: 0.1,
  });
  print(`${net.countParameters()} parameters`);
  const optimizer = net.configureOptimizer();
  const windows = torch.tensor(indices).unfold(0, blockSize + 1, 1);
  function* batches(count: number) {
    for (let i = 0; i < count; i++) {
      const rows = windows.index(torch.randint(0, windows.shape[0], [n]));
      yield [rows.narrow(1, 0, blockSize), rows.narrow(1, 1, blockSize)];
    }
  }
  const losses = await train(net, optimizer, batches(80));
  const meanOf = (part: number[]) => part.reduce((a, b) => a + b) / part.length;
  for (let i = 0; i < 80; i += 20) {
    print(`steps ${i + 1} to ${i + 20}: loss ${meanOf(losses.slice(i, i + 20)).toFixed(3)}`);
  }
  const written = await net.generate(indices.slice(0, blockSize), 40);
  print(written.map((i) => alphabet[i]).join(""));
  return meanOf(losses.slice(60));
}

if (import.meta.main) await main();
