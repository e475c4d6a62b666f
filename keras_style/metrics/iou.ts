/**
 * How much predicted regions overlap labelled ones. Source: keras/src/metrics/iou_metrics.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, requireOption, show, takeOptions } from "../options.ts";
import { Metric, type MetricInput, type MetricOptions } from "./metric.ts";
import { oneHotVectors } from "../ops/one_hot.ts";

/** Options that all of these metrics take. */
export interface IoUBaseOptions extends MetricOptions {
  /** In what the pixels are counted: "int32" (unless given) cuts weights to integers. */
  readonly dtype?: "int32" | "float32";
}

/** Options of {@linkcode MeanIoU}. */
export interface MeanIoUOptions extends IoUBaseOptions {
  readonly numClasses: number;
  /** A class whose labels do not count; none unless given. */
  readonly ignoreClass?: number | null;
  /** Whether labels are class indices (true, unless given) or distributions over the classes. */
  readonly sparseYTrue?: boolean;
  /** Whether predictions are class indices (true, unless given) or distributions over the classes. */
  readonly sparseYPred?: boolean;
  /** Where the classes lie in distributions; the last axis unless given. */
  readonly axis?: number;
}

/** Options of {@linkcode IoU}. */
export interface IoUOptions extends MeanIoUOptions {
  /** Of which classes the mean is taken. */
  readonly targetClassIds: readonly number[];
}

const DEFAULTS = {
  dtype: "int32",
  ignoreClass: null,
  sparseYTrue: true,
  sparseYPred: true,
  axis: -1,
};

const EPSILON = 1e-7;

function tensorOf(values: MetricInput): tf.Tensor {
  return values instanceof tf.Tensor ? values : tf.tensor(values as tf.TensorLike);
}

/** Overlap / union of the regions of some classes, the mean over those of them that there are. */
export class IoU extends Metric {
  readonly numClasses: number;
  readonly targetClassIds: readonly number[];
  readonly ignoreClass: number | null;
  readonly sparseYTrue: boolean;
  readonly sparseYPred: boolean;
  readonly axis: number;
  readonly dtype: "int32" | "float32";
  /** How many pixels of each class [label, prediction]. */
  readonly #total: tf.Variable;

  constructor(options: IoUOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      ...DEFAULTS,
      numClasses: undefined,
      targetClassIds: undefined,
    });
    super(rest, { direction: "up" });
    this.numClasses = checkNumber(owner, "numClasses", own.numClasses, { from: 1, integer: true });
    this.targetClassIds = requireOption(owner, "targetClassIds", own.targetClassIds, "class ids");
    const outside = this.targetClassIds.find((id) => !(id >= 0 && id < this.numClasses));
    if (outside !== undefined) {
      throw new RangeError(
        `${owner}: targetClassIds has ${show(outside)}, expected classes from 0 to ` +
          `${this.numClasses - 1}`,
      );
    }
    this.ignoreClass = own.ignoreClass;
    this.sparseYTrue = own.sparseYTrue;
    this.sparseYPred = own.sparseYPred;
    this.axis = own.axis;
    this.dtype = checkChoice(owner, "dtype", own.dtype, ["int32", "float32"]);
    this.#total = this.addVariable({
      shape: [this.numClasses, this.numClasses],
      dtype: this.dtype,
    });
  }

  override getConfig(): Record<string, unknown> {
    const { numClasses, targetClassIds, ignoreClass, sparseYTrue, sparseYPred, axis, dtype } = this;
    return {
      ...super.getConfig(),
      numClasses,
      targetClassIds,
      ignoreClass,
      sparseYTrue,
      sparseYPred,
      axis,
      dtype,
    };
  }

  override updateState(yTrue: MetricInput, yPred: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const truth = this.#classes(tensorOf(yTrue), this.sparseYTrue);
      const prediction = this.#classes(tensorOf(yPred), this.sparseYPred);
      const weights = this.#weights(truth, prediction, sampleWeight);
      const oneHot = (x: tf.Tensor) =>
        tf.cast(oneHotVectors(x, this.numClasses), "float32") as tf.Tensor2D;
      const weighted = tf.mul(oneHot(truth), tf.expandDims(weights, 1)) as tf.Tensor2D;
      const counts = tf.matMul(weighted, oneHot(prediction), true);
      this.#total.assign(tf.add(this.#total, tf.cast(counts, this.dtype)));
    });
  }

  /** Class indices, in a row. */
  #classes(x: tf.Tensor, isSparse: boolean): tf.Tensor {
    const axis = this.axis < 0 ? this.axis + x.rank : this.axis;
    return tf.reshape(isSparse ? tf.cast(x, "int32") : tf.argMax(x, axis), [-1]);
  }

  /** How much each pixel counts: not at all where a class is none of those there are, or ignored. */
  #weights(
    truth: tf.Tensor,
    prediction: tf.Tensor,
    sampleWeight: MetricInput | undefined,
  ): tf.Tensor {
    const isClass = (x: tf.Tensor) =>
      tf.logicalAnd(tf.greaterEqual(x, 0), tf.less(x, tf.scalar(this.numClasses, "int32")));
    let counts = tf.logicalAnd(isClass(truth), isClass(prediction));
    if (this.ignoreClass !== null) {
      counts = tf.logicalAnd(counts, tf.notEqual(truth, tf.scalar(this.ignoreClass, "int32")));
    }
    const counted = tf.cast(counts, "float32");
    if (sampleWeight === undefined) return counted;
    const given = tf.cast(tf.cast(tensorOf(sampleWeight), this.dtype), "float32");
    return tf.mul(tf.broadcastTo(tf.reshape(given, [-1]), truth.shape), counted);
  }

  override result(): tf.Tensor {
    return tf.tidy(() => {
      const total = tf.cast(this.#total, "float32");
      const overlap = tf.sum(tf.mul(total, tf.eye(this.numClasses)), 1);
      const union = tf.sub(tf.add(tf.sum(total, 0), tf.sum(total, 1)), overlap);
      const ids = tf.tensor1d([...this.targetClassIds], "int32");
      const [overlaps, unions] = [overlap, union].map((x) => tf.gather(x, ids));
      const isThere = tf.cast(tf.greater(unions, 1e-9), "float32");
      const shares = tf.mul(tf.div(overlaps, tf.add(unions, EPSILON)), isThere);
      return tf.div(tf.sum(shares), tf.add(tf.sum(isThere), EPSILON));
    });
  }
}

