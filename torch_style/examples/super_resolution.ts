/**
 * Super-resolution by an efficient sub-pixel network (Shi et al. 2016): all convolutions see the small image, and a shuffle of
 * channels makes the large one.
 *
 *   deno run -P torch_style/examples/super_resolution.ts
 *
 * Source: https://github.com/pytorch/examples/tree/main/super_resolution
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Brightness [n, 1, h, w] to [n, 1, factor h, factor w]. */
export class Net extends nn.Module<[torch.Tensor], torch.Tensor> {
  conv1 = new nn.Conv2d(1, 32, 5, { padding: 2 });
  conv2 = new nn.Conv2d(32, 32, 3, { padding: 1 });
  conv3 = new nn.Conv2d(32, 16, 3, { padding: 1 });
  conv4: torch.nn.Conv2d;
  pixelShuffle: torch.nn.PixelShuffle;

  constructor(factor = 2) {
    super();
    this.conv4 = new nn.Conv2d(16, factor ** 2, 3, { padding: 1 });
    this.pixelShuffle = new nn.PixelShuffle(factor);
    for (const conv of [this.conv1, this.conv2, this.conv3]) {
      nn.init.orthogonal_(conv.weight, nn.init.calculateGain("relu"));
    }
    nn.init.orthogonal_(this.conv4.weight);
  }

  override forward(images: torch.Tensor): torch.Tensor {
    let x = this.conv1(images).relu();
    x = this.conv2(x).relu();
    x = this.conv3(x).relu();
    return this.pixelShuffle(this.conv4(x));
  }
}

/** Half the rows and columns. */
export function shrink(images: torch.Tensor): torch.Tensor {
  return F.interpolate(images, { scaleFactor: 0.5, mode: "bicubic", alignCorners: false });
}

/** One epoch on large images [n, 1, h, w]. @returns the mean squared error of each batch */
export async function train(
  net: Net,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.MSELoss();
  const losses: number[] = [];
  net.train();
  for (const [images] of loader) {
    optimizer.zeroGrad();
    const loss = criterion(net(shrink(images)), images);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Peak signal-to-noise ratio in decibels, the mean over batches; of an enlargement of small images. */
async function test(
  enlarge: (small: torch.Tensor) => torch.Tensor,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  let [sum, batches] = [0, 0];
  for (const [images] of loader) {
    const error = torch.noGrad(() => F.mseLoss(enlarge(shrink(images)), images));
    sum += 10 * Math.log10(1 / await error.item());
    batches++;
  }
  return sum / batches;
}

/** Trains on synthetic shapes. @returns the mean error of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(26);
  const data = await datasets.loadDataset("shapes10", { limit: 320 });
  // Brightness from 0 to 1.
  const transform = (image: torch.Tensor) => image.mean(0, { keepdim: true });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(
      new torch.data.TransformedDataset(new torch.ImageDataset(split, { range: [0, 1] }), {
        transform,
      }),
      { batchSize: 16, shuffle },
    );
  const net = new Net();
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 4e-3 });
  let mean = NaN;
  for (let epoch = 1; epoch <= 12; epoch++) {
    const losses = await train(net, optimizer, loader(data.train, true));
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    if (epoch % 4 === 0) print(`epoch ${epoch}: mean squared error ${mean.toFixed(4)}`);
  }
  net.eval();
  const bilinear = (small: torch.Tensor) =>
    F.interpolate(small, { scaleFactor: 2, mode: "bilinear" });
  print(`enlarged by the network: ${(await test(net, loader(data.test))).toFixed(1)} dB`);
  print(`enlarged linearly: ${(await test(bilinear, loader(data.test))).toFixed(1)} dB`);
  return mean;
}

if (import.meta.main) await main();
