/**
 * Neural style transfer (Gatys et al. 2016): not weights but the pixels of an image are learned, so that a frozen network sees in
 * it the content of one image and the style of another, which is how its channels go together (Gram matrices).
 *
 *   deno run -P torch_style/examples/neural_style.ts
 *
 * Source: https://docs.pytorch.org/tutorials/advanced/neural_style_tutorial.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Images [1, 3, h, w] to what three layers make of them. In place of VGG's: random filters show colours and edges, too. */
export class Features extends nn.Module<[torch.Tensor], torch.Tensor[]> {
  conv1 = new nn.Conv2d(3, 16, 3, { padding: 1 });
  conv2 = new nn.Conv2d(16, 32, 3, { padding: 1 });
  conv3 = new nn.Conv2d(32, 32, 3, { padding: 1 });
  pool = new nn.AvgPool2d(2);

  override forward(images: torch.Tensor): torch.Tensor[] {
    const first = this.conv1(images).relu();
    const second = this.conv2(this.pool(first)).relu();
    return [first, second, this.conv3(this.pool(second)).relu()];
  }
}

/** How often channels are strong together: [channels, channels]. */
export function gramMatrix(features: torch.Tensor): torch.Tensor {
  const [n, channels, height, width] = features.shape;
  const rows = features.view(n * channels, height * width);
  return torch.mm(rows, rows.t()).div(n * channels * height * width);
}

/** Changes an image step by step. @returns the loss before each */
export async function transfer(
  net: Features,
  image: torch.Tensor,
  { content, style }: { readonly content: torch.Tensor; readonly style: torch.Tensor },
  { steps = 40, lr = 0.02, styleWeight = 1e6 } = {},
): Promise<number[]> {
  net.eval().requiresGrad_(false);
  image.requiresGrad_(true);
  const optimizer = new torch.optim.Adam([image], { lr });
  const [contentTarget, styleTargets] = torch.noGrad(() => [
    net(content)[1],
    net(style).map(gramMatrix),
  ]);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    torch.noGrad(() => image.clamp_({ min: 0, max: 1 }));
    optimizer.zeroGrad();
    const features = net(image);
    let styleLoss = torch.tensor(0).float();
    features.forEach((layer, i) => {
      styleLoss = styleLoss.add(F.mseLoss(gramMatrix(layer), styleTargets[i]));
    });
    const loss = F.mseLoss(features[1], contentTarget).add(styleLoss.mul(styleWeight));
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  torch.noGrad(() => image.clamp_({ min: 0, max: 1 }));
  return losses;
}

/** Gives one synthetic shape the style of another. @returns the last loss, as a share of the first */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(33);
  const { train } = await datasets.loadDataset("shapes10", { limit: 10 });
  const images = new torch.ImageDataset(train, { range: [0, 1] });
  const [content, style] = [0, 1].map((i) => images.getItem(i)[0].unsqueeze(0));
  const image = content.clone();
  const losses = await transfer(new Features(), image, { content, style });
  for (let step = 0; step < losses.length; step += 10) {
    print(`step ${step + 1}: loss ${losses[step].toFixed(4)}`);
  }
  const colour = async (x: torch.Tensor) =>
    (await x.mean([0, 2, 3]).tolist() as number[]).map((value) => value.toFixed(2)).join(" ");
  print(`mean colours: content ${await colour(content)}, style ${await colour(style)}`);
  print(`of the new image: ${await colour(image.detach())}`);
  return losses.at(-1)! / losses[0];
}

if (import.meta.main) await main();
