/**
 * U-Net (Ronneberger et al. 2015): which pixels belong to a disc? The way down finds what is there, the way up where it is, and
 * every level of the way up sees that of the way down. Trained on cross entropy and the Dice loss.
 *
 *   deno run -P torch_style/examples/unet.ts
 *
 * Source: https://github.com/milesial/Pytorch-UNet
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Twice: a 3x3 convolution, batch norm, relu. */
function doubleConv(inputs: number, outputs: number): torch.nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(outputs),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(outputs),
    new nn.ReLU({ inplace: true }),
  );
}

/** Twice the rows and columns, joined to the level of the way down. */
class Up extends nn.Module<[x: torch.Tensor, skipped: torch.Tensor], torch.Tensor> {
  up: torch.nn.ConvTranspose2d;
  conv: torch.nn.Sequential;

  constructor(inputs: number, outputs: number) {
    super();
    this.up = new nn.ConvTranspose2d(inputs, outputs, 2, { stride: 2 });
    this.conv = doubleConv(2 * outputs, outputs);
  }

  override forward(x: torch.Tensor, skipped: torch.Tensor): torch.Tensor {
    return this.conv(torch.cat([skipped, this.up(x)], 1));
  }
}

/** Images [n, 1, h, w] to logits of pixels [n, 1, h, w]; h and w are multiples of 4. */
export class UNet extends nn.Module<[torch.Tensor], torch.Tensor> {
  inc: torch.nn.Sequential;
  down1: torch.nn.Sequential;
  down2: torch.nn.Sequential;
  up1: Up;
  up2: Up;
  outc: torch.nn.Conv2d;

  constructor(width = 8) {
    super();
    this.inc = doubleConv(1, width);
    this.down1 = new nn.Sequential(new nn.MaxPool2d(2), doubleConv(width, 2 * width));
    this.down2 = new nn.Sequential(new nn.MaxPool2d(2), doubleConv(2 * width, 4 * width));
    this.up1 = new Up(4 * width, 2 * width);
    this.up2 = new Up(2 * width, width);
    this.outc = new nn.Conv2d(width, 1, 1);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    const first = this.inc(images);
    const second = this.down1(first);
    const third = this.down2(second);
    return this.outc(this.up2(this.up1(third, second), first));
  }
}

/** How much of two masks [n, 1, h, w] is common: 1 if they are equal. */
export function dice(a: torch.Tensor, b: torch.Tensor): torch.Tensor {
  const common = a.mul(b).sum([1, 2, 3]).mul(2);
  const all = a.sum([1, 2, 3]).add(b.sum([1, 2, 3]));
  return common.add(1e-6).div(all.add(1e-6)).mean();
}

/** Goes through batches of images and masks. @returns the loss of each */
export async function train(
  net: UNet,
  optimizer: torch.optim.RMSprop,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [images, masks] of loader) {
    const logits = net(images);
    const loss = F.binaryCrossEntropyWithLogits(logits, masks)
      .add(dice(logits.sigmoid(), masks).neg().add(1));
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(net.parameters(), 1);
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Bright discs and bright bars in noise; the masks are the discs. */
function discs(count: number, size = 32): torch.data.TensorDataset {
  const center = () => torch.randint(8, 24, [count, 1, 1, 1]);
  const rows = torch.arange(size).reshape(1, 1, size, 1);
  const columns = torch.arange(size).reshape(1, 1, 1, size);
  const masks = rows.sub(center()).pow(2).add(columns.sub(center()).pow(2)).le(25).float();
  const bars = rows.sub(center()).abs().le(1).float().expand(-1, -1, -1, size);
  const images = masks.maximum(bars).add(torch.randn([count, 1, size, size]).mul(0.2));
  return new torch.data.TensorDataset(images, masks);
}

/** Trains on synthetic discs. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(31);
  const loader = new torch.data.DataLoader(discs(128), { batchSize: 16, shuffle: true });
  const net = new UNet();
  const optimizer = new torch.optim.RMSprop(net.parameters(), { lr: 2e-3, momentum: 0.9 });
  let mean = NaN;
  for (let epoch = 1; epoch <= 4; epoch++) {
    const losses = await train(net, optimizer, loader);
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}`);
  }
  net.eval();
  const [images, masks] = discs(16).tensors;
  const found = torch.noGrad(() => net(images).gt(0).float());
  print(`Dice score of other images: ${(await dice(found, masks).item()).toFixed(3)}`);
  for (const row of await found.index(0, 0).tolist() as number[][]) {
    print(row.map((value) => value > 0 ? "#" : ".").join(""));
  }
  return mean;
}

if (import.meta.main) await main();
