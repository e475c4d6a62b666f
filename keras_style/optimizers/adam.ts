/**
 * Adam and AdamW as Keras has them.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { approach, powersOf } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of the optimizers that keep two moving means: of the gradient and of its square. */
export interface MomentsOptions extends OptimizerOptions {
  /** How much of the old mean is kept; 0.9 unless given. */
  readonly beta1?: number;
  /** How much of the old mean of squares is kept; 0.999 unless given. */
  readonly beta2?: number;
  /** Keeps the divisor away from 0: added to the root; 1e-7 unless given. */
  readonly epsilon?: number;
}

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions extends MomentsOptions {
  /** Whether the divisor never gets smaller (Reddi et al., 2018). */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma and Ba, 2014), in the formulation before section 2.1. Source: keras/src/optimizers/adam.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Adam extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;
  #momentums: tf.Variable[] = [];
  #velocities: tf.Variable[] = [];
  #greatest: tf.Variable[] = [];

  constructor(options: AdamOptions = {}, defaults: OptimizerOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      amsgrad: false,
    });
    super(rest, defaults);
    this.beta1 = this.checkNumber("beta1", own.beta1, { from: 0, below: 1 });
    this.beta2 = this.checkNumber("beta2", own.beta2, { from: 0, below: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
    this.amsgrad = own.amsgrad;
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon, amsgrad } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon, amsgrad };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#momentums = this.addOptimizerVariables(variables, "momentum");
    this.#velocities = this.addOptimizerVariables(variables, "velocity");
    if (this.amsgrad) this.#greatest = this.addOptimizerVariables(variables, "velocity_hat");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [momentum, velocity] = [this.#momentums[index], this.#velocities[index]];
    const [power1, power2] = powersOf(this.iterations, this.beta1, this.beta2);
    const alpha = tf.div(tf.mul(learningRate, tf.sqrt(tf.sub(1, power2))), tf.sub(1, power1));
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(velocity, approach(velocity, tf.square(gradient), 1 - this.beta2));
    const divisor = tf.add(tf.sqrt(this.#divisor(velocity, index)), this.epsilon);
    this.assignSub(variable, tf.div(tf.mul(momentum, alpha), divisor));
  }

  #divisor(velocity: tf.Variable, index: number): tf.Variable {
    if (!this.amsgrad) return velocity;
    const greatest = this.#greatest[index];
    this.assign(greatest, tf.maximum(greatest, velocity));
    return greatest;
  }
}

/**
 * Adam with weight decay beside the gradient (Loshchilov and Hutter, 2017); 0.004 of it unless given otherwise.
 * Source: keras/src/optimizers/adamw.py of Keras 3.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const optimizer = new keras.optimizers.AdamW({ learningRate: 0.001, weightDecay: 0.01 });
 * optimizer.excludeFromWeightDecay({ varNames: ["bias"] });
 * ```
 */
export class AdamW extends Adam {
  constructor(options: AdamOptions = {}) {
    super(options, { weightDecay: 0.004 });
    if (this.weightDecay === null) {
      throw new TypeError("AdamW: weightDecay is null, expected a number of at least 0");
    }
  }
}
