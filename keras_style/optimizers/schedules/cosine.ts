/**
 * Learning rates that fall along a cosine (Loshchilov and Hutter, 2016).
 * Formulas of keras/src/optimizers/schedules/learning_rate_schedule.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions } from "../../options.ts";
import { checkSteps, LearningRateSchedule } from "./learning_rate_schedule.ts";

/** Options of {@linkcode CosineDecay}. */
export interface CosineDecayOptions {
  readonly initialLearningRate: number;
  /** Over how many steps the rate falls; above 0. */
  readonly decaySteps: number;
  /** Which share of the rate is left at the end; 0 unless given. */
  readonly alpha?: number;
  /** What the rate rises to before it falls; no rise unless given. */
  readonly warmupTarget?: number | null;
  /** Over how many steps it rises; 0 unless given. */
  readonly warmupSteps?: number;
  readonly name?: string;
}

/** (1 + cos(pi share)) / 2, from 1 to 0 while the share goes from 0 to 1. */
function halfCosine(share: tf.Tensor): tf.Tensor {
  return tf.mul(0.5, tf.add(1, tf.cos(tf.mul(Math.PI, share))));
}

/** Half a cosine, after a straight rise where one is wanted. */
export class CosineDecay extends LearningRateSchedule {
  readonly #settings: Required<CosineDecayOptions>;

  constructor(options: CosineDecayOptions) {
    super();
    const owner = "CosineDecay";
    const own = readOptions(owner, options, {
      initialLearningRate: undefined,
      decaySteps: undefined,
      alpha: 0,
      warmupTarget: null,
      warmupSteps: 0,
      name: owner,
    });
    this.#settings = {
      ...own,
      initialLearningRate: checkNumber(owner, "initialLearningRate", own.initialLearningRate),
      decaySteps: checkSteps(owner, "decaySteps", own.decaySteps!),
      alpha: checkNumber(owner, "alpha", own.alpha),
      warmupSteps: checkNumber(owner, "warmupSteps", own.warmupSteps, { from: 0 }),
    };
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { initialLearningRate, decaySteps, warmupTarget, warmupSteps } = this.#settings;
    if (warmupTarget === null) {
      return this.#fall(tf.minimum(step, decaySteps), initialLearningRate);
    }
    const seen = tf.minimum(step, decaySteps + warmupSteps);
    const fallen = this.#fall(tf.sub(seen, warmupSteps), warmupTarget);
    if (warmupSteps === 0) return fallen;
    const rise = warmupTarget - initialLearningRate;
    const risen = tf.add(tf.mul(rise, tf.div(seen, warmupSteps)), initialLearningRate);
    return tf.where(tf.less(seen, warmupSteps), risen, fallen);
  }

  #fall(step: tf.Tensor, from: number): tf.Tensor {
    const { decaySteps, alpha } = this.#settings;
    const share = halfCosine(tf.div(step, decaySteps));
    return tf.mul(from, tf.add(tf.mul(1 - alpha, share), alpha));
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}

/** Options of {@linkcode CosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  readonly initialLearningRate: number;
  /** Steps of the first period; above 0. */
  readonly firstDecaySteps: number;
  /** How many times as long as the one before a period is; 2 unless given. */
  readonly tMul?: number;
  /** How many times as high as the one before a period begins; 1 unless given. */
  readonly mMul?: number;
  /** Which share of the rate is left at a period's end; 0 unless given. */
  readonly alpha?: number;
  readonly name?: string;
}

/** Half a cosine, again and again. */
export class CosineDecayRestarts extends LearningRateSchedule {
  readonly #settings: Required<CosineDecayRestartsOptions>;

  constructor(options: CosineDecayRestartsOptions) {
    super();
    const owner = "CosineDecayRestarts";
    const own = readOptions(owner, options, {
      initialLearningRate: undefined,
      firstDecaySteps: undefined,
      tMul: 2,
      mMul: 1,
      alpha: 0,
      name: "SGDRDecay",
    });
    this.#settings = {
      ...own,
      initialLearningRate: checkNumber(owner, "initialLearningRate", own.initialLearningRate),
      firstDecaySteps: checkSteps(owner, "firstDecaySteps", own.firstDecaySteps!),
      tMul: checkSteps(owner, "tMul", own.tMul),
      mMul: checkNumber(owner, "mMul", own.mMul),
      alpha: checkNumber(owner, "alpha", own.alpha),
    };
  }

  override call(step: tf.Tensor): tf.Tensor {
    const { initialLearningRate, firstDecaySteps, mMul, alpha } = this.#settings;
    const [restarts, share] = this.#period(tf.div(step, firstDecaySteps));
    const height = tf.mul(tf.pow(mMul, restarts), halfCosine(share));
    return tf.mul(initialLearningRate, tf.add(tf.mul(1 - alpha, height), alpha));
  }

  /** How many periods are over, and which share of this one. */
  #period(periods: tf.Tensor): [restarts: tf.Tensor, share: tf.Tensor] {
    const { tMul } = this.#settings;
    if (tMul === 1) {
      const restarts = tf.floor(periods);
      return [restarts, tf.sub(periods, restarts)];
    }
    const grown = tf.log(tf.sub(1, tf.mul(periods, 1 - tMul)));
    const restarts = tf.floor(tf.div(grown, Math.log(tMul)));
    const length = tf.pow(tMul, restarts);
    const before = tf.div(tf.sub(1, length), 1 - tMul);
    return [restarts, tf.div(tf.sub(periods, before), length)];
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}
