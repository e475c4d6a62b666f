/**
 * The PyTorch idiom in the bench.
 * @module
 */
import type { ImageSplit } from "../../fixtures/mod.ts";
import { defaultRuntime, openSession, useProvider } from "../../onnx/mod.ts";
import {
  data,
  ImageDataset,
  loadCheckpoint,
  manualSeed,
  saveCheckpoint,
  TorchClassifier,
  type TorchVariant,
  torchVariants,
  type TrainOptions,
} from "../../torch_style/mod.ts";
import type { Cell } from "../runner/plan.ts";
import { classesByOnnx, type ImageBatch } from "./onnx_inference.ts";
import type { StyleContext } from "./style.ts";
import { watchEngine } from "./engine_time.ts";
import { rungVariants } from "./torch_steps.ts";

/** Images at a time where nothing is learned: speed of the machine, not of the loop. */
const INFERENCE_BATCH = 200;

/** Trains, evaluates and exports the network in the PyTorch idiom. */
export async function run(context: StyleContext): Promise<void> {
  const { options, outcome, test } = context;
  const runtime = useProvider(options.device);
  const takeTimes = watchEngine(context, runtime);
  manualSeed(options.seed);
  const variant = variantFor(context);
  const classifier = new TorchClassifier(variant);
  outcome.engine = "onnxruntime";
  outcome.provider = runtime.provider;
  outcome.parameters = classifier.network.countParameters();
  const { inputRange: range, channelsLast } = variant;
  const imagesOf = (split: ImageSplit) => new ImageDataset(split, { range, channelsLast });
  const load = (split: ImageSplit, batchSize: number, shuffle = false) =>
    new data.DataLoader(imagesOf(split), { batchSize, shuffle });
  try {
    await fit(context, classifier, load);
  } finally {
    takeTimes();
  }
  const score = await classifier.evaluate(load(test, options.batchSize), context);
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  await compareWithOnnx(context, classifier, load(test, INFERENCE_BATCH));
}

function variantFor(
  { options, cell: { rung, layout } }: { options: { mode: string }; cell: Cell },
): TorchVariant {
  const base = rung
    ? rungVariants[rung]
    : torchVariants[options.mode === "seed" ? "seed" : "fixed"];
  return { ...base, channelsLast: layout === "channels-last" };
}

type Load = (split: ImageSplit, batchSize: number, shuffle?: boolean) => data.DataLoader;

async function fit(
  context: StyleContext,
  classifier: TorchClassifier,
  load: Load,
): Promise<void> {
  const { options, outcome, progress, clock, signal, train, validation, checkpoint } = context;
  const training = { module: classifier.network, optimizer: classifier.optimizer };
  const stateIn = (folder: string) => `${folder}/training.safetensors`;
  const initialEpoch = await checkpoint.restore((folder) =>
    loadCheckpoint(stateIn(folder), training)
  );
  const batches = load(train, options.batchSize, true);
  const hooks: Partial<TrainOptions> = {
    onEpochStart: (epoch) => progress.epochStart(epoch, batches.length),
    aroundStep: async (step) => {
      clock.start();
      const result = await step();
      clock.stop();
      return result;
    },
    onStep: (step, running) => progress.step(step, running),
    onEpochEnd: async (_, train, validation) => {
      progress.epochEnd({
        ...train,
        valLoss: validation!.loss,
        valAccuracy: validation!.accuracy,
      });
      await checkpoint.keep((folder) => saveCheckpoint(stateIn(folder), training));
    },
  };
  const begin = performance.now();
  try {
    await classifier.train(batches, {
      ...hooks,
      initialEpoch,
      epochs: options.epochs,
      validation: load(validation, options.batchSize),
      signal,
    });
  } finally {
    outcome.fitSeconds = (performance.now() - begin) / 1000;
  }
}

/** Classes of all test images twice: in the style itself and by the exported file. */
async function compareWithOnnx(
  { outcome, signal }: StyleContext,
  classifier: TorchClassifier,
  batches: data.DataLoader,
): Promise<void> {
  let begin = performance.now();
  const own = await classifier.predict(batches);
  outcome.predictions = own;
  outcome.inferenceSeconds = (performance.now() - begin) / 1000;
  signal.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: "tandem-" });
  try {
    const path = `${folder}/torch.onnx`;
    await classifier.export(path);
    const session = await openSession(path, defaultRuntime().provider);
    begin = performance.now();
    const exported = await classesByOnnx(session, images(batches));
    outcome.onnxInferenceSeconds = (performance.now() - begin) / 1000;
    outcome.onnxAgreement = own.filter((value, i) => value === exported[i]).length / own.length;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function* images(batches: data.DataLoader): AsyncGenerator<ImageBatch> {
  for (const [batch] of batches) {
    yield { data: await batch.data() as Float32Array, shape: batch.shape };
  }
}
