/**
 * Sums and means of a stream of values. Source: keras/src/metrics/reduction_metrics.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { alongFirstAxes, lossMask } from "../losses/loss.ts";
import { floats, sameRank } from "../losses/same_rank.ts";
import { takeOptions } from "../options.ts";
import { Metric, type MetricInput, type MetricOptions } from "./metric.ts";

type Reduce = (x: tf.Tensor, axes: number[]) => tf.Tensor;

function axesFrom(first: number, rank: number): number[] {
  return Array.from({ length: Math.max(rank - first, 0) }, (_, i) => first + i);
}

/** A number a sample, weighted, and the samples' weights. */
function bySample(
  given: MetricInput,
  weight: MetricInput | undefined,
  reduce: Reduce,
): [values: tf.Tensor, weights: tf.Tensor | undefined] {
  const all = floats(given);
  const reduceFrom = (x: tf.Tensor, first: number) =>
    x.rank > first ? reduce(x, axesFrom(first, x.rank)) : x;
  if (weight === undefined) return [reduceFrom(all, 1), undefined];
  const mask = lossMask(all);
  const counted = mask
    ? tf.mul(floats(weight), alongFirstAxes(tf.cast(mask, "float32"), floats(weight)))
    : weight;
  const [values, weights] = sameRank(all, counted);
  const reduced = reduceFrom(values, weights.rank);
  const broadcast = tf.broadcastTo(weights, reduced.shape);
  return [reduceFrom(tf.mul(reduced, broadcast), 1), reduceFrom(broadcast, 1)];
}

/**
 * The sum of all values taken in; of several values a sample, all count.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(await new keras.metrics.Sum()([1, 2, 3], [1, 1, 2]).data()); // 9
 * ```
 */
export class Sum extends Metric {
  readonly total: tf.Variable;

  /** @param kind what the class has where the options say nothing */
  constructor(options: MetricOptions = {}, kind: MetricOptions = {}) {
    super(options, kind);
    this.total = this.addVariable();
  }

  override updateState(values: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const [sums] = bySample(values, sampleWeight, (x, axes) => tf.sum(x, axes));
      this.total.assign(tf.add(this.total, tf.sum(sums)) as tf.Scalar);
    });
  }

  override result(): tf.Tensor {
    return tf.clone(this.total);
  }
}

/**
 * The mean of all values taken in; of several values a sample, their mean counts.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const mean = new keras.metrics.Mean({ name: "train_loss" });
 * mean.resetState();
 * ```
 */
export class Mean extends Metric {
  readonly total: tf.Variable;
  readonly count: tf.Variable;

  /** @param kind what the class has where the options say nothing */
  constructor(options: MetricOptions = {}, kind: MetricOptions = {}) {
    super(options, kind);
    this.total = this.addVariable();
    this.count = this.addVariable();
  }

  /** @param sampleWeight how much each number (or all of them alike) counts */
  override updateState(values: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const [means, weights] = bySample(values, sampleWeight, (x, axes) => tf.mean(x, axes));
      const count = weights ? tf.sum(weights) : tf.scalar(means.shape[0] ?? 1);
      this.total.assign(tf.add(this.total, tf.sum(means)) as tf.Scalar);
      this.count.assign(tf.add(this.count, count) as tf.Scalar);
    });
  }

  override result(): tf.Tensor {
    return tf.tidy(() => tf.divNoNan(this.total, this.count));
  }
}

/** A function that gives a number a sample (or several). */
export type MeasureFunction<Settings> = (
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  settings: Settings,
) => tf.Tensor;

/** The mean of a function of labels and predictions: the base class of most metrics. */
export class MeanMetricWrapper<Settings extends object = Record<never, never>> extends Mean {
  /** The function's settings. */
  readonly settings: Readonly<Required<Settings>>;
  readonly #run: MeasureFunction<Required<Settings>>;

  /**
   * @param run gives a number a sample
   * @param defaults of the settings
   * @param kind the name and direction of a class' metrics
   */
  constructor(
    run: MeasureFunction<Required<Settings>>,
    options: MetricOptions & Settings = {} as MetricOptions & Settings,
    defaults: Required<Settings> = {} as Required<Settings>,
    kind: MetricOptions = {},
  ) {
    const [own, rest] = takeOptions(
      new.target.name,
      options,
      defaults as Readonly<Record<string, unknown>>,
    );
    super(rest, kind);
    this.settings = own as Required<Settings>;
    this.#run = run;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.settings };
  }

  /**
   * @param sampleWeight how much each sample counts
   * @param mask which samples, or steps of them, count at all
   */
  override updateState(
    yTrue: MetricInput,
    yPred: MetricInput,
    sampleWeight?: MetricInput,
    mask?: tf.Tensor,
  ): void {
    tf.tidy(() => {
      const values = this.#run(tensorOf(yTrue), tensorOf(yPred), this.settings);
      super.updateState(values, maskedWeight(sampleWeight, mask));
    });
  }
}

function tensorOf(values: MetricInput): tf.Tensor {
  return values instanceof tf.Tensor ? values : tf.tensor(values as tf.TensorLike);
}

/** Weights that are 0 where a mask is false. */
export function maskedWeight(
  weight: MetricInput | undefined,
  mask: tf.Tensor | undefined,
): MetricInput | undefined {
  if (mask === undefined) return weight;
  const counted = tf.cast(mask, "float32");
  if (weight === undefined) return counted;
  const [a, b] = sameRank(weight, counted);
  return tf.mul(alongFirstAxes(a, b), b);
}
