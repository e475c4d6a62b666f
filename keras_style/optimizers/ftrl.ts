/**
 * Ftrl as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Constant } from "../initializers/mod.ts";
import { takeOptions } from "../options.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode Ftrl}. */
export interface FtrlOptions extends OptimizerOptions {
  /** How fast the learning rate falls, 0 or less; 0 keeps it; -0.5 unless given. */
  readonly learningRatePower?: number;
  /** What the sums of squares begin with; 0.1 unless given. */
  readonly initialAccumulatorValue?: number;
  readonly l1RegularizationStrength?: number;
  readonly l2RegularizationStrength?: number;
  /** A penalty on the weight's size that only gradients feel. */
  readonly l2ShrinkageRegularizationStrength?: number;
  /** The beta of the paper. */
  readonly beta?: number;
}

const DEFAULTS = {
  learningRatePower: -0.5,
  initialAccumulatorValue: 0.1,
  l1RegularizationStrength: 0,
  l2RegularizationStrength: 0,
  l2ShrinkageRegularizationStrength: 0,
  beta: 0,
};

/**
 * "Follow the regularized leader" (McMahan et al., 2013), for sparse linear models.
 * Source: keras/src/optimizers/ftrl.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Ftrl extends Optimizer {
  readonly #settings: Readonly<typeof DEFAULTS>;
  #accumulators: tf.Variable[] = [];
  #linears: tf.Variable[] = [];

  constructor(options: FtrlOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, DEFAULTS);
    super(rest);
    for (const [name, value] of Object.entries(own)) {
      const range = name === "learningRatePower" ? { to: 0 } : { from: 0 };
      this.checkNumber(name, value as number, range);
    }
    this.#settings = own;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    const initializer = new Constant({ value: this.#settings.initialAccumulatorValue });
    this.#accumulators = this.addOptimizerVariables(variables, "accumulator", initializer);
    this.#linears = this.addOptimizerVariables(variables, "linear");
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const {
      learningRatePower,
      l1RegularizationStrength: l1,
      l2RegularizationStrength: l2,
      l2ShrinkageRegularizationStrength: shrinkage,
      beta,
    } = this.#settings;
    const index = this.getVariableIndex(variable);
    const [accumulator, linear] = [this.#accumulators[index], this.#linears[index]];
    const shrunk = tf.add(gradient, tf.mul(2 * shrinkage, variable));
    const newAccumulator = tf.add(accumulator, tf.square(gradient));
    const newPower = tf.pow(newAccumulator, -learningRatePower);
    const growth = tf.sub(newPower, tf.pow(accumulator, -learningRatePower));
    const newLinear = tf.add(
      linear,
      tf.sub(shrunk, tf.mul(tf.div(growth, learningRate), variable)),
    );
    const penalty = tf.mul(2, tf.add(l2, tf.div(beta, tf.mul(2, learningRate))));
    const quadratic = tf.add(tf.div(newPower, learningRate), penalty);
    const clipped = tf.clipByValue(newLinear, -l1, l1);
    this.assign(variable, tf.div(tf.sub(clipped, newLinear), quadratic));
    this.assign(linear, newLinear);
    this.assign(accumulator, newAccumulator);
  }
}
