/**
 * Shares of right answers. Follows https://keras.io/api/metrics/accuracy_metrics/ (keras/src/metrics/accuracy_metrics.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { floats, sameRank, type Values } from "../losses/same_rank.ts";
import { checkNumber, readOptions } from "../options.ts";
import type { MetricOptions } from "./metric.ts";
import { MeanMetricWrapper } from "./reduction.ts";
import { isInTopK } from "../ops/one_hot.ts";

function accuracy(yTrue: Values, yPred: Values): tf.Tensor {
  const [truth, prediction] = sameRank(yTrue, yPred);
  return tf.cast(tf.equal(truth, prediction), "float32");
}

/** Options of {@linkcode binaryAccuracy}. */
export interface BinaryAccuracySettings {
  /** Above it an answer is a yes; 0.5 unless given. */
  readonly threshold?: number;
}

/** 1 where a prediction is above the threshold just where the label is 1, else 0. */
export function binaryAccuracy(
  yTrue: Values,
  yPred: Values,
  options: BinaryAccuracySettings = {},
): tf.Tensor {
  const { threshold } = readOptions("binaryAccuracy", options, { threshold: 0.5 });
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    const answers = tf.cast(tf.greater(prediction, threshold), "float32");
    return tf.cast(tf.equal(truth, answers), "float32");
  });
}

/** 1 where the largest prediction is at the largest label, else 0. */
export function categoricalAccuracy(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() =>
    tf.cast(tf.equal(tf.argMax(floats(yPred), -1), tf.argMax(floats(yTrue), -1)), "float32")
  );
}

/** 1 where the largest prediction is that of the class with the label's number, else 0. */
export function sparseCategoricalAccuracy(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => {
    const prediction = floats(yPred);
    const labels = classIndices(yTrue, prediction.shape.slice(0, -1));
    return tf.cast(tf.equal(tf.argMax(prediction, -1), labels), "float32");
  });
}

function classIndices(labels: Values, shape: number[]): tf.Tensor {
  const tensor = labels instanceof tf.Tensor ? labels : tf.tensor(labels as tf.TensorLike);
  return tf.reshape(tf.cast(tensor, "int32"), shape);
}

/** Options of {@linkcode topKCategoricalAccuracy}. */
export interface TopKSettings {
  /** How many of the largest predictions count as right; 5 unless given. */
  readonly k?: number;
}

/** Options of {@linkcode sparseTopKCategoricalAccuracy}. */
export interface SparseTopKSettings extends TopKSettings {
  /** Whether predictions are class indices, the best first, instead of probabilities; false unless given. */
  readonly fromSortedIds?: boolean;
}

/** 1 where the one-hot label's class is among the k best, else 0. */
export function topKCategoricalAccuracy(
  yTrue: Values,
  yPred: Values,
  options: TopKSettings = {},
): tf.Tensor {
  const { k } = readOptions("topKCategoricalAccuracy", options, { k: 5 });
  return tf.tidy(() => topKHits(tf.argMax(floats(yTrue), -1), floats(yPred), k));
}

/** 1 where the class with the label's number is among the k best, else 0. */
export function sparseTopKCategoricalAccuracy(
  yTrue: Values,
  yPred: Values,
  options: SparseTopKSettings = {},
): tf.Tensor {
  const { k, fromSortedIds } = readOptions("sparseTopKCategoricalAccuracy", options, {
    k: 5,
    fromSortedIds: false,
  });
  return tf.tidy(() => {
    const prediction = floats(yPred);
    const labels = classIndices(yTrue, prediction.shape.slice(0, -1));
    if (!fromSortedIds) return topKHits(labels, prediction, k);
    const best = tf.slice(
      prediction,
      prediction.shape.map(() => 0),
      [...prediction.shape.slice(0, -1), Math.min(k, prediction.shape.at(-1)!)],
    );
    const hits = tf.equal(tf.expandDims(tf.cast(labels, "float32"), labels.rank), best);
    return tf.cast(tf.any(hits, -1), "float32");
  });
}

/** 1 where the class with the label's number is among the k best, else 0; classes that are as good do not count against it. */
function topKHits(labels: tf.Tensor, prediction: tf.Tensor, k: number): tf.Tensor {
  return tf.cast(isInTopK(prediction, labels, k), "float32");
}

/** How often predictions and answers are the same number. */
export class Accuracy extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(accuracy, options, {}, { name: "accuracy", direction: "up" });
  }
}

/** How often answers of 0 and 1 are right. */
export class BinaryAccuracy extends MeanMetricWrapper<BinaryAccuracySettings> {
  constructor(options: MetricOptions & BinaryAccuracySettings = {}) {
    const kind = { name: "binary_accuracy", direction: "up" } as const;
    super(binaryAccuracy, options, { threshold: 0.5 }, kind);
  }
}

/** How often the largest prediction is where the one-hot answer is. */
export class CategoricalAccuracy extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(categoricalAccuracy, options, {}, { name: "categorical_accuracy", direction: "up" });
  }
}

/** How often the largest prediction is that of the class with the label's number. */
export class SparseCategoricalAccuracy extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    const kind = { name: "sparse_categorical_accuracy", direction: "up" } as const;
    super(sparseCategoricalAccuracy, options, {}, kind);
  }
}

/** How often the one-hot answer is among the k best predictions. */
export class TopKCategoricalAccuracy extends MeanMetricWrapper<TopKSettings> {
  constructor(options: MetricOptions & TopKSettings = {}) {
    const kind = { name: "top_k_categorical_accuracy", direction: "up" } as const;
    super(topKCategoricalAccuracy, options, { k: 5 }, kind);
    checkNumber("TopKCategoricalAccuracy", "k", this.settings.k, { from: 1, integer: true });
  }
}

/** How often the class with the label's number is among the k best predictions. */
export class SparseTopKCategoricalAccuracy extends MeanMetricWrapper<SparseTopKSettings> {
  constructor(options: MetricOptions & SparseTopKSettings = {}) {
    const kind = { name: "sparse_top_k_categorical_accuracy", direction: "up" } as const;
    super(sparseTopKCategoricalAccuracy, options, { k: 5, fromSortedIds: false }, kind);
    checkNumber(new.target.name, "k", this.settings.k, { from: 1, integer: true });
  }
}
