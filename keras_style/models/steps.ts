/**
 * What a compiled model does with a batch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { GradientTape } from "../gradient_tape.ts";
import type { Weight } from "../layers/weight.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import type { Objective } from "./objective.ts";

/** What a step needs of its model. */
export interface StepParts {
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  /** The weights that training changes. */
  readonly variables: Weight[];
  /** The running values of the metrics, by name. */
  readonly results: () => Record<string, tf.Tensor>;
  /** Runs the layers. */
  readonly run: (x: tf.Tensor[], training: boolean) => tf.Tensor[];
  /** The loss of predictions, with what layers and regularizers add. */
  readonly computeLoss: (
    x: tf.Tensor[],
    y: tf.Tensor[],
    yPred: tf.Tensor[],
    sampleWeight: tf.Tensor[],
  ) => tf.Tensor;
}

/** What is known of a batch before the weights change. */
export interface Gradients {
  readonly predictions: tf.Tensor[];
  readonly total: tf.Tensor;
  /** One for each variable; null where the loss does not depend on it. */
  readonly gradients: (tf.Tensor | null)[];
}

/** Forward, loss, gradients. */
export function gradientsOfBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Gradients {
  using tape = new GradientTape();
  const { predictions, total } = forward(parts, x, y, sampleWeight, true);
  // TensorFlow.js' own gradients stop at comparisons, which losses of one's own may decide by.
  const gradients = tape.gradient(parts.optimizer.scaleLoss(total), parts.variables);
  return { predictions, total, gradients };
}

/** Update and metrics, of predictions and gradients that are known; gives the running values. */
export function finishStep(
  { optimizer, objective, variables, results }: StepParts,
  { predictions, total, gradients }: Gradients,
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  optimizer.apply(gradients, variables);
  objective.update(total, y, predictions, sampleWeight);
  return results();
}

/** Forward, loss, gradients, update, metrics; gives the running values. */
export function trainOnBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  return tf.tidy(() =>
    finishStep(parts, gradientsOfBatch(parts, x, y, sampleWeight), y, sampleWeight)
  );
}

/** Forward, loss, metrics; gives the running values. */
export function testOnBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  const { objective, results } = parts;
  return tf.tidy(() => {
    const { predictions, total } = forward(parts, x, y, sampleWeight, false);
    objective.update(total, y, predictions, sampleWeight);
    return results();
  });
}

function forward(
  { run, computeLoss }: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
  training: boolean,
) {
  const predictions = run(x, training);
  return { predictions, total: computeLoss(x, y, predictions, sampleWeight) };
}
