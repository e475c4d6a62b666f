/**
 * Learning rates that fall. Formulas of keras/src/optimizers/schedules/learning_rate_schedule.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions, requireOption, show } from "../../options.ts";
import { checkSteps, LearningRateSchedule } from "./learning_rate_schedule.ts";

/** Options of {@linkcode ExponentialDecay} and {@linkcode InverseTimeDecay}. */
export interface DecayOptions {
  readonly initialLearningRate: number;
  /** How many steps make one decay; above 0. */
  readonly decaySteps: number;
  readonly decayRate: number;
  /** Whether the rate falls once every `decaySteps` steps, instead of at every step; false unless given. */
  readonly staircase?: boolean;
  readonly name?: string;
}

/** Reads the options that both decays below have. */
function readDecay(owner: string, options: DecayOptions): Required<DecayOptions> {
  const own = readOptions(owner, options, {
    initialLearningRate: undefined,
    decaySteps: undefined,
    decayRate: undefined,
    staircase: false,
    name: owner,
  });
  return {
    ...own,
    initialLearningRate: checkNumber(owner, "initialLearningRate", own.initialLearningRate),
    decaySteps: checkSteps(owner, "decaySteps", own.decaySteps!),
    decayRate: checkNumber(owner, "decayRate", own.decayRate),
  };
}

function decays(step: tf.Tensor, { decaySteps, staircase }: Required<DecayOptions>): tf.Tensor {
  const count = tf.div(step, decaySteps);
  return staircase ? tf.floor(count) : count;
}

/** initial rate^(step / decaySteps). */
export class ExponentialDecay extends LearningRateSchedule {
  readonly #settings: Required<DecayOptions>;

  constructor(options: DecayOptions) {
    super();
    this.#settings = readDecay("ExponentialDecay", options);
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { initialLearningRate, decayRate } = this.#settings;
    return tf.mul(initialLearningRate, tf.pow(decayRate, decays(step, this.#settings)));
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}

/** initial / (1 + rate step / decaySteps). */
export class InverseTimeDecay extends LearningRateSchedule {
  readonly #settings: Required<DecayOptions>;

  constructor(options: DecayOptions) {
    super();
    this.#settings = readDecay("InverseTimeDecay", options);
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { initialLearningRate, decayRate } = this.#settings;
    const divisor = tf.add(1, tf.mul(decayRate, decays(step, this.#settings)));
    return tf.div(initialLearningRate, divisor);
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}

/** Options of {@linkcode PolynomialDecay}. */
export interface PolynomialDecayOptions {
  readonly initialLearningRate: number;
  /** After how many steps the end is reached; above 0. */
  readonly decaySteps: number;
  /** 0.0001 unless given. */
  readonly endLearningRate?: number;
  /** 1, a straight line, unless given. */
  readonly power?: number;
  /** Whether it begins anew after the end, over twice, three times, ... as many steps; false unless given. */
  readonly cycle?: boolean;
  readonly name?: string;
}

/** (initial - end) (1 - step / decaySteps)^power + end. */
export class PolynomialDecay extends LearningRateSchedule {
  readonly #settings: Required<PolynomialDecayOptions>;

  constructor(options: PolynomialDecayOptions) {
    super();
    const owner = "PolynomialDecay";
    const own = readOptions(owner, options, {
      initialLearningRate: undefined,
      decaySteps: undefined,
      endLearningRate: 0.0001,
      power: 1,
      cycle: false,
      name: owner,
    });
    this.#settings = {
      ...own,
      initialLearningRate: checkNumber(owner, "initialLearningRate", own.initialLearningRate),
      decaySteps: checkSteps(owner, "decaySteps", own.decaySteps!),
      endLearningRate: checkNumber(owner, "endLearningRate", own.endLearningRate),
      power: checkNumber(owner, "power", own.power),
    };
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = this.#settings;
    // The first multiple of decaySteps that is not passed; the first one at step 0.
    const cycles = tf.maximum(tf.ceil(tf.div(step, decaySteps)), 1);
    const share = cycle
      ? tf.div(step, tf.mul(decaySteps, cycles))
      : tf.div(tf.minimum(step, decaySteps), decaySteps);
    const left = tf.pow(tf.sub(1, share), power);
    return tf.add(tf.mul(initialLearningRate - endLearningRate, left), endLearningRate);
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}

/** Options of {@linkcode PiecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** Steps after which the rate changes, in order. */
  readonly boundaries: readonly number[];
  /** The rates, one more than boundaries. */
  readonly values: readonly number[];
  readonly name?: string;
}

/** The first value up to and including the first boundary, then the second, and so on. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly #settings: Required<PiecewiseConstantDecayOptions>;

  constructor(options: PiecewiseConstantDecayOptions) {
    super();
    const owner = "PiecewiseConstantDecay";
    const own = readOptions(owner, options, {
      boundaries: undefined,
      values: undefined,
      name: "PiecewiseConstant",
    });
    const boundaries = requireOption(owner, "boundaries", own.boundaries, "a list of steps");
    const values = requireOption(owner, "values", own.values, "a list of learning rates");
    if (values.length !== boundaries.length + 1) {
      throw new RangeError(
        `${owner}: values is ${show(values)}, expected ${boundaries.length + 1} values for the ` +
          `boundaries ${show(boundaries)}`,
      );
    }
    this.#settings = { boundaries, values, name: own.name };
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { boundaries, values } = this.#settings;
    return boundaries.reduce(
      (rate, boundary, i) => tf.where(tf.greater(step, boundary), tf.scalar(values[i + 1]), rate),
      tf.scalar(values[0]) as tf.Tensor,
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}
