/**
 * RMSprop as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { mix } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

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

  #velocities: tf.Variable[] = [];
  #momentums: tf.Variable[] = [];
  #averages: tf.Variable[] = [];

  constructor(options: RMSpropOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
      centered: false,
    });
    super(rest);
    this.rho = this.checkNumber("rho", own.rho, { from: 0, below: 1 });
    this.momentum = this.checkNumber("momentum", own.momentum, { from: 0, below: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
    this.centered = own.centered;
  }

  override getConfig(): Record<string, unknown> {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#velocities = this.addOptimizerVariables(variables, "velocity");
    if (this.momentum > 0) this.#momentums = this.addOptimizerVariables(variables, "momentum");
    if (this.centered) this.#averages = this.addOptimizerVariables(variables, "average_gradient");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const velocity = this.#velocities[index];
    this.assign(velocity, mix(velocity, tf.square(gradient), this.rho));
    const variance = this.centered ? this.#center(velocity, index, gradient) : velocity;
    const divisor = tf.sqrt(tf.add(variance, this.epsilon));
    const step = tf.div(tf.mul(learningRate, gradient), divisor);
    if (this.momentum === 0) return this.assignSub(variable, step);
    const momentum = this.#momentums[index];
    this.assign(momentum, tf.add(tf.mul(momentum, this.momentum), step));
    this.assignSub(variable, momentum);
  }

  #center(velocity: tf.Variable, index: number, gradient: tf.Tensor): tf.Tensor {
    const average = this.#averages[index];
    this.assign(average, mix(average, gradient, this.rho));
    return tf.sub(velocity, tf.square(average));
  }
}
