/**
 * Schedule-free AdamW as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import type { MomentsOptions } from "./moments_optimizer.ts";
import { approach, powersOf, stepNumber } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";

/** Options of {@linkcode ScheduleFreeAdamW}. */
export interface ScheduleFreeAdamWOptions extends MomentsOptions {
  /** Over how many steps the learning rate rises; 0 unless given. */
  readonly warmupSteps?: number;
}

/**
 * AdamW that averages instead of lowering the learning rate (Defazio et al., 2024).
 * Source: keras/src/optimizers/schedule_free_adamw.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class ScheduleFreeAdamW extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly warmupSteps: number;
  #momentums: tf.Variable[] = [];
  #velocities: tf.Variable[] = [];

  constructor(options: ScheduleFreeAdamWOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      warmupSteps: 0,
    });
    super(rest, { learningRate: 0.0025 });
    this.beta1 = this.checkNumber("beta1", own.beta1, { above: 0, below: 1 });
    this.beta2 = this.checkNumber("beta2", own.beta2, { from: 0, below: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
    this.warmupSteps = this.checkNumber("warmupSteps", own.warmupSteps, { from: 0 });
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon, warmupSteps } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon, warmupSteps };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#momentums = this.addOptimizerVariables(variables, "momentum");
    this.#velocities = this.addOptimizerVariables(variables, "velocity");
    this.#momentums.forEach((momentum, i) => momentum.assign(variables[i]));
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const { beta1, beta2, warmupSteps } = this;
    const index = this.getVariableIndex(variable);
    const [momentum, velocity] = [this.#momentums[index], this.#velocities[index]];
    const step = stepNumber(this.iterations);
    const rate = warmupSteps === 0
      ? learningRate
      : tf.mul(learningRate, tf.minimum(tf.div(step, warmupSteps), 1));
    const [power2] = powersOf(this.iterations, beta2);
    const squares = approach(velocity, tf.square(gradient), 1 - beta2);
    const divisor = tf.add(tf.sqrt(tf.div(squares, tf.sub(1, power2))), this.epsilon);
    const reached = tf.sub(momentum, tf.div(tf.mul(rate, gradient), divisor));
    const share = tf.div(1, step);
    const before = tf.div(tf.sub(variable, tf.mul(1 - beta1, momentum)), beta1);
    const average = tf.add(tf.mul(tf.sub(1, share), before), tf.mul(share, reached));
    const next = tf.add(tf.mul(1 - beta1, reached), tf.mul(beta1, average));
    this.assign(velocity, squares);
    this.assign(momentum, reached);
    this.assign(variable, next);
  }
}
