/**
 * Distances between predicted and true values, beside the means of losses.
 * Follows https://keras.io/api/metrics/regression_metrics/ (keras/src/metrics/regression_metrics.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { cosineSimilarity, type CosineSimilaritySettings } from "../losses/mod.ts";
import { floats, sameRank, type Values } from "../losses/same_rank.ts";
import { checkChoice, checkNumber, readOptions, takeOptions } from "../options.ts";
import { Metric, type MetricInput, type MetricOptions } from "./metric.ts";
import { maskedWeight, Mean, MeanMetricWrapper } from "./reduction.ts";

/** The root of the mean of the squares of the differences. */
export class RootMeanSquaredError extends Mean {
  constructor(options: MetricOptions = {}) {
    super(options, { name: "root_mean_squared_error", direction: "down" });
  }

  override updateState(
    yTrue: MetricInput,
    yPred: MetricInput,
    sampleWeight?: MetricInput,
    mask?: tf.Tensor,
  ): void {
    tf.tidy(() => {
      const [truth, prediction] = sameRank(yTrue, yPred);
      super.updateState(tf.square(tf.sub(prediction, truth)), maskedWeight(sampleWeight, mask));
    });
  }

  override result(): tf.Tensor {
    return tf.tidy(() => tf.sqrt(super.result()));
  }
}

function cosine(
  yTrue: Values,
  yPred: Values,
  settings: Required<CosineSimilaritySettings>,
): tf.Tensor {
  return tf.neg(cosineSimilarity(yTrue, yPred, settings));
}

/** Mean of the cosine of the angle between labels and predictions; unlike the loss, 1 where they agree. */
export class CosineSimilarity extends MeanMetricWrapper<CosineSimilaritySettings> {
  constructor(options: MetricOptions & CosineSimilaritySettings = {}) {
    super(cosine, options, { axis: -1 }, { name: "cosine_similarity", direction: "up" });
  }
}

/** Options of {@linkcode pearsonCorrelation} and {@linkcode concordanceCorrelation}. */
export interface CorrelationSettings {
  /** Along which axis the values lie; the last unless given. */
  readonly axis?: number;
}

/** Both tensors and what is needed of them along an axis. */
function moments(yTrue: Values, yPred: Values, axis: number) {
  const [truth, prediction] = sameRank(yTrue, yPred);
  const of = (x: tf.Tensor) => ({ x, ...tf.moments(x, axis, true) });
  return [of(truth), of(prediction)];
}

/** Pearson's correlation of labels and predictions along an axis, from -1 to 1. */
export function pearsonCorrelation(
  yTrue: Values,
  yPred: Values,
  options: CorrelationSettings = {},
): tf.Tensor {
  const { axis } = readOptions("pearsonCorrelation", options, { axis: -1 });
  return tf.tidy(() => {
    const [a, b] = moments(yTrue, yPred, axis)
      .map(({ x, mean, variance }) => tf.div(tf.sub(x, mean), tf.sqrt(variance)));
    return tf.mean(tf.mul(a, b), axis);
  });
}

/** Lin's concordance of labels and predictions along an axis, from -1 to 1. */
export function concordanceCorrelation(
  yTrue: Values,
  yPred: Values,
  options: CorrelationSettings = {},
): tf.Tensor {
  const { axis } = readOptions("concordanceCorrelation", options, { axis: -1 });
  return tf.tidy(() => {
    const [a, b] = moments(yTrue, yPred, axis);
    const covariance = tf.mul(tf.sub(a.x, b.mean), tf.sub(b.x, b.mean));
    const gap = tf.square(tf.sub(a.mean, b.mean));
    const norm = tf.add(tf.add(tf.add(a.variance, b.variance), gap), 1e-7);
    return tf.mean(tf.div(tf.mul(covariance, 2), norm), axis);
  });
}

/** Mean of {@linkcode pearsonCorrelation}. */
export class PearsonCorrelation extends MeanMetricWrapper<CorrelationSettings> {
  constructor(options: MetricOptions & CorrelationSettings = {}) {
    const kind = { name: "pearson_correlation", direction: "up" } as const;
    super(pearsonCorrelation, options, { axis: -1 }, kind);
  }
}

/** Mean of {@linkcode concordanceCorrelation}. */
export class ConcordanceCorrelation extends MeanMetricWrapper<CorrelationSettings> {
  constructor(options: MetricOptions & CorrelationSettings = {}) {
    const kind = { name: "concordance_correlation", direction: "up" } as const;
    super(concordanceCorrelation, options, { axis: -1 }, kind);
  }
}

