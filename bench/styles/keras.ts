/**
 * The Keras idiom in the bench: `compile` and `fit`.
 * @module
 */
import { callbacks } from "../../keras_style/mod.ts";
import { Fit, trainingImages } from "./fit.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./inference.ts";
import { KerasClassifier } from "./keras_classifier.ts";
import { kerasState, kerasTrained, refreshImages } from "./keras_training.ts";
import { kerasSplit } from "./keras_profile.ts";
import { setUpKeras } from "./keras_setup.ts";
import type { StyleContext } from "./style.ts";

/** Trains, evaluates and exports the network in the Keras idiom. */
export async function run(context: StyleContext): Promise<void> {
  const { recipe: { batchSize }, outcome, test, signal } = context;
  const setup = await setUpKeras(context);
  const classifier = new KerasClassifier({ ...setup, stepsPerExecution: context.stepsPerCall });
  const images = trainingImages(context);
  const fit = new Fit(context, kerasState(setup), images, refreshImages(setup, images));
  try {
    await fit.run(() => train(context, classifier, fit));
  } finally {
    setup.takeTimes();
  }
  const quiet = { verbose: 0, signal } as const;
  const score = await classifier.evaluate(test, { ...quiet, batchSize });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const inference = { ...quiet, batchSize: INFERENCE_BATCH };
  const predict = () => classifier.predict(test, inference);
  await compareWithOnnx(context, kerasTrained(setup, test, predict));
  if (context.profile) outcome.split = await kerasSplit(setup, images, batchSize);
}

async function train(
  { recipe, validation, signal }: StyleContext,
  classifier: KerasClassifier,
  fit: Fit,
): Promise<void> {
  await classifier.train(fit.images, {
    validation,
    initialEpoch: fit.initialEpoch,
    epochs: recipe.epochs,
    batchSize: recipe.batchSize,
    verbose: 0,
    signal,
    callbacks: [callbackOf(fit, classifier)],
  });
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
      model.stopTraining = fit.context.progress.isOver();
    },
  });
}
