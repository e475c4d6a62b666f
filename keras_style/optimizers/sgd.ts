/**
 * Gradient descent as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

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

  constructor(options: SGDOptions = {}) {
    super(options.learningRate ?? 0.01, options);
    this.momentum = options.momentum ?? 0;
    this.nesterov = options.nesterov ?? false;
    this.checkNumber("momentum", this.momentum, 0, 1);
  }

  override getConfig(): Record<string, unknown> {
    const { momentum, nesterov } = this;
    return { ...super.getConfig(), momentum, nesterov };
  }

  protected override get slotNames(): string[] {
    return this.momentum > 0 ? ["momentum"] : [];
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    [momentum]: readonly tf.Variable[],
  ): void {
    const step = tf.mul(this.learningRate, gradient);
    if (!momentum) {
      variable.assign(tf.sub(variable, step));
      return;
    }
    momentum.assign(tf.sub(tf.mul(momentum, this.momentum), step));
    const change = this.nesterov ? tf.sub(tf.mul(momentum, this.momentum), step) : momentum;
    variable.assign(tf.add(variable, change));
  }
}
