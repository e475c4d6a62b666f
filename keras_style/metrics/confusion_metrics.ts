/**
 * Metrics of answers of 0 and 1 at thresholds. Follows https://keras.io/api/metrics/classification_metrics/
 * (keras/src/metrics/confusion_metrics.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, takeOptions } from "../options.ts";
import {
  type Confusion,
  confusionOf,
  type ConfusionSettings,
  evenThresholds,
  thresholdList,
  type Thresholds,
} from "./confusion.ts";
import { Metric, type MetricInput, type MetricOptions } from "./metric.ts";
import { maskedWeight } from "./reduction.ts";

/** A metric that counts what is above thresholds. */
export abstract class ConfusionMetric extends Metric {
  #counts: Partial<Record<keyof Confusion, tf.Variable>> = {};

  /** What is counted. */
  protected abstract readonly counted: readonly (keyof Confusion)[];

  /** How predictions are compared with labels. */
  protected abstract readonly comparison: ConfusionSettings;

  /** The counts so far. */
  protected counts(): Confusion {
    const { thresholds } = this.comparison;
    return this.build([thresholds.length]) as unknown as Confusion;
  }

  /** Makes the counts, once. */
  protected build(shape: readonly number[]): Partial<Record<keyof Confusion, tf.Variable>> {
    for (const name of this.counted) this.#counts[name] ??= this.addVariable({ shape });
    return this.#counts;
  }

  override updateState(
    yTrue: MetricInput,
    yPred: MetricInput,
    sampleWeight?: MetricInput,
    mask?: tf.Tensor,
  ): void {
    tf.tidy(() => {
      const found = confusionOf(yTrue, yPred, maskedWeight(sampleWeight, mask), this.comparison);
      const counts = this.build(found.truePositives.shape);
      for (const name of this.counted) {
        counts[name]!.assign(tf.add(counts[name]!, found[name]));
      }
    });
  }

  /** a / (a + b), 0 where both are 0. */
  protected share(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return tf.divNoNan(a, tf.add(a, b));
  }
}

/** One number for one threshold, else a number a threshold. */
function perThreshold(values: tf.Tensor): tf.Tensor {
  return values.size === 1 ? tf.reshape(values, []) : tf.clone(values);
}

/** Options of {@linkcode TruePositives} and the like. */
export interface ThresholdOptions extends MetricOptions {
  /** Above which a prediction is a yes, from 0 to 1; 0.5 unless given. */
  readonly thresholds?: Thresholds | null;
}

abstract class CountMetric extends ConfusionMetric {
  readonly thresholds: readonly number[];
  readonly #given: Thresholds | null;

  constructor(options: ThresholdOptions) {
    const owner = new.target.name;
    const [{ thresholds }, rest] = takeOptions(owner, options, { thresholds: null });
    super(rest);
    this.#given = thresholds;
    this.thresholds = thresholdList(owner, thresholds);
    this.build([this.thresholds.length]);
  }

  protected override get comparison(): ConfusionSettings {
    return { thresholds: this.thresholds };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), thresholds: this.#given };
  }

  override result(): tf.Tensor {
    return tf.tidy(() => perThreshold(this.counts()[this.counted[0]]));
  }
}

/** How many labels of 1 are found. */
export class TruePositives extends CountMetric {
  constructor(options: ThresholdOptions = {}) {
    super(options);
  }

  protected override get counted(): ["truePositives"] {
    return ["truePositives"];
  }
}

/** How many labels of 0 are taken for 1. */
export class FalsePositives extends CountMetric {
  constructor(options: ThresholdOptions = {}) {
    super(options);
  }

  protected override get counted(): ["falsePositives"] {
    return ["falsePositives"];
  }
}

/** How many labels of 0 are found. */
export class TrueNegatives extends CountMetric {
  constructor(options: ThresholdOptions = {}) {
    super(options);
  }

  protected override get counted(): ["trueNegatives"] {
    return ["trueNegatives"];
  }
}

/** How many labels of 1 are taken for 0. */
export class FalseNegatives extends CountMetric {
  constructor(options: ThresholdOptions = {}) {
    super(options);
  }

  protected override get counted(): ["falseNegatives"] {
    return ["falseNegatives"];
  }
}

/** Options of {@linkcode Precision} and {@linkcode Recall}. */
export interface PrecisionOptions extends ThresholdOptions {
  /** Only the k best predictions of a row count; all unless given. */
  readonly topK?: number | null;
  /** The only class that counts; all unless given. */
  readonly classId?: number | null;
}

abstract class ShareMetric extends ConfusionMetric {
  readonly thresholds: readonly number[];
  readonly topK: number | null;
  readonly classId: number | null;
  readonly #given: Thresholds | null;

  constructor(options: PrecisionOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      thresholds: null,
      topK: null,
      classId: null,
    });
    super(rest, { direction: "up" });
    this.#given = own.thresholds;
    this.topK = own.topK;
    this.classId = own.classId;
    if (this.topK !== null) checkNumber(owner, "topK", this.topK, { from: 1, integer: true });
    if (this.classId !== null) {
      checkNumber(owner, "classId", this.classId, { from: 0, integer: true });
    }
    this.thresholds = thresholdList(owner, own.thresholds, own.topK);
    this.build([this.thresholds.length]);
  }

  protected override get comparison(): ConfusionSettings {
    return this;
  }

  override getConfig(): Record<string, unknown> {
    const { topK, classId } = this;
    return { ...super.getConfig(), thresholds: this.#given, topK, classId };
  }

  override result(): tf.Tensor {
    const [first, second] = this.counted;
    return tf.tidy(() => {
      const counts = this.counts();
      return perThreshold(this.share(counts[first], counts[second]));
    });
  }
}

