/**
 * Losses between probabilities. Follows https://keras.io/api/losses/probabilistic_losses/ (keras/src/losses/losses.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions } from "../options.ts";
import { FunctionLoss, type LossOptions } from "./loss.ts";
import { EPSILON, sameRank, type Values } from "./same_rank.ts";
import { asLogits, rememberLogits } from "./softmax_logits.ts";

/** Options of {@linkcode binaryCrossentropy}. */
export interface BinaryCrossentropySettings {
  /** Whether the predictions are logits; false unless given. */
  readonly fromLogits?: boolean;
  /** How far labels are moved towards 0.5, from 0 to 1; 0 unless given. */
  readonly labelSmoothing?: number;
  /** Over which axis the mean is taken; the last unless given. */
  readonly axis?: number;
}

/** Options of {@linkcode binaryFocalCrossentropy}. */
export interface BinaryFocalCrossentropySettings extends BinaryCrossentropySettings {
  /** Whether labels of 1 count `alpha` and labels of 0 the rest; false unless given. */
  readonly applyClassBalancing?: boolean;
  /** 0.25 unless given. */
  readonly alpha?: number;
  /** How little sure answers count; 2 unless given. */
  readonly gamma?: number;
}

function smoothed(labels: tf.Tensor, share: number): tf.Tensor {
  return share === 0 ? labels : tf.add(tf.mul(labels, 1 - share), 0.5 * share);
}

/** Cross entropy of labels of 0 and 1, the mean over an axis. */
export function binaryCrossentropy(
  yTrue: Values,
  yPred: Values,
  options: BinaryCrossentropySettings = {},
): tf.Tensor {
  const { fromLogits, labelSmoothing, axis } = readOptions("binaryCrossentropy", options, {
    fromLogits: false,
    labelSmoothing: 0,
    axis: -1,
  });
  return tf.tidy(() => {
    const [labels, given] = sameRank(yTrue, yPred);
    return tf.mean(binaryEntropies(smoothed(labels, labelSmoothing), given, fromLogits), axis);
  });
}

/** Cross entropy of labels of 0 and 1 in which sure answers count little (Lin et al., 2017). */
export function binaryFocalCrossentropy(
  yTrue: Values,
  yPred: Values,
  options: BinaryFocalCrossentropySettings = {},
): tf.Tensor {
  const { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis } = readOptions(
    "binaryFocalCrossentropy",
    options,
    {
      applyClassBalancing: false,
      alpha: 0.25,
      gamma: 2,
      fromLogits: false,
      labelSmoothing: 0,
      axis: -1,
    },
  );
  return tf.tidy(() => {
    const [exact, given] = sameRank(yTrue, yPred);
    const labels = smoothed(exact, labelSmoothing);
    const p = fromLogits ? rememberLogits(given, tf.sigmoid(given)) : given;
    const entropy = binaryEntropies(labels, p, false);
    const right = mixed(labels, p, tf.sub(1, p));
    const focal = tf.mul(tf.pow(tf.sub(1, right), gamma), entropy);
    if (!applyClassBalancing) return tf.mean(focal, axis);
    return tf.mean(tf.mul(mixed(labels, alpha, 1 - alpha), focal), axis);
  });
}

/** labels yes + (1 - labels) no. */
function mixed(labels: tf.Tensor, yes: tf.Tensor | number, no: tf.Tensor | number): tf.Tensor {
  return tf.add(tf.mul(labels, yes), tf.mul(tf.sub(1, labels), no));
}

/** The cross entropy of every number by itself, of floats. */
export function binaryEntropies(
  labels: tf.Tensor,
  given: tf.Tensor,
  fromLogits: boolean,
): tf.Tensor {
  const logits = asLogits("binaryCrossentropy", given, fromLogits);
  return logits ? entropiesOfLogits(labels, logits) : entropiesOfShares(labels, given);
}

/** max(x, 0) - x y + log(1 + exp(-|x|)): finite for every logit. */
function entropiesOfLogits(y: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const small = tf.log1p(tf.exp(tf.neg(tf.abs(x))));
  return tf.add(tf.sub(tf.relu(x), tf.mul(x, y)), small);
}

function entropiesOfShares(y: tf.Tensor, p: tf.Tensor): tf.Tensor {
  const clipped = tf.clipByValue(p, EPSILON, 1 - EPSILON);
  const yes = tf.mul(y, tf.log(clipped));
  const no = tf.mul(tf.sub(1, y), tf.log(tf.sub(1, clipped)));
  return tf.neg(tf.add(yes, no));
}

/** Sum of p log(p / q) over the last axis, p the labels and q the predictions. */
export function klDivergence(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => {
    const [p, q] = sameRank(yTrue, yPred).map((x) => tf.clipByValue(x, EPSILON, 1));
    return tf.sum(tf.mul(p, tf.log(tf.div(p, q))), -1);
  });
}

/** The loss class of {@linkcode binaryCrossentropy}. */
export class BinaryCrossentropy extends FunctionLoss<BinaryCrossentropySettings> {
  constructor(options: LossOptions & BinaryCrossentropySettings = {}) {
    super(binaryCrossentropy, options, { fromLogits: false, labelSmoothing: 0, axis: -1 });
    const { labelSmoothing } = this.settings;
    checkNumber("BinaryCrossentropy", "labelSmoothing", labelSmoothing, { from: 0, to: 1 });
  }
}

/** The loss class of {@linkcode binaryFocalCrossentropy}. */
export class BinaryFocalCrossentropy extends FunctionLoss<BinaryFocalCrossentropySettings> {
  constructor(options: LossOptions & BinaryFocalCrossentropySettings = {}) {
    super(binaryFocalCrossentropy, options, {
      applyClassBalancing: false,
      alpha: 0.25,
      gamma: 2,
      fromLogits: false,
      labelSmoothing: 0,
      axis: -1,
    });
    const { labelSmoothing } = this.settings;
    checkNumber("BinaryFocalCrossentropy", "labelSmoothing", labelSmoothing, { from: 0, to: 1 });
  }
}

/** The loss class of {@linkcode klDivergence}. */
export class KLDivergence extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(klDivergence, options, {});
  }
}
