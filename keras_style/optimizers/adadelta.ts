/**
 * Adadelta as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { mix } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode Adadelta}. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** How much of the old means of squares is kept; 0.95 unless given. */
  readonly rho?: number;
  /** Keeps roots away from 0; 1e-7 unless given. */
  readonly epsilon?: number;
}

/**
 * Steps as large as the steps before (Zeiler, 2012). Source: keras/src/optimizers/adadelta.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Adadelta extends Optimizer {
  readonly rho: number;
  readonly epsilon: number;
  #gradients: tf.Variable[] = [];
  #changes: tf.Variable[] = [];

  constructor(options: AdadeltaOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, { rho: 0.95, epsilon: 1e-7 });
    super(rest);
    this.rho = this.checkNumber("rho", own.rho, { from: 0, to: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#gradients = this.addOptimizerVariables(variables, "accumulated_grad");
    this.#changes = this.addOptimizerVariables(variables, "accumulated_delta_var");
  }

  #root(x: tf.Tensor): tf.Tensor {
    return tf.sqrt(tf.add(x, this.epsilon));
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [gradients, changes] = [this.#gradients[index], this.#changes[index]];
    const newGradients = mix(gradients, tf.square(gradient), this.rho);
    const change = tf.neg(tf.div(tf.mul(this.#root(changes), gradient), this.#root(newGradients)));
    this.assign(gradients, newGradients);
    this.assign(changes, mix(changes, tf.square(change), this.rho));
    this.assignAdd(variable, tf.mul(learningRate, change));
  }
}
