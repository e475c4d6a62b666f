/**
 * The PyTorch idiom in the bench.
 * @module
 */
import { type data, load, loadCheckpoint, save, saveCheckpoint } from "../../torch_style/mod.ts";
import { Fit, shuffles, trainingImages, type TrainingState } from "./fit.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./inference.ts";
import type { ImageBatch } from "./onnx_inference.ts";
import type { StyleContext } from "./style.ts";
import type { TorchClassifier } from "./torch/classifier.ts";
import { torchSplit } from "./torch/profile.ts";
import { freezeFirstLayer, setUpTorch } from "./torch/setup.ts";

/** Trains, evaluates and exports the network in the PyTorch idiom. */
export async function run(context: StyleContext): Promise<void> {
  const { recipe: { batchSize }, outcome, validation, test, signal } = context;
  const setup = await setUpTorch(context);
  const { classifier, load } = setup;
  const images = trainingImages(context);
  const fit = new Fit(context, stateOf(classifier), images);
  try {
    await fit.run(async () => {
      const options = fit.loopOptions(load(validation, batchSize));
      await classifier.train(load(images, batchSize, shuffles(context)), options);
    });
  } finally {
    setup.takeTimes();
  }
  const score = await classifier.evaluate(load(test, batchSize), { signal });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const large = load(test, INFERENCE_BATCH);
  await compareWithOnnx(context, {
    predict: () => classifier.predict(large),
    export: (path) => classifier.export(path, setup.inputShape),
    batches: () => imagesIn(large),
    calibration: () => imagesIn(load(validation, INFERENCE_BATCH)),
  });
  if (!context.profile) return;
  const [batch] = load(images, batchSize);
  outcome.split = await torchSplit(classifier, batch);
}

function stateOf(classifier: TorchClassifier): TrainingState {
  const { network, optimizer, average, lookahead } = classifier;
  const place = (folder: string, name: string) => `${folder}/${name}.safetensors`;
  const rates = optimizer.paramGroups.map(({ lr }) => lr);
  return {
    setRate: (factor) => optimizer.paramGroups.forEach((group, i) => group.lr = rates[i] * factor),
    freezeFirstLayer: () => freezeFirstLayer(network),
    save: async (folder) => {
      const { batches, gradients } = classifier.pending;
      const training = { module: network, optimizer };
      const isPending = Object.keys(gradients).length > 0;
      await saveCheckpoint(place(folder, "training"), training, { batches, isPending });
      if (average) await saveCheckpoint(place(folder, "average"), { module: average });
      if (lookahead) await save(lookahead.slow, place(folder, "slow"));
      if (isPending) await save(gradients, place(folder, "gradients"));
    },
    load: async (folder) => {
      // First the averages: the random numbers' state is the training's.
      if (average) await loadCheckpoint(place(folder, "average"), { module: average });
      const training = { module: network, optimizer };
      const { batches, isPending } = await loadCheckpoint(place(folder, "training"), training);
      if (lookahead) lookahead.slow = await load(place(folder, "slow"));
      const gradients = isPending ? await load(place(folder, "gradients")) : {};
      classifier.pending = { batches: Number(batches), gradients };
    },
  };
}

async function* imagesIn(batches: data.DataLoader): AsyncGenerator<ImageBatch> {
  for (const [batch] of batches) {
    yield { data: await batch.data() as Float32Array, shape: batch.shape };
  }
}
