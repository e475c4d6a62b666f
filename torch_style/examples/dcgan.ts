/**
 * The generator and the discriminator of PyTorch's DCGAN tutorial (Radford et al. 2016), for images of 32 by 32.
 *
 *   deno run -P torch_style/examples/dcgan.ts [FOLDER OF CIFAR-10]
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Noise [n, size, 1, 1] to images [n, 3, 32, 32], -1 to 1. */
export function generator(noise = 16, width = 16): torch.nn.Sequential {
  const up = (from: number, to: number) => [
    new nn.ConvTranspose2d(from, to, 4, { stride: 2, padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
  ];
  return new nn.Sequential(
    new nn.ConvTranspose2d(noise, 4 * width, 4, { bias: false }),
    new nn.BatchNorm2d(4 * width),
    new nn.ReLU(),
    ...up(4 * width, 2 * width),
    ...up(2 * width, width),
    new nn.ConvTranspose2d(width, 3, 4, { stride: 2, padding: 1, bias: false }),
    new nn.Tanh(),
  );
}

/** Images [n, 3, 32, 32] to probabilities [n, 1, 1, 1] that they are real. */
export function discriminator(width = 16): torch.nn.Sequential {
  const down = (from: number, to: number) => [
    new nn.Conv2d(from, to, 4, { stride: 2, padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.LeakyReLU(0.2),
  ];
  return new nn.Sequential(
    new nn.Conv2d(3, width, 4, { stride: 2, padding: 1, bias: false }),
    new nn.LeakyReLU(0.2),
    ...down(width, 2 * width),
    ...down(2 * width, 4 * width),
    new nn.Conv2d(4 * width, 1, 4, { bias: false }),
    new nn.Sigmoid(),
  );
}

/** Both networks with their optimizers. */
export function training(netG: torch.nn.Sequential, netD: torch.nn.Sequential) {
  const adam = (net: torch.nn.Sequential) =>
    new torch.optim.Adam(net.parameters(), { lr: 2e-4, betas: [0.5, 0.999] });
  return {
    netG,
    netD,
    optimizerG: adam(netG),
    optimizerD: adam(netD),
    criterion: new nn.BCELoss(),
  };
}

/** One step of each network. @returns both losses */
export async function step(
  { netG, netD, optimizerG, optimizerD, criterion }: ReturnType<typeof training>,
  real: torch.Tensor,
  noise: torch.Tensor,
): Promise<[lossD: number, lossG: number]> {
  const n = real.shape[0];
  netD.zeroGrad();
  const lossReal = criterion(netD(real).view(-1), torch.ones([n]));
  lossReal.backward();
  const fake = netG(noise);
  const lossFake = criterion(netD(fake.detach()).view(-1), torch.zeros([n]));
  lossFake.backward();
  await optimizerD.step();
  const lossD = await lossReal.item() + await lossFake.item();
  netG.zeroGrad();
  const lossG = criterion(netD(fake).view(-1), torch.ones([n]));
  lossG.backward();
  await optimizerG.step();
  return [lossD, await lossG.item()];
}

/** Trains on synthetic shapes, or on CIFAR-10 if its folder is named. @returns the last loss of the discriminator */
export async function main(print = console.log, cifar10?: string): Promise<number> {
  torch.manualSeed(6);
  const data = cifar10
    ? await datasets.loadDataset("cifar10", { dataDir: cifar10 })
    : await datasets.loadDataset("shapes10", { limit: 160 });
  const loader = new torch.data.DataLoader(new torch.ImageDataset(data.train), {
    batchSize: 16,
    shuffle: true,
    dropLast: true,
  });
  const parts = training(generator(), discriminator());
  for (const module of [...parts.netG.modules(), ...parts.netD.modules()]) {
    if (module instanceof nn.BatchNorm2d) nn.init.normal_(module.weight!, 1, 0.02);
    else if (module instanceof nn.Conv2d || module instanceof nn.ConvTranspose2d) {
      nn.init.normal_(module.weight, 0, 0.02);
    }
  }
  let losses: [number, number] = [NaN, NaN];
  for (let epoch = 1; epoch <= 2; epoch++) {
    for (const [real] of loader) {
      losses = await step(parts, real, torch.randn([real.shape[0], 16, 1, 1]));
    }
    const [lossD, lossG] = losses.map((loss) => loss.toFixed(3));
    print(`epoch ${epoch}: discriminator ${lossD}, generator ${lossG}`);
  }
  return losses[0];
}

if (import.meta.main) await main(console.log, Deno.args[0]);
