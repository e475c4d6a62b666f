/**
 * The Keras idiom in the bench: `compile` and `fit`.
 * @module
 */
import { callbacks, KerasClassifier } from "../../keras_style/mod.ts";
import type { StyleContext } from "./style.ts";
import { startEngine } from "./keras_engine.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./keras_inference.ts";
import { networkOf } from "./keras_setup.ts";
import { loadState, saveState } from "./keras_state.ts";

/** Trains, evaluates and exports the network in the Keras idiom. */
export async function run(context: StyleContext): Promise<void> {
  const { options, outcome, test, signal } = context;
  const takeTimes = await startEngine(context);
  const classifier = new KerasClassifier(...networkOf(context));
  outcome.parameters = classifier.model.countParams();
  try {
    await fit(context, classifier);
  } finally {
    takeTimes();
  }
  const quiet = { verbose: 0, signal } as const;
  const score = await classifier.evaluate(test, { ...quiet, batchSize: options.batchSize });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const inference = { ...quiet, batchSize: INFERENCE_BATCH };
  await compareWithOnnx(context, classifier.model, () => classifier.predict(test, inference));
}

async function fit(context: StyleContext, classifier: KerasClassifier): Promise<void> {
  const { options, outcome, signal, train, validation, checkpoint } = context;
  const { model } = classifier;
  const training = { model, optimizer: model.compiled("fit").optimizer };
  const initialEpoch = await checkpoint.restore((folder) => loadState(folder, training));
  const begin = performance.now();
  try {
    await classifier.train(train, {
      validation,
      initialEpoch,
      epochs: options.epochs,
      batchSize: options.batchSize,
      verbose: 0,
      signal,
      callbacks: [progressOf(context, (folder) => saveState(folder, training))],
    });
  } finally {
    outcome.fitSeconds = (performance.now() - begin) / 1000;
  }
}

/** Shows the epochs as the bench does, and takes the time of every training step. */
function progressOf(
  { clock, progress, options, train, checkpoint }: StyleContext,
  save: (folder: string) => Promise<void>,
): callbacks.Callback {
  const steps = Math.ceil(train.count / options.batchSize);
  return new callbacks.LambdaCallback({
    onEpochBegin: (epoch) => progress.epochStart(epoch + 1, steps),
    onTrainBatchBegin: () => clock.start(),
    onTrainBatchEnd: (step, logs = {}) => {
      clock.stop();
      progress.step(step + 1, { loss: logs.loss, accuracy: logs.accuracy });
    },
    onEpochEnd: async (_, logs = {}) => {
      progress.epochEnd({
        loss: logs.loss,
        accuracy: logs.accuracy,
        valLoss: logs.val_loss,
        valAccuracy: logs.val_accuracy,
      });
      await checkpoint.keep(save);
    },
  });
}
