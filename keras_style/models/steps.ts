/**
 * What a compiled model does with a batch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Weight } from "../layers/weight.ts";
import { keepingLogits } from "../losses/softmax_logits.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import type { Objective } from "./objective.ts";

/** What a step needs of its model. */
export interface StepParts {
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  /** The weights that training changes. */
  readonly variables: Weight[];
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

/** Forward, loss, gradients, update, metrics; gives the running numbers. */
export function trainOnBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  const { optimizer, objective, variables } = parts;
  let predictions: tf.Tensor[] = [];
  let total: tf.Tensor | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const found = forward(parts, x, y, sampleWeight, true);
    predictions = found.predictions;
    total = found.total;
    for (const tensor of [...predictions, ...objective.lastParts, total]) {
      if (tensor) tf.keep(tensor);
    }
    return optimizer.scaleLoss(total) as tf.Scalar;
  }, variables);
  optimizer.apply(variables.map((variable) => grads[variable.name] ?? null), variables);
  objective.update(total!, y, predictions, sampleWeight);
  const losses = objective.lastParts.filter((loss) => loss !== null);
  tf.dispose([grads, predictions, losses, value, total!]);
  return objective.results();
}

/** Forward, loss, metrics; gives the running numbers. */
export function testOnBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  const { objective } = parts;
  return tf.tidy(() => {
    const { predictions, total } = forward(parts, x, y, sampleWeight, false);
    objective.update(total, y, predictions, sampleWeight);
    return objective.results();
  });
}

function forward(
  { run, computeLoss }: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
  training: boolean,
) {
  return keepingLogits(() => {
    const predictions = run(x, training);
    return { predictions, total: computeLoss(x, y, predictions, sampleWeight) };
  });
}
