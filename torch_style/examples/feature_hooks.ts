/**
 * Hooks: what layers make of an image is seen and used without a change of the network. Forward hooks collect activations, whose
 * size counts in the loss; backward hooks measure gradients; both together show where the network looks (Grad-CAM, Selvaraju et
 * al. 2017).
 *
 *   deno run -P torch_style/examples/feature_hooks.ts
 *
 * Source: https://docs.pytorch.org/tutorials/beginner/former_torchies/nnft_tutorial.html#forward-and-backward-function-hooks
 * @module
 */
import { datasets, torch } from "@tandem/tandem";

const { nn } = torch;

/** Images [n, 3, 32, 32] to logits [n, 10]. */
export function makeNet(): torch.nn.Sequential {
  return new nn.Sequential({
    conv1: new nn.Conv2d(3, 16, 3, { padding: 1 }),
    relu1: new nn.ReLU(),
    pool1: new nn.MaxPool2d(2),
    conv2: new nn.Conv2d(16, 32, 3, { padding: 1 }),
    relu2: new nn.ReLU(),
    pool2: new nn.MaxPool2d(2),
    conv3: new nn.Conv2d(32, 32, 3, { padding: 1 }),
    relu3: new nn.ReLU(),
    pool3: new nn.AdaptiveAvgPool2d(1),
    flatten: new nn.Flatten(),
    fc: new nn.Linear(32, 10),
  });
}

/** Collects what some layers put out and the gradients that come back to them. */
export class Recorder {
  readonly activations: Record<string, torch.Tensor> = {};
  readonly gradients: Record<string, torch.Tensor> = {};
  readonly #handles: { remove(): void }[] = [];

  constructor(net: torch.nn.Sequential, layers: readonly string[]) {
    for (const name of layers) {
      const layer = net.getSubmodule(name);
      this.#handles.push(
        layer.registerForwardHook((_module, _inputs, output) => {
          this.activations[name] = output as torch.Tensor;
        }),
        layer.registerFullBackwardHook((_module, _gradInput, [gradOutput]) => {
          this.gradients[name] = gradOutput!;
        }),
      );
    }
  }

  /** Takes all hooks back. */
  remove(): void {
    this.#handles.forEach((handle) => handle.remove());
  }
}

/** A batch's loss and, by layer, the lengths of the gradients that came back. */
export interface Step {
  readonly loss: number;
  readonly gradients: Record<string, number>;
}

/** One epoch; small activations are preferred. */
export async function train(
  net: torch.nn.Sequential,
  recorder: Recorder,
  optimizer: torch.optim.Adam,
  loader: Iterable<readonly torch.Tensor[]>,
  penalty = 0.01,
): Promise<Step[]> {
  const steps: Step[] = [];
  net.train();
  for (const [images, labels] of loader) {
    optimizer.zeroGrad();
    let loss = nn.functional.crossEntropy(net(images), labels);
    for (const activation of Object.values(recorder.activations)) {
      loss = loss.add(activation.pow(2).mean().mul(penalty));
    }
    loss.backward();
    await optimizer.step();
    const gradients: Record<string, number> = {};
    for (const [name, gradient] of Object.entries(recorder.gradients)) {
      gradients[name] = await gradient.norm().item();
    }
    steps.push({ loss: await loss.item(), gradients });
  }
  return steps;
}

/** Where the last convolution saw what speaks for the most likely class: [h, w], 0 to 1. */
export function gradCam(
  net: torch.nn.Sequential,
  recorder: Recorder,
  image: torch.Tensor,
): torch.Tensor {
  net.eval();
  const logits = net(image.unsqueeze(0));
  logits.amax(1).sum().backward();
  const { relu3: activation } = recorder.activations;
  const weights = recorder.gradients.relu3.mean([2, 3], { keepdim: true });
  const map = activation.mul(weights).sum(1).relu().squeeze(0);
  return map.div(map.max().clamp({ min: 1e-12 })).detach();
}

/** Trains on synthetic shapes and draws a map. @returns the mean loss of the last epoch */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(23);
  const data = await datasets.loadDataset("shapes10", { limit: 160 });
  const images = new torch.ImageDataset(data.train);
  const loader = new torch.data.DataLoader(images, { batchSize: 16, shuffle: true });
  const net = makeNet();
  const recorder = new Recorder(net, ["relu1", "relu2", "relu3"]);
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 3e-3 });
  let mean = NaN;
  for (let epoch = 1; epoch <= 3; epoch++) {
    const steps = await train(net, recorder, optimizer, loader);
    mean = steps.reduce((sum, { loss }) => sum + loss, 0) / steps.length;
    const lengths = Object.entries(steps.at(-1)!.gradients)
      .map(([name, length]) => `${name} ${length.toExponential(1)}`);
    print(`epoch ${epoch}: loss ${mean.toFixed(3)}, gradients ${lengths.join(", ")}`);
  }
  const map = gradCam(net, recorder, images.getItem(0)[0]);
  for (const row of await map.tolist() as number[][]) {
    print(row.map((value) => " .:*#"[Math.round(4 * value)]).join(" "));
  }
  recorder.remove();
  return mean;
}

if (import.meta.main) await main();
