/**
 * Adamax as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import type { MomentsOptions } from "./adam.ts";
import { approach, powersOf } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";

/**
 * Adam with the greatest gradient lately instead of the mean of squares (Kingma and Ba, 2014, section 7).
 * Source: keras/src/optimizers/adamax.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Adamax extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  #momentums: tf.Variable[] = [];
  #norms: tf.Variable[] = [];

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
    this.#norms = this.addOptimizerVariables(variables, "norm");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [momentum, norm] = [this.#momentums[index], this.#norms[index]];
    const [power1] = powersOf(this.iterations, this.beta1);
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(norm, tf.maximum(tf.mul(norm, this.beta2), tf.abs(gradient)));
    const divisor = tf.mul(tf.sub(1, power1), tf.add(norm, this.epsilon));
    this.assignSub(variable, tf.div(tf.mul(learningRate, momentum), divisor));
  }
}
