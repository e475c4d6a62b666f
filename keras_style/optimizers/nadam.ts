/**
 * Nadam as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { approach, stepNumber } from "./moments.ts";
import { MomentsOptimizer, type MomentsOptions } from "./moments_optimizer.ts";

/**
 * Adam with Nesterov momentum (Dozat, 2015). Source: keras/src/optimizers/nadam.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Nadam extends MomentsOptimizer {
  #product: tf.Variable | undefined;

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
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
    const [momentum, velocity] = this.momentsOf(variable);
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
