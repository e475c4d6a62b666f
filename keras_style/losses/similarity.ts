/**
 * Losses between directions and embeddings. Follows keras/src/losses/losses.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "../ops/gradients.ts";
import { checkNumber, readOptions } from "../options.ts";
import { FunctionLoss, type LossOptions, withLossMask } from "./loss.ts";
import { floats, sameRank, type Values } from "./same_rank.ts";

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineSimilaritySettings {
  /** Along which axis the vectors lie; the last unless given. */
  readonly axis?: number;
}

/** A tensor whose vectors along an axis have length 1; vectors of length 0 stay. */
export function unitVectors(x: tf.Tensor, axis: number | number[]): tf.Tensor {
  const norms = tf.sqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-24));
  return tf.div(x, norms);
}

/** The negative cosine of the angle between label and prediction: -1 where they agree. */
export function cosineSimilarity(
  yTrue: Values,
  yPred: Values,
  options: CosineSimilaritySettings = {},
): tf.Tensor {
  const { axis } = readOptions("cosineSimilarity", options, { axis: -1 });
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    const at = axis < 0 ? axis + prediction.rank : axis;
    const product = tf.mul(unitVectors(truth, at), unitVectors(prediction, at));
    return tf.neg(tf.sum(product, at));
  });
}

/** Options of {@linkcode Circle}. */
export interface CircleSettings {
  /** Steepness; 80 unless given. */
  readonly gamma?: number;
  /** How far apart other classes have to be; 0.4 unless given. */
  readonly margin?: number;
  /** Whether an embedding is not compared with itself; true unless given. */
  readonly removeDiagonal?: boolean;
}

/** Options of {@linkcode circle}. */
export interface CircleFunctionSettings extends CircleSettings {
  /** Class indices of what the embeddings are compared with; the labels unless given. */
  readonly refLabels?: Values | null;
  /** What the embeddings are compared with; themselves unless given. */
  readonly refEmbeddings?: Values | null;
}

/**
 * Circle loss (Sun et al., 2020) of embeddings of length 1.
 *
 * @param yTrue class indices [n]
 * @param yPred embeddings [n, d]
 */
export function circle(
  yTrue: Values,
  yPred: Values,
  options: CircleFunctionSettings = {},
): tf.Tensor {
  const settings = readOptions("circle", options, {
    ...CIRCLE_DEFAULTS,
    refLabels: null,
    refEmbeddings: null,
  });
  return tf.tidy(() => circleLosses(yTrue, yPred, settings));
}

const CIRCLE_DEFAULTS = { gamma: 80, margin: 0.4, removeDiagonal: true };

function circleLosses(
  yTrue: Values,
  yPred: Values,
  { gamma, margin, removeDiagonal, refLabels = null, refEmbeddings = null }:
    & Required<CircleSettings>
    & CircleFunctionSettings,
): tf.Tensor {
  const embeddings = floats(yPred) as tf.Tensor2D;
  const others = (refEmbeddings === null ? embeddings : floats(refEmbeddings)) as tf.Tensor2D;
  const labels = tf.reshape(floats(yTrue), [-1, 1]);
  const otherLabels = tf.reshape(refLabels === null ? labels : floats(refLabels), [1, -1]);
  const distances = tf.maximum(tf.sub(1, tf.matMul(embeddings, others, false, true)), 0);
  const areSame = tf.equal(labels, otherLabels);
  const isSelf = tf.cast(tf.eye(labels.size, otherLabels.size), "bool");
  const same = removeDiagonal ? tf.logicalAnd(areSame, tf.logicalNot(isSelf)) : areSame;
  const pull = tf.maximum(tf.add(margin, distances), 0);
  const push = tf.maximum(tf.sub(1 + margin, distances), 0);
  const pulled = tf.mul(tf.mul(pull, tf.sub(margin, distances)), -gamma);
  const pushed = tf.mul(tf.mul(push, tf.sub(1 - margin, distances)), gamma);
  const sum = tf.add(logSumOf(pulled, same), logSumOf(pushed, tf.logicalNot(areSame)));
  const losses = tf.softplus(sum);
  return withLossMask(losses, withoutGradient(() => tf.greater(losses, 0)));
}

/** The logarithm of the sum of exponentials of each row, where a mask is true. */
function logSumOf(x: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  // Not -Infinity: rows without any element would have no gradient but NaN.
  return tf.logSumExp(tf.where(mask, x, tf.fill(x.shape, -1e30)), 1);
}

/** The loss class of {@linkcode cosineSimilarity}. */
export class CosineSimilarity extends FunctionLoss<CosineSimilaritySettings> {
  constructor(options: LossOptions & CosineSimilaritySettings = {}) {
    super(cosineSimilarity, options, { axis: -1 });
  }
}

/** The loss class of {@linkcode circle}. */
export class Circle extends FunctionLoss<CircleSettings> {
  constructor(options: LossOptions & CircleSettings = {}) {
    super(circleLosses, options, CIRCLE_DEFAULTS);
    checkNumber("Circle", "gamma", this.settings.gamma, { from: 0 });
    checkNumber("Circle", "margin", this.settings.margin, { from: 0 });
  }

  override labelShape(): null {
    return null;
  }
}