function allClasses(numClasses: unknown): number[] {
  return Array.from({ length: Number(numClasses) || 0 }, (_, id) => id);
}

/** {@linkcode IoU} of all classes. */
export class MeanIoU extends IoU {
  constructor(options: MeanIoUOptions) {
    super({ ...options, targetClassIds: allClasses(options?.numClasses) });
  }

  override getConfig(): Record<string, unknown> {
    const { targetClassIds: _, ...config } = super.getConfig();
    return config;
  }
}

/** Options of {@linkcode BinaryIoU}. */
export interface BinaryIoUOptions extends IoUBaseOptions {
  /** Of which of the classes 0 and 1 the mean is taken; both unless given. */
  readonly targetClassIds?: readonly number[];
  /** From which on a prediction is class 1; 0.5 unless given. */
  readonly threshold?: number;
}

/** {@linkcode IoU} of regions above and below a threshold. */
export class BinaryIoU extends IoU {
  readonly threshold: number;

  constructor(options: BinaryIoUOptions = {}) {
    const [own, rest] = takeOptions("BinaryIoU", options, {
      targetClassIds: [0, 1] as readonly number[],
      threshold: 0.5,
    });
    super({ ...rest, numClasses: 2, targetClassIds: own.targetClassIds });
    this.threshold = checkNumber("BinaryIoU", "threshold", own.threshold);
  }

  override getConfig(): Record<string, unknown> {
    const { name, targetClassIds, dtype } = super.getConfig();
    return { name, targetClassIds, dtype, threshold: this.threshold };
  }

  override updateState(yTrue: MetricInput, yPred: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const answers = tf.cast(tf.greaterEqual(tensorOf(yPred), this.threshold), "int32");
      super.updateState(yTrue, answers, sampleWeight);
    });
  }
}

/** Options of {@linkcode OneHotIoU}. */
export type OneHotIoUOptions = Omit<IoUOptions, "sparseYTrue">;

/** {@linkcode IoU} of one-hot labels and, unless set otherwise, distributions as predictions. */
export class OneHotIoU extends IoU {
  constructor(options: OneHotIoUOptions) {
    super({ sparseYPred: false, ...options, sparseYTrue: false });
  }

  override getConfig(): Record<string, unknown> {
    const { sparseYTrue: _, ...config } = super.getConfig();
    return config;
  }
}

/** Options of {@linkcode OneHotMeanIoU}. */
export type OneHotMeanIoUOptions = Omit<MeanIoUOptions, "sparseYTrue">;

/** {@linkcode OneHotIoU} of all classes. */
export class OneHotMeanIoU extends IoU {
  constructor(options: OneHotMeanIoUOptions) {
    const targetClassIds = allClasses(options?.numClasses);
    super({ sparseYPred: false, ...options, targetClassIds, sparseYTrue: false });
  }

  override getConfig(): Record<string, unknown> {
    const { sparseYTrue: _, targetClassIds: __, ...config } = super.getConfig();
    return config;
  }
}