/**
 * Which share of what is found is right.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const precision = new keras.metrics.Precision();
 * console.log(await precision([0, 1, 1, 1], [1, 0, 1, 1]).data()); // 0.6667
 * ```
 */
export class Precision extends ShareMetric {
  constructor(options: PrecisionOptions = {}) {
    super(options);
  }

  protected override get counted(): ["truePositives", "falsePositives"] {
    return ["truePositives", "falsePositives"];
  }
}

/** Which share of what is to be found is found. */
export class Recall extends ShareMetric {
  constructor(options: PrecisionOptions = {}) {
    super(options);
  }

  protected override get counted(): ["truePositives", "falseNegatives"] {
    return ["truePositives", "falseNegatives"];
  }
}

/** Options of {@linkcode SensitivityAtSpecificity} and the like. */
export interface AtValueOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 are tried; 200 unless given. */
  readonly numThresholds?: number;
  /** The only class that counts; all unless given. */
  readonly classId?: number | null;
}

/** The best of one share among the thresholds where another share is at least a value. */
abstract class BestUnderConstraint extends ConfusionMetric {
  readonly numThresholds: number;
  readonly classId: number | null;
  readonly #thresholds: readonly number[];
  readonly #value: number;
  readonly #option: string;

  constructor(option: string, options: AtValueOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      [option]: undefined,
      numThresholds: 200,
      classId: null,
    });
    super(rest, { direction: "up" });
    this.#option = option;
    this.#value = checkNumber(owner, option, own[option], { from: 0, to: 1 });
    this.numThresholds = checkNumber(owner, "numThresholds", own.numThresholds, {
      from: 1,
      integer: true,
    });
    this.classId = own.classId as number | null;
    this.#thresholds = this.numThresholds === 1 ? [0.5] : evenThresholds(this.numThresholds);
    this.build([this.numThresholds]);
  }

  protected override get counted(): (keyof Confusion)[] {
    return ["truePositives", "falsePositives", "trueNegatives", "falseNegatives"];
  }

  protected override get comparison(): ConfusionSettings {
    return { thresholds: this.#thresholds, classId: this.classId };
  }

  override getConfig(): Record<string, unknown> {
    const { numThresholds, classId } = this;
    return { ...super.getConfig(), [this.#option]: this.#value, numThresholds, classId };
  }

  /** The share that is held to the value, and the one that is to be best. */
  protected abstract shares(counts: Confusion): [constrained: tf.Tensor, wanted: tf.Tensor];

  override result(): tf.Tensor {
    return tf.tidy(() => {
      const [constrained, wanted] = this.shares(this.counts());
      const isAllowed = tf.greaterEqual(constrained, this.#value);
      return tf.max(tf.where(isAllowed, wanted, tf.zerosLike(wanted)));
    });
  }
}

/** The best recall ("sensitivity") of labels of 1 at which labels of 0 are found as often as wanted. */
export class SensitivityAtSpecificity extends BestUnderConstraint {
  /** @param options `specificity`, from 0 to 1, is needed */
  constructor(options: AtValueOptions & { readonly specificity: number }) {
    super("specificity", options);
  }

  protected override shares(counts: Confusion): [tf.Tensor, tf.Tensor] {
    return [
      this.share(counts.trueNegatives, counts.falsePositives),
      this.share(counts.truePositives, counts.falseNegatives),
    ];
  }
}

/** How often labels of 0 are found at best where labels of 1 are found as often as wanted. */
export class SpecificityAtSensitivity extends BestUnderConstraint {
  /** @param options `sensitivity`, from 0 to 1, is needed */
  constructor(options: AtValueOptions & { readonly sensitivity: number }) {
    super("sensitivity", options);
  }

  protected override shares(counts: Confusion): [tf.Tensor, tf.Tensor] {
    return [
      this.share(counts.truePositives, counts.falseNegatives),
      this.share(counts.trueNegatives, counts.falsePositives),
    ];
  }
}

/** The best precision at which the recall is as high as wanted. */
export class PrecisionAtRecall extends BestUnderConstraint {
  /** @param options `recall`, from 0 to 1, is needed */
  constructor(options: AtValueOptions & { readonly recall: number }) {
    super("recall", options);
  }

  protected override shares(counts: Confusion): [tf.Tensor, tf.Tensor] {
    return [
      this.share(counts.truePositives, counts.falseNegatives),
      this.share(counts.truePositives, counts.falsePositives),
    ];
  }
}

/** The best recall at which the precision is as high as wanted. */
export class RecallAtPrecision extends BestUnderConstraint {
  /** @param options `precision`, from 0 to 1, is needed */
  constructor(options: AtValueOptions & { readonly precision: number }) {
    super("precision", options);
  }

  protected override shares(counts: Confusion): [tf.Tensor, tf.Tensor] {
    return [
      this.share(counts.truePositives, counts.falsePositives),
      this.share(counts.truePositives, counts.falseNegatives),
    ];
  }
}
