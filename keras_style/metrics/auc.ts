/**
 * The area under a curve. Source: keras/src/metrics/confusion_metrics.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { floats } from "../losses/same_rank.ts";
import { checkChoice, checkNumber, takeOptions } from "../options.ts";
import type { Confusion, ConfusionSettings } from "./confusion.ts";
import { evenThresholds, thresholdList } from "./confusion.ts";
import { ConfusionMetric } from "./confusion_metrics.ts";
import type { MetricInput, MetricOptions } from "./metric.ts";

/** Which curve: recall over false positives, precision over recall, or precision gain over recall gain. */
export type AucCurve = "ROC" | "PR" | "PRGAIN";

/** How the area between two points is found. */
export type AucSummation = "interpolation" | "majoring" | "minoring";

/** Options of {@linkcode AUC}. */
export interface AUCOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 make up the curve; 200 unless given. */
  readonly numThresholds?: number;
  /** "ROC" unless given. */
  readonly curve?: AucCurve;
  /** "interpolation" unless given. */
  readonly summationMethod?: AucSummation;
  /** Thresholds between 0 and 1, instead of even ones. */
  readonly thresholds?: readonly number[] | null;
  /** Whether every label has a curve of its own, of whose areas the mean is taken; false unless given. */
  readonly multiLabel?: boolean;
  /** How many labels there are; found at the first batch unless given. */
  readonly numLabels?: number | null;
  /** How much each label counts. */
  readonly labelWeights?: readonly number[] | null;
  /** Whether predictions are logits; false unless given. */
  readonly fromLogits?: boolean;
}

const DEFAULTS = {
  numThresholds: 200,
  curve: "ROC",
  summationMethod: "interpolation",
  thresholds: null,
  multiLabel: false,
  numLabels: null,
  labelWeights: null,
  fromLogits: false,
};

/** As far outside of 0 and 1 the first and last threshold lie. */
const EPSILON = 1e-7;

/**
 * The area under the ROC curve (or another): 1 for perfect answers, 0.5 for random ones.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const auc = new keras.metrics.AUC({ numThresholds: 3 });
 * console.log(await auc([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).data()); // 0.75
 * ```
 */
export class AUC extends ConfusionMetric {
  readonly settings: Readonly<Required<Omit<AUCOptions, keyof MetricOptions>>>;
  readonly #thresholds: readonly number[];

