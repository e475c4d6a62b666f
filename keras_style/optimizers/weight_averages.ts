/**
 * Moving averages of weights. Source: keras/src/optimizers/base_optimizer.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Whether the step after `count` ones is the last of `period`: a bool scalar. */
export function isEvery(count: tf.Tensor, period: number): tf.Tensor {
  const one = tf.scalar(1, "int32");
  const left = tf.mod(tf.add(count, one), tf.scalar(period, "int32"));
  return tf.equal(left, tf.scalar(0, "int32"));
}

/** How averages are kept. */
export interface AverageSettings {
  /** How much of the old average is kept at a step. */
  readonly emaMomentum: number;
  /** After how many steps the weights get the average; null for never. */
  readonly emaOverwriteFrequency: number | null;
}

/** The averages of an optimizer's weights. */
export class WeightAverages {
  readonly #weights: readonly tf.Variable[];
  readonly #averages: readonly tf.Variable[];
  readonly #settings: AverageSettings;

  constructor(
    weights: readonly tf.Variable[],
    averages: readonly tf.Variable[],
    settings: AverageSettings,
  ) {
    this.#weights = weights;
    this.#averages = averages;
    this.#settings = settings;
  }

  /** Takes the weights of a step in; the first ones become the averages. */
  update(iterations: tf.Tensor): void {
    const { emaMomentum, emaOverwriteFrequency: period } = this.#settings;
    const isLater = tf.cast(tf.notEqual(iterations, tf.scalar(0, "int32")), "float32");
    const momentum = tf.mul(isLater, emaMomentum);
    const isOverwritten = period === null ? undefined : isEvery(iterations, period);
    this.#weights.forEach((weight, i) => {
      const average = this.#averages[i];
      const fresh = tf.mul(tf.sub(1, momentum), weight);
      average.assign(tf.add(tf.mul(momentum, average), fresh));
      if (isOverwritten) weight.assign(tf.where(isOverwritten, average, weight));
    });
  }

  /** Each weight with its average. */
  get pairs(): (readonly [weight: tf.Variable, average: tf.Variable])[] {
    return this.#weights.map((weight, i) => [weight, this.#averages[i]] as const);
  }

  /** Gives the weights their averages. */
  overwrite(): void {
    this.#weights.forEach((weight, i) => weight.assign(this.#averages[i]));
  }
}