/** How the scores of several outputs become one. */
export type ClassAggregation = "uniformAverage" | "varianceWeightedAverage";

/** Options of {@linkcode R2Score}. */
export interface R2ScoreOptions extends MetricOptions {
  /** "uniformAverage" unless given; null gives a score an output. */
  readonly classAggregation?: ClassAggregation | null;
  /** How many inputs the model has, for the adjusted score; 0 (no adjustment) unless given. */
  readonly numRegressors?: number;
}

/** Which share of the labels' variance the predictions explain: 1 where they are right, 0 where they are no better than the mean. */
export class R2Score extends Metric {
  readonly classAggregation: ClassAggregation | null;
  readonly numRegressors: number;
  readonly #samples: tf.Variable;
  #sums: Record<"squares" | "labels" | "residuals" | "count", tf.Variable> | undefined;

  constructor(options: R2ScoreOptions = {}) {
    const [own, rest] = takeOptions("R2Score", options, {
      classAggregation: "uniformAverage",
      numRegressors: 0,
    });
    super(rest, { name: "r2_score", direction: "up" });
    this.classAggregation = own.classAggregation === null
      ? null
      : checkChoice("R2Score", "classAggregation", own.classAggregation, [
        "uniformAverage",
        "varianceWeightedAverage",
      ]);
    this.numRegressors = checkNumber("R2Score", "numRegressors", own.numRegressors, {
      from: 0,
      integer: true,
    });
    this.#samples = this.addVariable();
  }

  override getConfig(): Record<string, unknown> {
    const { classAggregation, numRegressors } = this;
    return { ...super.getConfig(), classAggregation, numRegressors };
  }

  override updateState(yTrue: MetricInput, yPred: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const [truth, prediction] = sameRank(yTrue, yPred);
      if (truth.rank !== 2 || prediction.rank !== 2) {
        throw new RangeError(
          `R2Score: labels have shape [${truth.shape}] and predictions [${prediction.shape}], ` +
            `expected [samples, outputs]`,
        );
      }
      const sums = this.#build(prediction.shape[1]!);
      const given = floats(sampleWeight ?? 1);
      const weight = tf.broadcastTo(
        given.rank === 1 ? tf.expandDims(given, 1) : given,
        truth.shape,
      );
      const weighted = tf.mul(truth, weight);
      const add = (variable: tf.Variable, x: tf.Tensor) =>
        variable.assign(tf.add(variable, tf.sum(x, 0)));
      add(sums.labels, weighted);
      add(sums.squares, tf.mul(truth, weighted));
      add(sums.residuals, tf.mul(tf.square(tf.sub(truth, prediction)), weight));
      add(sums.count, weight);
      this.#samples.assign(tf.add(this.#samples, truth.size) as tf.Scalar);
    });
  }

  #build(outputs: number) {
    const make = () => this.addVariable({ shape: [outputs] });
    return this.#sums ??= { squares: make(), labels: make(), residuals: make(), count: make() };
  }

  override result(): tf.Tensor {
    const sums = this.#sums;
    if (!sums) throw new Error(`${this.name}: result was called before updateState`);
    return tf.tidy(() => {
      const { squares, labels, residuals, count } = sums;
      const total = tf.sub(squares, tf.mul(labels, tf.div(labels, count)));
      const raw = tf.sub(1, tf.div(residuals, total));
      const scores = tf.where(tf.isInf(raw), tf.zerosLike(raw), raw);
      return this.#adjusted(this.#aggregated(scores, total));
    });
  }

  #aggregated(scores: tf.Tensor, total: tf.Tensor): tf.Tensor {
    if (this.classAggregation === null) return scores;
    if (this.classAggregation === "uniformAverage") return tf.mean(scores);
    return tf.div(tf.sum(tf.mul(total, scores)), tf.sum(total));
  }

  /** Where there are more samples than inputs. */
  #adjusted(score: tf.Tensor): tf.Tensor {
    if (this.numRegressors === 0) return score;
    const left = tf.sub(this.#samples, this.numRegressors + 1);
    const isEnough = tf.greater(left, 0);
    const divisor = tf.where(isEnough, left, tf.scalar(1));
    const lost = tf.mul(tf.sub(1, score), tf.sub(this.#samples, 1));
    return tf.where(isEnough, tf.sub(1, tf.div(lost, divisor)), score);
  }
}
