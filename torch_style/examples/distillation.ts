/**
 * Knowledge distillation (Hinton et al. 2015): a small student learns from the labels and from what a trained teacher makes of
 * each image, softened by a temperature.
 *
 *   deno run -P torch_style/examples/distillation.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;
const F = nn.functional;

/** Images [n, 3, 32, 32] to logits [n, 10]; the width makes it a teacher or a student. */
export class Net extends nn.Module<[torch.Tensor], torch.Tensor> {
  features: torch.nn.Sequential;
  classifier: torch.nn.Sequential;

  constructor(width: number) {
    super();
    this.features = new nn.Sequential(
      new nn.Conv2d(3, width, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(width, 2 * width, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(4),
    );
    this.classifier = new nn.Sequential(
      new nn.Linear(2 * width * 4 * 4, 8 * width),
      new nn.ReLU(),
      new nn.Linear(8 * width, 10),
    );
  }

  override forward(images: torch.Tensor): torch.Tensor {
    return this.classifier(this.features(images).flatten(1));
  }
}

/** One epoch on labels alone. @returns the loss of each batch */
export async function train(
  net: Net,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
): Promise<number[]> {
  const losses: number[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(net(images), labels);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** One epoch of the student on the teacher's probabilities and on labels. @returns the loss of each batch */
export async function distill(
  teacher: Net,
  student: Net,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
  { temperature = 2, softWeight = 0.25, hardWeight = 0.75 } = {},
): Promise<number[]> {
  const losses: number[] = [];
  teacher.eval();
  student.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    const soft = torch.noGrad(() => F.softmax(teacher(images).div(temperature), 1));
    const logits = student(images);
    // Gradients of softened logits are smaller by the temperature's square.
    const divergence = F.klDiv(F.logSoftmax(logits.div(temperature), 1), soft, {
      reduction: "batchmean",
    }).mul(temperature ** 2);
    const loss = divergence.mul(softWeight).add(F.crossEntropy(logits, labels).mul(hardWeight));
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  return losses;
}

/** Percent of images whose class is right. */
async function test(net: Net, loader: Iterable<readonly torch.Tensor[]>): Promise<number> {
  let [correct, count] = [0, 0];
  net.eval();
  for (const [images, labels] of loader) {
    const predictions = torch.noGrad(() => net(images).argmax(1));
    correct += await predictions.eq(labels).sum().item();
    count += labels.shape[0];
  }
  return 100 * correct / count;
}

/** Trains a teacher, then a student. @returns the mean loss of the student's last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(22);
  const data = await datasets.loadDataset("shapes10", { limit: 320 });
  const loader = (split: torch.LabeledImages, shuffle = false) =>
    new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: 16, shuffle });
  const [trainLoader, testLoader] = [loader(data.train, true), loader(data.test)];
  const mean = (losses: number[]) => losses.reduce((a, b) => a + b) / losses.length;

  const [teacher, student] = [new Net(16), new Net(4)];
  print(`teacher: ${teacher.countParameters()} parameters, student: ${student.countParameters()}`);
  const teaching = new torch.optim.Adam(teacher.parameters(), { lr: 2e-3 });
  for (let epoch = 1; epoch <= 4; epoch++) {
    print(
      `teacher, epoch ${epoch}: loss ${
        mean(await train(teacher, teaching, trainLoader)).toFixed(3)
      }`,
    );
  }
  print(`teacher's test accuracy: ${(await test(teacher, testLoader)).toFixed(1)} %`);

  const learning = new torch.optim.Adam(student.parameters(), { lr: 5e-3 });
  let last = NaN;
  for (let epoch = 1; epoch <= 4; epoch++) {
    last = mean(await distill(teacher, student, learning, trainLoader));
    print(`student, epoch ${epoch}: loss ${last.toFixed(3)}`);
  }
  print(`student's test accuracy: ${(await test(student, testLoader)).toFixed(1)} %`);
  return last;
}

if (import.meta.main) await main();
