/**
 * Lamb as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import type { MomentsOptions } from "./adam.ts";
import { approach, powersOf } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";

/**
 * Adam with steps as long as the weights are (You et al., 2019), for large batches.
 * Source: keras/src/optimizers/lamb.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Lamb extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  #momentums: tf.Variable[] = [];
  #velocities: tf.Variable[] = [];

  constructor(options: MomentsOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
    super(rest);
    this.beta1 = this.checkNumber("beta1", own.beta1, { from: 0, below: 1 });
    this.beta2 = this.checkNumber("beta2", own.beta2, { from: 0, below: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#momentums = this.addOptimizerVariables(variables, "momentum");
    this.#velocities = this.addOptimizerVariables(variables, "velocity");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [momentum, velocity] = [this.#momentums[index], this.#velocities[index]];
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
