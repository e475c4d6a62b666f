/**
 * Losses between regions. Follows keras/src/losses/losses.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions } from "../options.ts";
import { FunctionLoss, type LossOptions } from "./loss.ts";
import { EPSILON, sameRank, type Values } from "./same_rank.ts";

/** Options of {@linkcode dice}. */
export interface DiceSettings {
  /** Axes that make up a region; all unless given (then there is one loss for the batch). */
  readonly axis?: number | readonly number[] | null;
}

/** Options of {@linkcode tversky}. */
export interface TverskySettings extends DiceSettings {
  /** What false positives cost; 0.5 unless given. */
  readonly alpha?: number;
  /** What false negatives cost; 0.5 unless given. */
  readonly beta?: number;
}

/** Sums over the axes of a region. */
function summing(axis: DiceSettings["axis"]): (x: tf.Tensor) => tf.Tensor {
  const axes = axis === null || typeof axis !== "object" ? axis : [...axis];
  return (x) => tf.sum(x, axes ?? undefined);
}

/** 1 - 2 overlap / (size of the label's region + size of the predicted one). */
export function dice(yTrue: Values, yPred: Values, options: DiceSettings = {}): tf.Tensor {
  const sum = summing(readOptions("dice", options, { axis: null }).axis);
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    const overlap = sum(tf.mul(truth, prediction));
    const sizes = tf.add(tf.add(sum(truth), sum(prediction)), EPSILON);
    return tf.sub(1, tf.div(tf.mul(2, overlap), sizes));
  });
}

/** 1 - overlap / (overlap + alpha missed + beta too much): Keras weighs what is missed with alpha. */
export function tversky(yTrue: Values, yPred: Values, options: TverskySettings = {}): tf.Tensor {
  const { alpha, beta, axis } = readOptions("tversky", options, {
    alpha: 0.5,
    beta: 0.5,
    axis: null,
  });
  const sum = summing(axis);
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    const overlap = sum(tf.mul(truth, prediction));
    const missed = sum(tf.mul(tf.sub(1, prediction), truth));
    const excess = sum(tf.mul(prediction, tf.sub(1, truth)));
    const costs = tf.add(tf.mul(missed, alpha), tf.mul(excess, beta));
    return tf.sub(1, tf.div(overlap, tf.add(tf.add(overlap, costs), EPSILON)));
  });
}

/** The loss class of {@linkcode dice}. */
export class Dice extends FunctionLoss<DiceSettings> {
  constructor(options: LossOptions & DiceSettings = {}) {
    super(dice, options, { axis: null });
  }
}

/** The loss class of {@linkcode tversky}. */
export class Tversky extends FunctionLoss<TverskySettings> {
  constructor(options: LossOptions & TverskySettings = {}) {
    super(tversky, options, { alpha: 0.5, beta: 0.5, axis: null });
    checkNumber("Tversky", "alpha", this.settings.alpha, { from: 0 });
    checkNumber("Tversky", "beta", this.settings.beta, { from: 0 });
  }
}
