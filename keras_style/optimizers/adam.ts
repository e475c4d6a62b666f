/**
 * Adam as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

/** Options of {@linkcode Adam}. */
export interface AdamOptions extends OptimizerOptions {
  /** How much of the old mean is kept; 0.9 unless given. */
  readonly beta1?: number;
  /** How much of the old mean of squares is kept; 0.999 unless given. */
  readonly beta2?: number;
  /** Keeps the divisor away from 0: added to the root; 1e-7 unless given. */
  readonly epsilon?: number;
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
  protected override readonly slotNames = ["momentum", "velocity"];

  constructor(options: AdamOptions = {}) {
    super(options.learningRate ?? 0.001, options);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-7;
    this.checkNumber("beta1", this.beta1, 0, 1);
    this.checkNumber("beta2", this.beta2, 0, 1);
    this.checkNumber("epsilon", this.epsilon, 0);
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    [momentum, velocity]: readonly tf.Variable[],
  ): void {
    const step = tf.add(tf.cast(this.iterations, "float32"), 1);
    const [power1, power2] = [tf.pow(this.beta1, step), tf.pow(this.beta2, step)];
    const alpha = tf.div(
      tf.mul(this.learningRate, tf.sqrt(tf.sub(1, power2))),
      tf.sub(1, power1),
    );
    momentum.assign(approach(momentum, gradient, 1 - this.beta1));
    velocity.assign(approach(velocity, tf.square(gradient), 1 - this.beta2));
    const divisor = tf.add(tf.sqrt(velocity), this.epsilon);
    variable.assign(tf.sub(variable, tf.div(tf.mul(momentum, alpha), divisor)));
  }
}

/** old + (target - old) share. */
function approach(old: tf.Tensor, target: tf.Tensor, share: number): tf.Tensor {
  return tf.add(old, tf.mul(tf.sub(target, old), share));
}
