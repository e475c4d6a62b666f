/**
 * Gradient descent as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step is made again; 0 unless given. */
  readonly momentum?: number;
  /** Whether the gradient is looked up where the momentum leads (Nesterov). */
  readonly nesterov?: boolean;
}

/** w -= lr g, with momentum m = momentum m - lr g; w += m. Source: keras/src/optimizers/sgd.py of Keras 3. */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;

  #momentums: tf.Variable[] = [];

  constructor(options: SGDOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, { momentum: 0, nesterov: false });
    super(rest, { learningRate: 0.01 });
    this.momentum = this.checkNumber("momentum", own.momentum, { from: 0, to: 1 });
    this.nesterov = own.nesterov;
  }

  override getConfig(): Record<string, unknown> {
    const { momentum, nesterov } = this;
    return { ...super.getConfig(), momentum, nesterov };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    if (this.momentum > 0) this.#momentums = this.addOptimizerVariables(variables, "momentum");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const step = tf.mul(learningRate, gradient);
    if (this.momentum === 0) return this.assignSub(variable, step);
    const momentum = this.#momentums[this.getVariableIndex(variable)];
    this.assign(momentum, tf.sub(tf.mul(momentum, this.momentum), step));
    const change = this.nesterov ? tf.sub(tf.mul(momentum, this.momentum), step) : momentum;
    this.assignAdd(variable, change);
  }
}
