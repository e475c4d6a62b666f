/**
 * Adamax as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { approach, powersOf } from "./moments.ts";
import { MomentsOptimizer, type MomentsOptions } from "./moments_optimizer.ts";

/**
 * Adam with the greatest gradient lately instead of the mean of squares (Kingma and Ba, 2014, section 7).
 * Source: keras/src/optimizers/adamax.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Adamax extends MomentsOptimizer {
  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected override get secondName(): string {
    return "norm";
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const [momentum, norm] = this.momentsOf(variable);
    const [power1] = powersOf(this.iterations, this.beta1);
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(norm, tf.maximum(tf.mul(norm, this.beta2), tf.abs(gradient)));
    const divisor = tf.mul(tf.sub(1, power1), tf.add(norm, this.epsilon));
    this.assignSub(variable, tf.div(tf.mul(learningRate, momentum), divisor));
  }
}
