/**
 * Nadam as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import type { MomentsOptions } from "./adam.ts";
import { approach, stepNumber } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";

/**
 * Adam with Nesterov momentum (Dozat, 2015). Source: keras/src/optimizers/nadam.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Nadam extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  #momentums: tf.Variable[] = [];
  #velocities: tf.Variable[] = [];
  #product: tf.Variable | undefined;

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
    this.#product = this.addVariable({ name: "momentum_product", initializer: "ones" });
  }

  /** beta1 (1 - 0.96^step / 2), of this step or one ahead of it. */
  #share(ahead = 0): tf.Tensor {
    const decayed = tf.pow(0.96, stepNumber(this.iterations, ahead));
    return tf.mul(this.beta1, tf.sub(1, tf.mul(0.5, decayed)));
  }

  protected override updateAll(
    gradients: readonly tf.Tensor[],
    variables: readonly tf.Variable[],
    learningRate: tf.Tensor,
  ): void {
    this.assign(this.#product!, tf.mul(this.#product!, this.#share()));
    super.updateAll(gradients, variables, learningRate);
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [momentum, velocity] = [this.#momentums[index], this.#velocities[index]];
    const [share, nextShare] = [this.#share(), this.#share(1)];
    const nextProduct = tf.mul(this.#product!, nextShare);
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(velocity, approach(velocity, tf.square(gradient), 1 - this.beta2));
    const step = tf.add(
      tf.div(tf.mul(nextShare, momentum), tf.sub(1, nextProduct)),
      tf.div(tf.mul(tf.sub(1, share), gradient), tf.sub(1, this.#product!)),
    );
    const power2 = tf.pow(this.beta2, stepNumber(this.iterations));
    const divisor = tf.add(tf.sqrt(tf.div(velocity, tf.sub(1, power2))), this.epsilon);
    this.assignSub(variable, tf.div(tf.mul(step, learningRate), divisor));
  }
}
