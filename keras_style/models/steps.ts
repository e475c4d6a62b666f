/**
 * What a compiled model does with a batch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keepingLogits } from "../losses/softmax_logits.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import type { Objective } from "./objective.ts";

/** What a step needs of its model. */
export interface StepParts {
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  /** The weights that training changes. */
  readonly variables: tf.Variable[];
  /** Runs the layers. */
  readonly run: (x: tf.Tensor[], training: boolean) => tf.Tensor[];
  /** What regularizers add to the loss. */
  readonly penalties: () => tf.Tensor[];
}

/** Forward, loss, gradients, update, metrics; gives the running numbers. */
export function trainOnBatch(
  parts: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
): Record<string, tf.Tensor> {
  const { optimizer, objective, variables } = parts;
  let seen: { predictions: tf.Tensor[]; losses: (tf.Tensor | null)[] } | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const { predictions, total, losses } = forward(parts, x, y, sampleWeight, true);
    seen = { predictions, losses };
    for (const tensor of [...predictions, ...losses]) if (tensor) tf.keep(tensor);
    return total as tf.Scalar;
  }, variables);
  const { predictions, losses } = seen!;
  optimizer.apply(variables.map((variable) => grads[variable.name] ?? null), variables);
  objective.update(value, losses, y, predictions, sampleWeight);
  tf.dispose([grads, predictions, losses.filter((loss) => loss !== null), value]);
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
    const { predictions, total, losses } = forward(parts, x, y, sampleWeight, false);
    objective.update(total, losses, y, predictions, sampleWeight);
    return objective.results();
  });
}

function forward(
  { run, objective, penalties }: StepParts,
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
  training: boolean,
) {
  return keepingLogits(() => {
    const predictions = run(x, training);
    const { total, parts: losses } = objective.lossOf(y, predictions, sampleWeight);
    const sum = penalties().reduce<tf.Tensor>((all, penalty) => tf.add(all, penalty), total);
    return { predictions, losses, total: sum };
  });
}
