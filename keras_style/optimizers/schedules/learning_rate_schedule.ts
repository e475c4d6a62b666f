/**
 * The base class of learning rates that follow from the number of the step.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../../callable.ts";
import { checkNumber } from "../../options.ts";

export interface LearningRateSchedule {
  /** The learning rate after so many steps: a scalar. */
  (step: tf.Tensor | number): tf.Tensor;
}

/**
 * A learning rate that changes while training goes on. It is computed within the training step, from the optimizer's count of
 * steps: no step is traced anew. Follows https://keras.io/api/optimizers/learning_rate_schedules/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const { schedules } = keras.optimizers;
 * const rate = new schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 });
 * const optimizer = new keras.optimizers.SGD({ learningRate: rate });
 * console.log(await rate(200).data()); // 0.025
 * ```
 */
export abstract class LearningRateSchedule extends Callable {
  /** The learning rate after `step` steps, a float32 scalar. */
  abstract call(step: tf.Tensor): tf.Tensor;

  /** The settings to make another such schedule from. */
  abstract getConfig(): Record<string, unknown>;

  protected override invoke(step: tf.Tensor | number): tf.Tensor {
    return tf.tidy(() =>
      this.call(typeof step === "number" ? tf.scalar(step) : tf.cast(step, "float32"))
    );
  }
}

/** Throws unless these are values above 0. */
export function checkSteps(owner: string, name: string, steps: number): number {
  return checkNumber(owner, name, steps, { above: 0 });
}