  constructor(options: AUCOptions = {}) {
    const [own, rest] = takeOptions("AUC", options, DEFAULTS);
    super(rest, { direction: "up" });
    this.settings = own;
    checkChoice("AUC", "curve", own.curve, ["ROC", "PR", "PRGAIN"]);
    checkChoice("AUC", "summationMethod", own.summationMethod, [
      "interpolation",
      "majoring",
      "minoring",
    ]);
    checkNumber("AUC", "numThresholds", own.numThresholds, { from: 2, integer: true });
    const inner = own.thresholds === null
      ? evenThresholds(own.numThresholds).slice(1, -1)
      : [...thresholdList("AUC", own.thresholds)].sort((a, b) => a - b);
    this.#thresholds = [-EPSILON, ...inner, 1 + EPSILON];
    if (!own.multiLabel) this.build([this.#thresholds.length]);
    else if (own.numLabels !== null) this.build([this.#thresholds.length, own.numLabels]);
  }

  protected override get counted(): (keyof Confusion)[] {
    return ["truePositives", "falsePositives", "trueNegatives", "falseNegatives"];
  }

  protected override get comparison(): ConfusionSettings {
    const { multiLabel, labelWeights } = this.settings;
    return {
      thresholds: this.#thresholds,
      multiLabel,
      labelWeights: multiLabel ? null : labelWeights,
    };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.settings };
  }

  override updateState(
    yTrue: MetricInput,
    yPred: MetricInput,
    sampleWeight?: MetricInput,
    mask?: tf.Tensor,
  ): void {
    tf.tidy(() => {
      const prediction = this.settings.fromLogits ? tf.sigmoid(floats(yPred)) : yPred;
      super.updateState(yTrue, prediction, sampleWeight, mask);
    });
  }

  override result(): tf.Tensor {
    return tf.tidy(() => {
      const { curve, summationMethod } = this.settings;
      const counts = this.counts();
      const isInterpolated = curve === "PR" && summationMethod === "interpolation";
      return this.#total(isInterpolated ? interpolatedPr(counts) : this.#riemann(counts));
    });
  }

  /** Adds the parts up, over the labels as well. */
  #total(parts: tf.Tensor): tf.Tensor {
    const { multiLabel, labelWeights } = this.settings;
    if (!multiLabel) return tf.sum(parts);
    const areas = tf.sum(parts, 0);
    if (labelWeights === null) return tf.mean(areas);
    const weights = tf.tensor1d([...labelWeights]);
    return tf.divNoNan(tf.sum(tf.mul(areas, weights)), tf.sum(weights));
  }

  #riemann(counts: Confusion): tf.Tensor {
    const [x, y] = this.#points(counts);
    const { summationMethod } = this.settings;
    const [left, right] = neighbors(y);
    const height = summationMethod === "interpolation"
      ? tf.div(tf.add(left, right), 2)
      : summationMethod === "minoring"
      ? tf.minimum(left, right)
      : tf.maximum(left, right);
    const [from, to] = neighbors(x);
    return tf.mul(tf.sub(from, to), height);
  }

  #points(counts: Confusion): [x: tf.Tensor, y: tf.Tensor] {
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts;
    const { curve } = this.settings;
    if (curve === "PRGAIN") return gains(counts);
    const recall = this.share(truePositives, falseNegatives);
    if (curve === "ROC") return [this.share(falsePositives, trueNegatives), recall];
    return [recall, this.share(truePositives, falsePositives)];
  }
}

/** All but the last, and all but the first. */
function neighbors(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const size = [x.shape[0]! - 1, ...x.shape.slice(1)];
  const begin = (at: number) => x.shape.map((_, axis) => axis === 0 ? at : 0);
  return [tf.slice(x, begin(0), size), tf.slice(x, begin(1), size)];
}

/** Recall gain and precision gain (Flach and Kull, 2015). */
function gains(counts: Confusion): [x: tf.Tensor, y: tf.Tensor] {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts;
  const scale = tf.divNoNan(
    tf.add(truePositives, falseNegatives),
    tf.add(trueNegatives, falsePositives),
  );
  const isNone = tf.equal(truePositives, 0);
  const gain = (wrong: tf.Tensor, atNone: number) => {
    const value = tf.sub(1, tf.mul(scale, tf.divNoNan(wrong, truePositives)));
    return tf.where(isNone, tf.fill(value.shape, atNone), value);
  };
  return [tf.maximum(gain(falseNegatives, 0), 0), gain(falsePositives, 1)];
}

/** Parts of the area under the precision-recall curve (Davis and Goadrich, 2006). */
function interpolatedPr(counts: Confusion): tf.Tensor {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const [hit, nextHit] = neighbors(truePositives);
  const [all, nextAll] = neighbors(tf.add(truePositives, falsePositives));
  const hits = tf.sub(hit, nextHit);
  const slope = tf.divNoNan(hits, tf.maximum(tf.sub(all, nextAll), 0));
  const intercept = tf.sub(nextHit, tf.mul(slope, nextAll));
  const areBoth = tf.logicalAnd(tf.greater(all, 0), tf.greater(nextAll, 0));
  const ratio = tf.where(areBoth, tf.divNoNan(all, tf.maximum(nextAll, 0)), tf.onesLike(nextAll));
  const [, missed] = neighbors(falseNegatives);
  return tf.divNoNan(
    tf.mul(slope, tf.add(hits, tf.mul(intercept, tf.log(ratio)))),
    tf.maximum(tf.add(nextHit, missed), 0),
  );
}
