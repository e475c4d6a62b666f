/**
 * RMSprop as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

/** Options of {@linkcode RMSprop}. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the old mean of squares is kept; 0.9 unless given. */
  readonly rho?: number;
  /** How much of the last step is made again; 0 unless given. */
  readonly momentum?: number;
  /** Keeps the divisor away from 0: added under the root; 1e-7 unless given. */
  readonly epsilon?: number;
  /** Whether to divide by the deviation of the gradient instead of its size. */
  readonly centered?: boolean;
}

/**
 * v = rho v + (1 - rho) g²; w -= lr g / sqrt(v + epsilon). Epsilon stands under the root, unlike in PyTorch.
 * Source: keras/src/optimizers/rmsprop.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const optimizer = new keras.optimizers.RMSprop({ learningRate: 0.001 });
 * console.log(optimizer.rho); // 0.9
 * ```
 */
export class RMSprop extends Optimizer {
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super(options.learningRate ?? 0.001, options);
    this.rho = options.rho ?? 0.9;
    this.momentum = options.momentum ?? 0;
    this.epsilon = options.epsilon ?? 1e-7;
    this.centered = options.centered ?? false;
    this.checkNumber("rho", this.rho, 0, 1);
    this.checkNumber("momentum", this.momentum, 0, 1);
    this.checkNumber("epsilon", this.epsilon, 0);
  }

  override getConfig(): Record<string, unknown> {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }

  protected override get slotNames(): string[] {
    return [
      "velocity",
      ...(this.momentum > 0 ? ["momentum"] : []),
      ...(this.centered ? ["average_gradient"] : []),
    ];
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    slots: readonly tf.Variable[],
  ): void {
    const [velocity, ...others] = slots;
    velocity.assign(this.#mix(velocity, tf.square(gradient)));
    const spread = this.centered ? this.#centre(velocity, others.at(-1)!, gradient) : velocity;
    const divisor = tf.sqrt(tf.add(spread, this.epsilon));
    let step: tf.Tensor = tf.div(tf.mul(this.learningRate, gradient), divisor);
    if (this.momentum > 0) {
      others[0].assign(tf.add(tf.mul(others[0], this.momentum), step));
      step = others[0];
    }
    variable.assign(tf.sub(variable, step));
  }

  /** rho old + (1 - rho) fresh. */
  #mix(old: tf.Tensor, fresh: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(old, this.rho), tf.mul(fresh, 1 - this.rho));
  }

  #centre(velocity: tf.Tensor, average: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    average.assign(this.#mix(average, gradient));
    return tf.sub(velocity, tf.square(average));
  }
}
