/**
 * Lamb as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { approach, powersOf } from "./moments.ts";
import { MomentsOptimizer, type MomentsOptions } from "./moments_optimizer.ts";

/**
 * Adam with steps as long as the weights are (You et al., 2019), for large batches.
 * Source: keras/src/optimizers/lamb.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Lamb extends MomentsOptimizer {
  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const [momentum, velocity] = this.momentsOf(variable);
    const [power1, power2] = powersOf(this.iterations, this.beta1, this.beta2);
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(velocity, approach(velocity, tf.square(gradient), 1 - this.beta2));
    const divisor = tf.add(tf.sqrt(tf.div(velocity, tf.sub(1, power2))), this.epsilon);
    const change = tf.div(tf.div(momentum, tf.sub(1, power1)), divisor);
    const step = tf.mul(tf.mul(trustRatio(variable, change), learningRate), change);
    this.assignSub(variable, step);
  }
}

/** |w| / |change|, 1 where either is 0. */
function trustRatio(weight: tf.Tensor, change: tf.Tensor): tf.Tensor {
  const norm = (x: tf.Tensor) => tf.sqrt(tf.sum(tf.square(x)));
  const [length, step] = [norm(weight), norm(change)];
  const areLong = tf.logicalAnd(tf.greater(length, 0), tf.greater(step, 0));
  return tf.where(areLong, tf.div(length, tf.where(areLong, step, tf.scalar(1))), tf.scalar(1));
}
