/**
 * A small network with attention learns whether a word occurs twice in a row of words. It shows embedding with
 * padding, multi-head attention with a padding mask, layer norm, residual connections, label smoothing and
 * clipped gradients.
 *
 *   deno run --permission-set=default torch_style/examples/nn_sequence_classifier.ts
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const WORDS = 12;
const LENGTH = 8;
const PADDING = 0;

/** One layer of a transformer's encoder, normalizing first. */
export class EncoderLayer extends nn.Module {
  attention: torch.nn.MultiheadAttention;
  norm1: torch.nn.LayerNorm;
  norm2: torch.nn.LayerNorm;
  feedForward: torch.nn.Sequential;

  constructor(width: number, heads: number) {
    super();
    this.attention = new nn.MultiheadAttention(width, heads, { batchFirst: true });
    this.norm1 = new nn.LayerNorm(width);
    this.norm2 = new nn.LayerNorm(width);
    this.feedForward = new nn.Sequential(
      new nn.Linear(width, 2 * width),
      new nn.GELU(),
      new nn.Linear(2 * width, width),
    );
  }

  /** @param padding true where there is no word [n, l] */
  override forward(x: torch.Tensor, padding: torch.Tensor): torch.Tensor {
    const y = this.norm1(x);
    const [seen] = this.attention(y, y, y, { keyPaddingMask: padding, needWeights: false });
    x = torch.add(x, seen);
    return torch.add(x, this.feedForward(this.norm2(x)));
  }
}

/** Rows of word indices [n, l] to logits [n, 2]. */
export class SequenceClassifier extends nn.Module {
  words = new nn.Embedding(WORDS, 32, { paddingIdx: PADDING });
  layers = new nn.ModuleList([new EncoderLayer(32, 4), new EncoderLayer(32, 4)]);
  output = new nn.Linear(32, 2);

  override forward(words: torch.Tensor): torch.Tensor {
    const padding = torch.eq(words, PADDING);
    let x: torch.Tensor = this.words(words);
    for (const layer of this.layers) x = layer(x, padding);
    return this.output(torch.amax(x, 1));
  }
}

/** Rows of words, some of them short, and whether one occurs twice. */
export function examples(count: number): [words: torch.Tensor, twice: torch.Tensor] {
  const draw = torch.rand([count, LENGTH + 1]).array.hostData();
  const words: number[][] = [];
  const twice: number[] = [];
  for (let i = 0; i < count; i++) {
    const values = Array.from(
      draw.subarray(i * (LENGTH + 1), (i + 1) * (LENGTH + 1)) as Float32Array,
    );
    const length = 3 + Math.floor(values[LENGTH] * 3);
    const row = values.slice(0, LENGTH).map((number, k) =>
      k < length ? 1 + Math.floor(number * (WORDS - 1)) : PADDING
    );
    words.push(row);
    twice.push(new Set(row.slice(0, length)).size < length ? 1 : 0);
  }
  return [torch.tensor(words), torch.tensor(twice)];
}

/** Trains for some steps and returns the losses. */
export async function train(
  network: SequenceClassifier,
  steps: number,
  onStep?: (step: number, loss: number) => void,
): Promise<number[]> {
  const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.05 });
  const optimizer = new torch.optim.RMSprop(network.parameters(), { lr: 0.002 });
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const [words, twice] = examples(64);
    optimizer.zeroGrad();
    const loss = criterion(network(words), twice);
    loss.backward();
    nn.clipGradNorm_(network.parameters(), 1);
    await optimizer.step();
    losses.push(await loss.item());
    onStep?.(step, losses.at(-1)!);
  }
  return losses;
}

/** The share of right answers. */
export async function accuracy(network: SequenceClassifier): Promise<number> {
  const [words, twice] = examples(500);
  const guesses = network.eval()(words).detach().argmax(1);
  return await torch.eq(guesses, twice).sum().item() / 500;
}

if (import.meta.main) {
  torch.manualSeed(1);
  const network = new SequenceClassifier();
  console.log(String(network));
  await train(network, 1000, (step, loss) => {
    if (step % 100 === 0) console.log(`step ${step}: loss ${loss.toFixed(4)}`);
  });
  console.log("accuracy", await accuracy(network));
}
