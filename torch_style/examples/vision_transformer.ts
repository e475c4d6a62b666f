/**
 * A vision transformer with a class token (Dosovitskiy et al. 2021): patches are words, and the token's output is classified.
 * AdamW with a warm-up and a cosine, gradients clipped.
 *
 *   deno run -P torch_style/examples/vision_transformer.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://github.com/pytorch/vision/blob/main/torchvision/models/vision_transformer.py
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Attention and a two-layer network, each behind a layer norm and added to its input. */
class EncoderBlock extends nn.Module<[torch.Tensor], torch.Tensor> {
  ln1: torch.nn.LayerNorm;
  selfAttention: torch.nn.MultiheadAttention;
  ln2: torch.nn.LayerNorm;
  mlp: torch.nn.Sequential;

  constructor(heads: number, hidden: number, mlpSize: number, dropout: number) {
    super();
    this.ln1 = new nn.LayerNorm(hidden, { eps: 1e-6 });
    this.selfAttention = new nn.MultiheadAttention(hidden, heads, { dropout, batchFirst: true });
    this.ln2 = new nn.LayerNorm(hidden, { eps: 1e-6 });
    this.mlp = new nn.Sequential(
      new nn.Linear(hidden, mlpSize),
      new nn.GELU(),
      new nn.Dropout(dropout),
      new nn.Linear(mlpSize, hidden),
      new nn.Dropout(dropout),
    );
  }

  override forward(input: torch.Tensor): torch.Tensor {
    const y = this.ln1(input);
    const [attended] = this.selfAttention(y, y, y, { needWeights: false });
    const x = attended.add(input);
    return x.add(this.mlp(this.ln2(x)));
  }
}

/** Images [n, 3, size, size] to logits [n, classes]. */
export class VisionTransformer extends nn.Module<[torch.Tensor], torch.Tensor> {
  classToken: torch.nn.Parameter;
  posEmbedding: torch.nn.Parameter;
  convProj: torch.nn.Conv2d;
  layers: torch.nn.Sequential;
  ln: torch.nn.LayerNorm;
  head: torch.nn.Linear;

  constructor({ size = 32, patch = 8, hidden = 48, layers = 3, heads = 4, dropout = 0.1 } = {}) {
    super();
    const tokens = (size / patch) ** 2 + 1;
    this.classToken = new nn.Parameter(torch.zeros([1, 1, hidden]));
    this.posEmbedding = new nn.Parameter(torch.empty([1, tokens, hidden]).normal_(0, 0.02));
    this.convProj = new nn.Conv2d(3, hidden, patch, { stride: patch });
    this.layers = new nn.Sequential(
      ...Array.from(
        { length: layers },
        () => new EncoderBlock(heads, hidden, 2 * hidden, dropout),
      ),
    );
    this.ln = new nn.LayerNorm(hidden, { eps: 1e-6 });
    this.head = new nn.Linear(hidden, 10);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const patches = this.convProj(images).flatten(2).transpose(1, 2);
    const token = this.classToken.expand(images.shape[0], -1, -1);
    const x = torch.cat([token, patches], 1).add(this.posEmbedding);
    return this.head(this.ln(this.layers(x)).select(1, 0));
  }
}

/** AdamW, its rate rising for some steps and falling along a cosine after them. */
export function optimizerOf(net: VisionTransformer, steps: number, warmup = 4) {
  const { LinearLR, CosineAnnealingLR, SequentialLR } = torch.optim.lrScheduler;
  const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 3e-3, weightDecay: 0.1 });
  const scheduler = new SequentialLR(optimizer, [
    new LinearLR(optimizer, { startFactor: 0.25, totalIters: warmup }),
    new CosineAnnealingLR(optimizer, steps - warmup),
  ], [warmup]);
  return { optimizer, scheduler };
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: VisionTransformer,
  { optimizer, scheduler }: ReturnType<typeof optimizerOf>,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    const loss = nn.functional.crossEntropy(net(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(net.parameters(), 1);
    await optimizer.step();
    scheduler.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(
  net: VisionTransformer,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const predictions = torch.noGrad(() => net(images).argmax(1));
    correct += await predictions.eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the mean loss of the last epoch */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(16);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const [net, epochs, trainLoader] = [new VisionTransformer(), 3, loader(data.train, true)];
  const parts = optimizerOf(net, epochs * trainLoader.length);
  let mean = NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await train(net, parts, trainLoader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const accuracy = await test(net, loader(data.test));
    const [rate] = parts.scheduler.getLastLr();
    print(
      `epoch ${epoch}: loss ${mean.toFixed(3)}, test accuracy ${accuracy.toFixed(1)} %, ` +
        `rate ${rate.toExponential(1)}`,
    );
  }
  return mean;
}

if (import.meta.main) await main(console.log, Deno.args[0]);
