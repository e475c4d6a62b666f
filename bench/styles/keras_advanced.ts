/**
 * The Keras idiom in the bench, with a training step of its own: gradient tape, traced function, data set.
 * @module
 */
import { batchesOf, KerasAdvancedClassifier } from "../../keras_style/mod.ts";
import type { StyleContext } from "./style.ts";
import { startEngine } from "./keras_engine.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./keras_inference.ts";
import { dataFormatOf, networkOf } from "./keras_setup.ts";
import { loadState, saveState } from "./keras_state.ts";

/** Trains, evaluates and exports the network by a step of its own. */
export async function run(context: StyleContext): Promise<void> {
  const { options, outcome, test, signal } = context;
  const format = dataFormatOf(context.cell);
  const takeTimes = await startEngine(context);
  const classifier = new KerasAdvancedClassifier(...networkOf(context));
  outcome.parameters = classifier.model.countParams();
  try {
    await fit(context, classifier);
  } finally {
    takeTimes();
  }
  const score = await classifier.evaluate(batchesOf(test, options.batchSize, false, format), {
    signal,
  });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const batches = batchesOf(test, INFERENCE_BATCH, false, format);
  await compareWithOnnx(context, classifier.model, () => classifier.predict(batches));
}

async function fit(context: StyleContext, classifier: KerasAdvancedClassifier): Promise<void> {
  const { options, outcome, signal, train, validation, clock, progress, checkpoint } = context;
  const format = dataFormatOf(context.cell);
  const initialEpoch = await checkpoint.restore((folder) => loadState(folder, classifier));
  const batches = batchesOf(train, options.batchSize, true, format);
  const begin = performance.now();
  try {
    await classifier.train(batches, {
      initialEpoch,
      epochs: options.epochs,
      validation: batchesOf(validation, options.batchSize, false, format),
      signal,
      onEpochStart: (epoch) => progress.epochStart(epoch, batches.cardinality()!),
      aroundStep: async (step) => {
        clock.start();
        const score = await step();
        clock.stop();
        return score;
      },
      onStep: (step, running) => progress.step(step, running),
      onEpochEnd: async (_, score, validated) => {
        progress.epochEnd({
          ...score,
          valLoss: validated!.loss,
          valAccuracy: validated!.accuracy,
        });
        await checkpoint.keep((folder) => saveState(folder, classifier));
      },
    });
  } finally {
    outcome.fitSeconds = (performance.now() - begin) / 1000;
  }
}
