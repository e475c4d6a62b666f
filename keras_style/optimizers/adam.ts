/**
 * Adam and AdamW as Keras has them.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { approach, powersOf } from "./moments.ts";
import { MomentsOptimizer, type MomentsOptions } from "./moments_optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

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
export class Adam extends MomentsOptimizer {
  readonly amsgrad: boolean;
  #greatest: tf.Variable[] = [];

  constructor(options: AdamOptions = {}, defaults: OptimizerOptions = {}) {
    const [{ amsgrad }, rest] = takeOptions(new.target.name, options, { amsgrad: false });
    super(rest, defaults);
    this.amsgrad = amsgrad;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), amsgrad: this.amsgrad };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    if (this.amsgrad) this.#greatest = this.addOptimizerVariables(variables, "velocity_hat");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const [momentum, velocity] = this.momentsOf(variable);
    const [power1, power2] = powersOf(this.iterations, this.beta1, this.beta2);
    const alpha = tf.div(tf.mul(learningRate, tf.sqrt(tf.sub(1, power2))), tf.sub(1, power1));
    this.assign(momentum, approach(momentum, gradient, 1 - this.beta1));
    this.assign(velocity, approach(velocity, tf.square(gradient), 1 - this.beta2));
    const divisor = tf.add(
      tf.sqrt(this.#divisor(velocity, this.getVariableIndex(variable))),
      this.epsilon,
    );
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
