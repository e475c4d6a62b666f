/**
 * The Keras idiom in the bench, with a training step of its own: gradient tape, traced function, data set.
 * @module
 */
import { Fit, shuffles, trainingImages } from "./fit.ts";
import { compareWithOnnx, INFERENCE_BATCH } from "./inference.ts";
import { batchesOf, KerasAdvancedClassifier } from "./keras/advanced_classifier.ts";
import { kerasState, kerasTrained, refreshImages, withAverages } from "./keras/training.ts";
import { kerasSplit } from "./keras/profile.ts";
import { setUpKeras } from "./keras/setup.ts";
import type { StyleContext } from "./style.ts";

/** Trains, evaluates and exports the network by a step of its own. */
export async function run(context: StyleContext): Promise<void> {
  const { recipe: { batchSize }, outcome, validation, test, signal } = context;
  const setup = await setUpKeras(context);
  const { imagesOf } = setup;
  const classifier = new KerasAdvancedClassifier(setup);
  const images = trainingImages(context);
  const fit = new Fit(context, kerasState(setup, classifier), images, refreshImages(setup, images));
  try {
    await fit.run(async () => {
      const batches = batchesOf(images, batchSize, { shuffle: shuffles(context), imagesOf });
      const validated = batchesOf(validation, batchSize, { imagesOf });
      await classifier.train(batches, {
        ...fit.loopOptions(validated),
        aroundValidation: (evaluate) => withAverages(setup, evaluate),
      });
    });
  } finally {
    setup.takeTimes();
  }
  setup.optimizer.finalizeVariableValues();
  const score = await classifier.evaluate(batchesOf(test, batchSize, { imagesOf }), { signal });
  outcome.testLoss = score.loss;
  outcome.testAccuracy = score.accuracy;
  const large = batchesOf(test, INFERENCE_BATCH, { imagesOf });
  await compareWithOnnx(context, kerasTrained(setup, context, () => classifier.predict(large)));
  if (context.profile) outcome.split = await kerasSplit(setup, images, batchSize);
}
