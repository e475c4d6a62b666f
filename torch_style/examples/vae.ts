/**
 * The variational autoencoder of PyTorch's examples (Kingma and Welling 2014), on synthetic images.
 *
 *   deno run --permission-set=default torch_style/examples/vae.ts
 *
 * Source: https://github.com/pytorch/examples/blob/main/vae/main.py
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** What the network makes of images. */
export type Reconstruction = [images: torch.Tensor, mean: torch.Tensor, logVariance: torch.Tensor];

/** Images [n, 784], 0 to 1, through 20 values and back. */
export class VAE extends nn.Module<[images: torch.Tensor, noise?: torch.Tensor], Reconstruction> {
  fc1 = new nn.Linear(784, 400);
  fc21 = new nn.Linear(400, 20);
  fc22 = new nn.Linear(400, 20);
  fc3 = new nn.Linear(20, 400);
  fc4 = new nn.Linear(400, 784);

  /** @param noise normal numbers [n, 20]; drawn unless given */
  override forward(images: torch.Tensor, noise?: torch.Tensor): Reconstruction {
    const hidden = this.fc1(images).relu();
    const [mean, logVariance] = [this.fc21(hidden), this.fc22(hidden)];
    const deviation = logVariance.mul(0.5).exp();
    const code = mean.add((noise ?? torch.randnLike(deviation)).mul(deviation));
    return [this.fc4(this.fc3(code).relu()).sigmoid(), mean, logVariance];
  }
}

/** Cross entropy of the pixels and divergence of the codes from normal numbers, both summed. */
export function lossOf(
  [images, mean, logVariance]: Reconstruction,
  original: torch.Tensor,
): torch.Tensor {
  const pixels = F.binaryCrossEntropy(images, original, { reduction: "sum" });
  const divergence = logVariance.add(1).sub(mean.pow(2)).sub(logVariance.exp()).sum().mul(-0.5);
  return pixels.add(divergence);
}

/** One step on a batch. @returns its loss an image */
export async function step(
  net: VAE,
  optimizer: torch.optim.Adam,
  images: torch.Tensor,
  noise?: torch.Tensor,
): Promise<number> {
  optimizer.zeroGrad();
  const loss = lossOf(net(images, noise), images);
  loss.backward();
  await optimizer.step();
  return await loss.item() / images.shape[0];
}

/** Crosses at random indices. */
function crosses(count: number): torch.Tensor {
  const indices = torch.arange(28).unsqueeze(0);
  const [row, column] = [0, 1].map(() =>
    indices.sub(torch.randint(6, 22, [count, 1])).abs().lt(2).float()
  );
  return row.unsqueeze(2).maximum(column.unsqueeze(1)).reshape(count, 784);
}

/** Trains for a few batches. @returns the last loss */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(5);
  const net = new VAE();
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
  let loss = NaN;
  for (let batch = 1; batch <= 60; batch++) {
    loss = await step(net, optimizer, crosses(64));
    if (batch % 20 === 0) print(`batch ${batch}: loss ${loss.toFixed(1)}`);
  }
  return loss;
}

if (import.meta.main) await main();
