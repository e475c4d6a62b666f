/**
 * What Adam and its kin share: two moving means for every weight.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of the optimizers that keep two moving means: of the gradient and of its square. */
export interface MomentsOptions extends OptimizerOptions {
  /** How much of the old mean is kept; 0.9 unless given. */
  readonly beta1?: number;
  /** How much of the old mean of squares is kept; 0.999 unless given. */
  readonly beta2?: number;
  /** Keeps the divisor away from 0; 1e-7 unless given. */
  readonly epsilon?: number;
}

/** Base class of optimizers with two moving means. */
export abstract class MomentsOptimizer extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  #first: tf.Variable[] = [];
  #second: tf.Variable[] = [];

  constructor(options: MomentsOptions, defaults: OptimizerOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
    super(rest, defaults);
    this.beta1 = this.checkNumber("beta1", own.beta1, { from: 0, below: 1 });
    this.beta2 = this.checkNumber("beta2", own.beta2, { from: 0, below: 1 });
    this.epsilon = this.checkNumber("epsilon", own.epsilon, { from: 0 });
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }

  /** What the second mean is saved as. */
  protected get secondName(): string {
    return "velocity";
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#first = this.addOptimizerVariables(variables, "momentum");
    this.#second = this.addOptimizerVariables(variables, this.secondName);
  }

  /** Both means of a weight. */
  protected momentsOf(variable: tf.Variable): [first: tf.Variable, second: tf.Variable] {
    const index = this.getVariableIndex(variable);
    return [this.#first[index], this.#second[index]];
  }
}
