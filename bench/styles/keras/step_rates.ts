/**
 * A recipe's learning rates as a Keras schedule: within a call of several steps nobody can set one between two of them.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { optimizers } from "../../../keras_style/mod.ts";
import { rateFactor, trainingLength } from "../training/schedule.ts";
import type { StyleContext } from "../style.ts";

/** The learning rate of every step of a training, in a table. */
export class StepRates extends optimizers.schedules.LearningRateSchedule {
  readonly #table: tf.Tensor1D;

  constructor(readonly rates: readonly number[]) {
    super();
    this.#table = tf.keep(tf.tensor1d([...rates]));
  }

  call(step: tf.Tensor): tf.Tensor {
    const last = this.rates.length - 1;
    return tf.gather(this.#table, tf.cast(tf.minimum(step, last), "int32") as tf.Tensor1D);
  }

  override getConfig(): Record<string, unknown> {
    return { rates: [...this.rates] };
  }
}

/** The rates of a recipe's steps, where they change within a call; undefined where the loop can set them. */
export function stepRates(context: StyleContext): StepRates | undefined {
  const { recipe: { schedule, keras: { optimizer } }, stepsPerCall, trial } = context;
  if (trial.axes.style !== "keras" || stepsPerCall === 1) return undefined;
  if (schedule.kind === "constant") return undefined;
  const length = trainingLength(context);
  const rate = optimizer.learningRate;
  return new StepRates(
    Array.from(
      { length: length.epochs * length.stepsPerEpoch },
      (_, step) => Math.fround(rate) * rateFactor(schedule, step, length),
    ),
  );
}
