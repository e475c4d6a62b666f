/**
 * One side of `deno task bench:device-steps`, run as a program: `our_steps.ts MODEL BATCH PROVIDER STEPS_PER_CALL SECONDS`. Trains in
 * the PyTorch idiom and prints a {@linkcode StepTimes} as JSON.
 * @module
 */
import { fromHost, parseProvider, useProvider } from "../../onnx/mod.ts";
import { manualSeed, type nn, optim, Tensor } from "../../torch_style/mod.ts";
import { loadModel } from "../models/mod.ts";
import { imageValues, labelValues, toChannelsFirst } from "../peers/same_batch.ts";
import { OPTIMIZER } from "../peers/side.ts";
import { TorchClassifier } from "../styles/torch/classifier.ts";
import type { StepTimes } from "./main.ts";

const IMAGE = [32, 32, 3] as const;
const CLASSES = 10;
/** Losses that are shown. */
const SHOWN = 16;

async function networkOf(name: string): Promise<nn.Module> {
  const { torch } = await loadModel(name);
  if (torch === null) throw new Error(`${name} is not written in the PyTorch idiom`);
  const { TorchModel } = await torch();
  manualSeed(1);
  const [height, width, channels] = IMAGE;
  return new TorchModel({ inputShape: [channels, height, width], classes: CLASSES });
}

async function measure(
  name: string,
  batch: number,
  stepsPerCall: number,
  seconds: number,
): Promise<StepTimes> {
  const network = await networkOf(name);
  const { rate: lr, momentum } = OPTIMIZER;
  const optimizer = new optim.SGD(network.parameters(), { lr, momentum });
  const classifier = new TorchClassifier({ network, optimizer });
  const images = toChannelsFirst(imageValues(batch, IMAGE), IMAGE);
  const labels = BigInt64Array.from(labelValues(batch, CLASSES), BigInt);
  // Tensors of their own every time, as a data loader gives them.
  const oneBatch = (): [Tensor, Tensor] => [
    new Tensor(fromHost(images.slice(), [batch, IMAGE[2], IMAGE[0], IMAGE[1]])),
    new Tensor(fromHost(labels.slice(), [batch], "int64")),
  ];
  const losses: number[] = [];
  const call = async () => {
    const batches = Array.from({ length: stepsPerCall }, oneBatch);
    const results = await classifier.trainBatches(batches);
    losses.push(...results.map(({ loss }) => loss));
  };
  const begin = performance.now();
  await call();
  const firstCallMs = performance.now() - begin;
  // The optimizer's state begins in the first call: the second one has the program of all others.
  await call();
  const start = performance.now();
  let calls = 0;
  while (calls < 3 || performance.now() - start < seconds * 1000) {
    await call();
    calls++;
  }
  const steps = calls * stepsPerCall;
  return {
    firstCallMs,
    stepMs: (performance.now() - start) / steps,
    steps,
    losses: losses.slice(0, SHOWN),
  };
}

if (import.meta.main) {
  const [name, batch, provider, stepsPerCall, seconds] = Deno.args;
  useProvider(parseProvider(provider));
  const times = await measure(name, Number(batch), Number(stepsPerCall), Number(seconds));
  console.log(JSON.stringify(times));
}
