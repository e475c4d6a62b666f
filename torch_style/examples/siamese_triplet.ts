/**
 * A siamese network with a triplet loss: an image's embedding is to be closer to one of its own class than to one of another.
 * Of each batch the hardest triplets are taken (Hermans et al. 2017); afterwards the nearest training image tells the class.
 *
 *   deno run -P torch_style/examples/siamese_triplet.ts
 *
 * Source: https://github.com/adambielski/siamese-triplet
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Images [n, 3, 32, 32] to points of length 1 [n, 32]. */
export class EmbeddingNet extends nn.Module<[torch.Tensor], torch.Tensor> {
  features = new nn.Sequential(
    new nn.Conv2d(3, 16, 5, { stride: 2, padding: 2 }),
    new nn.PReLU(),
    new nn.Conv2d(16, 32, 3, { stride: 2, padding: 1 }),
    new nn.PReLU(),
    new nn.MaxPool2d(2),
  );
  fc = new nn.Linear(32 * 4 * 4, 32);

  override forward(images: torch.Tensor): torch.Tensor {
    return nn.functional.normalize(this.fc(this.features(images).flatten(1)));
  }
}

/** For each image the farthest of its class and the nearest of another one. @returns their indices, [n] each */
export function hardest(
  embeddings: torch.Tensor,
  labels: torch.Tensor,
): [positives: torch.Tensor, negatives: torch.Tensor] {
  return torch.noGrad(() => {
    const distances = torch.cdist(embeddings, embeddings);
    const isSame = labels.unsqueeze(0).eq(labels.unsqueeze(1));
    return [
      distances.maskedFill(isSame.logicalNot(), -1).argmax(1),
      distances.maskedFill(isSame, Infinity).argmin(1),
    ];
  });
}

/** One epoch. @returns the loss of each batch */
export async function train(
  net: EmbeddingNet,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const criterion = new nn.TripletMarginLoss({ margin: 0.3 });
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const embeddings = net(images);
    const [positives, negatives] = hardest(embeddings, labels);
    const loss = criterion(
      embeddings,
      embeddings.index(positives),
      embeddings.index(negatives),
    );
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of test images whose nearest training image has the same class. */
async function nearestNeighbours(
  net: EmbeddingNet,
  known: Iterable<readonly torch.Tensor[]>,
  asked: Iterable<readonly torch.Tensor[]>,
): Promise<number> {
  net.eval();
  using _ = torch.noGrad();
  const [embeddings, classes]: torch.Tensor[][] = [[], []];
  for (const [images, labels] of known) {
    embeddings.push(net(images));
    classes.push(labels);
  }
  let [correct, count] = [0, 0];
  for (const [images, labels] of asked) {
    const nearest = torch.cdist(net(images), torch.cat(embeddings)).argmin(1);
    correct += await torch.cat(classes).index(nearest).eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains on synthetic shapes. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(28);
  const data = await datasets.loadDataset("shapes10", { limit: 320 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 32, shuffle });
  const [known, asked] = [loader(data.train), loader(data.test)];
  const net = new EmbeddingNet();
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 2e-3 });
  const report = async () =>
    `${(await nearestNeighbours(net, known, asked)).toFixed(1)} % by the nearest neighbour`;
  print(`before: ${await report()}`);
  let mean = NaN;
  for (let epoch = 1; epoch <= 6; epoch++) {
    const losses = await train(net, optimizer, loader(data.train, true));
    mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}`);
  }
  print(`after: ${await report()}`);
  return mean;
}

if (import.meta.main) await main();
