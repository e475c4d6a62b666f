/**
 * What of the labels of 0 and 1 is found above thresholds. Source: keras/src/metrics/metrics_utils.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { alongFirstAxes } from "../losses/loss.ts";
import { floats, sameRank } from "../losses/same_rank.ts";
import { checkNumber } from "../options.ts";
import type { MetricInput } from "./metric.ts";
import { oneHotVectors } from "../ops/one_hot.ts";

/** Below all predictions. */
const BELOW_ALL = -1e10;

/** One threshold, or several. */
export type Thresholds = number | readonly number[];

/** How predictions are compared with labels. */
export interface ConfusionSettings {
  readonly thresholds: readonly number[];
  /** Only the k best predictions of a row count as above a threshold; all unless given. */
  readonly topK?: number | null;
  /** The only class that counts; all unless given. */
  readonly classId?: number | null;
  /** Whether every label has values of its own; false unless given. */
  readonly multiLabel?: boolean;
  /** How much each label counts. */
  readonly labelWeights?: readonly number[] | null;
}

/** Sums of weights: [thresholds], or [thresholds, labels] where labels have values of their own. */
export interface Confusion {
  readonly truePositives: tf.Tensor;
  readonly falsePositives: tf.Tensor;
  readonly trueNegatives: tf.Tensor;
  readonly falseNegatives: tf.Tensor;
}

/** Thresholds as a list: those given, or one by default. */
export function thresholdList(
  owner: string,
  thresholds: Thresholds | null,
  topK: number | null = null,
): readonly number[] {
  if (thresholds === null) return [topK === null ? 0.5 : BELOW_ALL];
  const list = typeof thresholds === "number" ? [thresholds] : [...thresholds];
  for (const each of list) checkNumber(owner, "thresholds", each, { from: 0, to: 1 });
  return list;
}

/** Thresholds from 0 to 1, evenly. */
export function evenThresholds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i / (count - 1));
}

function areEven(thresholds: readonly number[]): boolean {
  const even = evenThresholds(thresholds.length);
  return thresholds.length >= 3 && thresholds.every((each, i) => Math.abs(each - even[i]) < 2e-7);
}

/** Counts a batch. */
export function confusionOf(
  yTrue: MetricInput,
  yPred: MetricInput,
  sampleWeight: MetricInput | undefined,
  settings: ConfusionSettings,
): Confusion {
  const { thresholds, topK, classId } = settings;
  let [truth, prediction] = sameRank(yTrue, yPred);
  if (topK) prediction = bestOnly(prediction, topK);
  if (classId !== undefined && classId !== null) {
    [truth, prediction] = [truth, prediction].map((x) => ofClass(x, classId));
  }
  if (areEven(thresholds)) prediction = tf.clipByValue(prediction, 0, 1);
  const weights = weightsFor(prediction, sampleWeight, settings.labelWeights ?? undefined);
  const isTrue = tf.cast(tf.notEqual(truth, 0), "float32");
  const yes = weights ? tf.mul(isTrue, weights) : isTrue;
  const no = weights ? tf.mul(tf.sub(1, isTrue), weights) : tf.sub(1, isTrue);
  return settings.multiLabel
    ? countByLabel(prediction, yes, no, thresholds)
    : countAll(prediction, yes, no, thresholds);
}

/** Predictions that are not among the k best of their row become very small. */
function bestOnly(prediction: tf.Tensor, k: number): tf.Tensor {
  const { indices } = tf.topk(prediction, k);
  const chosen = tf.sum(oneHotVectors(indices, prediction.shape.at(-1)!), -2);
  const isBest = tf.cast(chosen, "float32");
  return tf.add(tf.mul(prediction, isBest), tf.mul(tf.sub(1, isBest), BELOW_ALL));
}

function ofClass(x: tf.Tensor, classId: number): tf.Tensor {
  const begin = x.shape.map((_, axis) => axis === x.rank - 1 ? classId : 0);
  return tf.slice(x, begin, [...x.shape.slice(0, -1), 1]);
}

function weightsFor(
  prediction: tf.Tensor,
  sampleWeight: MetricInput | undefined,
  labelWeights: readonly number[] | undefined,
): tf.Tensor | undefined {
  const parts = [
    ...(sampleWeight === undefined ? [] : [alongFirstAxes(floats(sampleWeight), prediction)]),
    ...(labelWeights ? [tf.tensor1d([...labelWeights])] : []),
  ];
  if (parts.length === 0) return undefined;
  const product = parts.reduce<tf.Tensor>((a, b) => tf.mul(a, b), tf.scalar(1));
  return tf.broadcastTo(product, prediction.shape);
}

function countAll(
  prediction: tf.Tensor,
  yes: tf.Tensor,
  no: tf.Tensor,
  thresholds: readonly number[],
): Confusion {
  const limits = tf.tensor2d([...thresholds], [thresholds.length, 1]);
  const isAbove = tf.cast(tf.greater(tf.reshape(prediction, [1, -1]), limits), "float32");
  const above = (weights: tf.Tensor) => {
    const column = tf.reshape(weights, [-1, 1]) as tf.Tensor2D;
    return tf.reshape(tf.matMul(isAbove as tf.Tensor2D, column), [thresholds.length]);
  };
  return confusion(above(yes), above(no), tf.sum(yes), tf.sum(no));
}

function countByLabel(
  prediction: tf.Tensor,
  yes: tf.Tensor,
  no: tf.Tensor,
  thresholds: readonly number[],
): Confusion {
  const limits = tf.tensor3d([...thresholds], [thresholds.length, 1, 1]);
  const isAbove = tf.cast(tf.greater(tf.expandDims(prediction, 0), limits), "float32");
  const above = (weights: tf.Tensor) => tf.sum(tf.mul(isAbove, weights), 1);
  return confusion(above(yes), above(no), tf.sum(yes, 0), tf.sum(no, 0));
}

function confusion(
  truePositives: tf.Tensor,
  falsePositives: tf.Tensor,
  yes: tf.Tensor,
  no: tf.Tensor,
): Confusion {
  return {
    truePositives,
    falsePositives,
    trueNegatives: tf.sub(no, falsePositives),
    falseNegatives: tf.sub(yes, truePositives),
  };
}
