/**
 * The Keras idiom in the bench: `compile` and `fit`.
 * @module
 */
import { callbacks } from "../../keras_style/mod.ts";
import { Fit, shuffles, trainingImages } from "./fit.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./inference.ts";
import { KerasClassifier } from "./keras/classifier.ts";
import { kerasState, kerasTrained, refreshImages } from "./keras/training.ts";
import { kerasSplit } from "./keras/profile.ts";
import { type KerasSetup, setUpKeras } from "./keras/setup.ts";
import type { StyleContext } from "./style.ts";

/** Trains, evaluates and exports the network in the Keras idiom. */
export async function run(context: StyleContext): Promise<void> {
  const { recipe: { batchSize }, outcome, test, signal } = context;
  const setup = await setUpKeras(context);
  const classifier = new KerasClassifier({ ...setup, stepsPerExecution: context.stepsPerCall });
  const averages = swapsAverages(setup);
  const images = trainingImages(context);
  const fit = new Fit(context, kerasState(setup, classifier), images, refreshImages(setup, images));
  try {
    await fit.run(() => train(context, classifier, fit, averages));
  } finally {
    setup.takeTimes();
  }
  setup.optimizer.finalizeVariableValues();
  const quiet = { verbose: 0, signal } as const;
  const score = await classifier.evaluate(test, { ...quiet, batchSize });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const inference = { ...quiet, batchSize: INFERENCE_BATCH };
  const predict = () => classifier.predict(test, inference);
  await compareWithOnnx(context, kerasTrained(setup, context, predict));
  if (context.profile) outcome.split = await kerasSplit(setup, images, batchSize);
}

/** Validates with averaged weights, where the optimizer keeps such. */
function swapsAverages({ optimizer }: KerasSetup): callbacks.Callback[] {
  return optimizer.useEma ? [new callbacks.SwapEMAWeights()] : [];
}

async function train(
  context: StyleContext,
  classifier: KerasClassifier,
  fit: Fit,
  averages: readonly callbacks.Callback[],
): Promise<void> {
  const { recipe: { epochs, batchSize, firstLayerEpochs }, validation, signal } = context;
  const trainUntil = (initialEpoch: number, end: number) =>
    classifier.train(fit.images, {
      ...{ validation, initialEpoch, epochs: end, batchSize, signal, verbose: 0 },
      shuffle: shuffles(context),
      callbacks: [...averages, callbackOf(fit, classifier)],
    });
  // A `fit` does not see what is frozen while it runs: Keras asks for `compile` and another `fit`.
  const end = Math.min(epochs, firstLayerEpochs ?? epochs);
  if (fit.initialEpoch < end) await trainUntil(fit.initialEpoch, end);
  if (end === epochs || fit.isOver()) return;
  fit.state.freezeFirstLayer();
  await trainUntil(Math.max(fit.initialEpoch, end), epochs);
}

function callbackOf(fit: Fit, { model }: KerasClassifier): callbacks.Callback {
  let called = 1;
  return new callbacks.LambdaCallback({
    onEpochBegin: (epoch) => fit.epochStart(epoch + 1),
    onTrainBatchBegin: (step) => {
      const steps = Math.min(fit.context.stepsPerCall, fit.stepsPerEpoch - step);
      fit.beforeCall(steps);
      // The rates of further steps of the call come from the optimizer's schedule: see perStepRates.
      for (let i = 0; i < steps; i++) fit.beforeStep();
      called = steps;
    },
    onTrainBatchEnd: (step, logs = {}) => {
      fit.afterCall(called);
      fit.stepDone(step + 1, { loss: logs.loss, accuracy: logs.accuracy });
    },
    onEpochEnd: async (_, logs = {}) => {
      const { loss, accuracy, val_loss, val_accuracy } = logs;
      await fit.epochEnd({ loss, accuracy }, { loss: val_loss, accuracy: val_accuracy });
      model.stopTraining = fit.isOver();
    },
  });
}
