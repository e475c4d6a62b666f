/**
 * Lion as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { mix } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode Lion}. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the old mean goes into a step; above 0; 0.9 unless given. */
  readonly beta1?: number;
  /** How much of the old mean is kept; 0.99 unless given. */
  readonly beta2?: number;
}

/**
 * Steps of the sign of a moving mean (Chen et al., 2023). Source: keras/src/optimizers/lion.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Lion extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  #momentums: tf.Variable[] = [];

  constructor(options: LionOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, { beta1: 0.9, beta2: 0.99 });
    super(rest);
    this.beta1 = this.checkNumber("beta1", own.beta1, { above: 0, to: 1 });
    this.beta2 = this.checkNumber("beta2", own.beta2, { from: 0, to: 1 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2 };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#momentums = this.addOptimizerVariables(variables, "momentum");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const momentum = this.#momentums[this.getVariableIndex(variable)];
    const direction = tf.sign(mix(momentum, gradient, this.beta1));
    this.assignSub(variable, tf.mul(learningRate, direction));
    this.assign(momentum, mix(momentum, gradient, this.beta2));
  }
}
