/**
 * The parts of a training step in the Keras idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { GradientTape, tfFunction } from "../../../keras_style/mod.ts";
import type { ImageSplit } from "../../../fixtures/mod.ts";
import { batchesOf } from "./advanced_classifier.ts";
import type { KerasSetup } from "./setup.ts";
import { splitOf } from "../profile.ts";
import type { StepSplit } from "../style.ts";

/** Takes the times of a step's parts on the first batch of some images. The weights go on from where they are. */
export async function kerasSplit(
  { model, loss, optimizer, imagesOf }: KerasSetup,
  images: ImageSplit,
  batchSize: number,
): Promise<StepSplit> {
  const [x, y] = batchesOf(images, batchSize, { imagesOf }).peek()!;
  const variables = model.trainableVariables;
  const lossOf = () => loss(y, model(x, { training: true }));
  const forward = tfFunction(() => lossOf());
  const gradients = tfFunction(() => {
    using tape = new GradientTape();
    const value = lossOf();
    return [value, ...tape.gradient(value, variables).filter((gradient) => gradient !== null)];
  });
  const step = tfFunction(() => {
    using tape = new GradientTape();
    const value = lossOf();
    const found = tape.gradient(value, variables);
    optimizer.applyGradients(variables.map((variable, i) => [found[i], variable]));
    return value;
  });
  const waitFor = async (tensors: tf.Tensor[]) => {
    await Promise.all(tensors.map((tensor) => tensor.data()));
    tf.dispose(tensors);
  };
  try {
    return await splitOf({
      forward: () => waitFor([forward()]),
      gradients: () => waitFor(gradients()),
      step: () => waitFor([step()]),
    });
  } finally {
    tf.dispose([x, y]);
  }
}
