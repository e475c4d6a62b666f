/**
 * Adagrad as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Constant } from "../initializers/mod.ts";
import { takeOptions } from "../options.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode Adagrad}. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sums of squares begin with; 0.1 unless given. */
  readonly initialAccumulatorValue?: number;
  /** Keeps the divisor away from 0: added under the root; 1e-7 unless given. */
  readonly epsilon?: number;
}

/**
 * s += g²; w -= lr g / sqrt(s + epsilon) (Duchi et al., 2011). Source: keras/src/optimizers/adagrad.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Adagrad extends Optimizer {
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;
  #accumulators: tf.Variable[] = [];

  constructor(options: AdagradOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      initialAccumulatorValue: 0.1,
      epsilon: 1e-7,
    });
    super(rest);
    this.initialAccumulatorValue = this.checkNumber(
      "initialAccumulatorValue",
      own.initialAccumulatorValue,
      { from: 0 },
    );
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
  }

  override getConfig(): Record<string, unknown> {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    const initializer = new Constant({ value: this.initialAccumulatorValue });
    this.#accumulators = this.addOptimizerVariables(variables, "accumulator", initializer);
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const accumulator = this.#accumulators[this.getVariableIndex(variable)];
    this.assignAdd(accumulator, tf.square(gradient));
    const divisor = tf.sqrt(tf.add(accumulator, this.epsilon));
    this.assignSub(variable, tf.div(tf.mul(learningRate, gradient), divisor));
  }
}
