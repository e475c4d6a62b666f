/**
 * Cross entropies of classes. Follows https://keras.io/api/losses/probabilistic_losses/ (keras/src/losses/losses.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activeBackend } from "../engine/mod.ts";
import { checkNumber, readOptions } from "../options.ts";
import { FunctionLoss, type LossOptions, withLossMask } from "./loss.ts";
import { EPSILON, floats, type Values } from "./same_rank.ts";
import { asLogits } from "./softmax_logits.ts";
import { entriesAt } from "../ops/one_hot.ts";

/**
 * Logarithm of softmax over the last axis, as one kernel where there is one: `tf.logSoftmax` puts it together from five,
 * which take longer and round more often.
 */
function logSoftmax(logits: tf.Tensor): tf.Tensor {
  if (!activeBackend()) return tf.logSoftmax(logits);
  return tf.engine().runKernel(tf.LogSoftmax, { logits }, { axis: -1 }) as tf.Tensor;
}

/** Options of {@linkcode categoricalCrossentropy}. */
export interface CategoricalCrossentropySettings {
  /** Whether the predictions are logits; false unless given. */
  readonly fromLogits?: boolean;
  /** How much of every label is spread evenly over all classes, from 0 to 1; 0 unless given. */
  readonly labelSmoothing?: number;
  /** Where the classes lie; the last axis unless given. */
  readonly axis?: number;
}

/** Options of {@linkcode categoricalFocalCrossentropy}. */
export interface CategoricalFocalCrossentropySettings extends CategoricalCrossentropySettings {
  /** What every class counts; 0.25 unless given. */
  readonly alpha?: number;
  /** How little sure answers count; 2 unless given. */
  readonly gamma?: number;
}

/** Options of {@linkcode sparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropySettings {
  /** Whether the predictions are logits; false unless given. */
  readonly fromLogits?: boolean;
  /** A class whose samples do not count; none unless given. */
  readonly ignoreClass?: number | null;
  /** Where the classes lie; the last axis unless given. */
  readonly axis?: number;
}

/** The tensor with its classes on the last axis. */
function classesLast(x: tf.Tensor, axis: number): tf.Tensor {
  const at = axis < 0 ? axis + x.rank : axis;
  if (at === x.rank - 1) return x;
  const others = x.shape.map((_, i) => i).filter((i) => i !== at);
  return tf.transpose(x, [...others, at]);
}

/** Labels of which a share is spread evenly over the classes. */
function smoothed(labels: tf.Tensor, share: number): tf.Tensor {
  if (share === 0) return labels;
  return tf.add(tf.mul(labels, 1 - share), share / labels.shape.at(-1)!);
}

/** Keras makes the probabilities add up to 1 before it takes logarithms. */
function normalized(probabilities: tf.Tensor): tf.Tensor {
  const shares = tf.div(probabilities, tf.sum(probabilities, -1, true));
  return tf.clipByValue(shares, EPSILON, 1 - EPSILON);
}

/**
 * Cross entropy between one-hot (or any) distributions and predicted probabilities.
 *
 * @param yTrue and `yPred` of one shape
 */
export function categoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  options: CategoricalCrossentropySettings = {},
): tf.Tensor {
  const { fromLogits, labelSmoothing, axis } = readOptions("categoricalCrossentropy", options, {
    fromLogits: false,
    labelSmoothing: 0,
    axis: -1,
  });
  return tf.tidy(() => {
    const given = floats(yPred);
    const logits = asLogits("categoricalCrossentropy", given, fromLogits);
    const logs = logits
      ? logSoftmax(classesLast(logits, axis))
      : tf.log(normalized(classesLast(given, axis)));
    const labels = smoothed(classesLast(floats(yTrue), axis), labelSmoothing);
    return tf.neg(tf.sum(tf.mul(labels, logs), -1));
  });
}

/** Cross entropy in which sure answers count little (Lin et al., 2017). */
export function categoricalFocalCrossentropy(
  yTrue: Values,
  yPred: Values,
  options: CategoricalFocalCrossentropySettings = {},
): tf.Tensor {
  const { alpha, gamma, fromLogits, labelSmoothing, axis } = readOptions(
    "categoricalFocalCrossentropy",
    options,
    { alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 },
  );
  return tf.tidy(() => {
    const given = classesLast(floats(yPred), axis);
    const shares = normalized(fromLogits ? tf.softmax(given) : given);
    const labels = smoothed(classesLast(floats(yTrue), axis), labelSmoothing);
    const entropy = tf.mul(tf.neg(labels), tf.log(shares));
    const factor = tf.mul(tf.pow(tf.sub(1, shares), gamma), alpha);
    return tf.sum(tf.mul(factor, entropy), -1);
  });
}

/**
 * Cross entropy between class indices and predicted probabilities.
 *
 * @param yTrue class indices, the shape of `yPred` without its classes (or with 1 in their place)
 */
export function sparseCategoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  options: SparseCategoricalCrossentropySettings = {},
): tf.Tensor {
  const settings = readOptions("sparseCategoricalCrossentropy", options, SPARSE_DEFAULTS);
  return tf.tidy(() => sparseEntropies(yTrue, yPred, settings));
}

const SPARSE_DEFAULTS = { fromLogits: false, ignoreClass: null, axis: -1 };

/** {@linkcode sparseCategoricalCrossentropy}, whose mask lives as long as the caller's tidy. */
export function sparseEntropies(
  yTrue: Values,
  yPred: Values,
  { fromLogits, ignoreClass, axis }: Required<SparseCategoricalCrossentropySettings>,
): tf.Tensor {
  const logits = classesLast(logitsFrom(floats(yPred), fromLogits), axis);
  const labels = tf.cast(tf.reshape(yTrue as tf.Tensor, logits.shape.slice(0, -1)), "int32");
  if (ignoreClass === null) return entropyOf(labels, logits);
  const counts = tf.notEqual(labels, tf.scalar(ignoreClass, "int32"));
  const known = tf.where(counts, labels, tf.zerosLike(labels));
  const losses = tf.mul(entropyOf(known, logits), tf.cast(counts, "float32"));
  return withLossMask(losses, counts);
}

/** Predictions as logits whose softmax they are. */
function logitsFrom(yPred: tf.Tensor, fromLogits: boolean): tf.Tensor {
  return asLogits("sparseCategoricalCrossentropy", yPred, fromLogits) ??
    tf.log(tf.clipByValue(yPred, EPSILON, 1 - EPSILON));
}

function entropyOf(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.neg(entriesAt(logSoftmax(logits), labels));
}

/** Options of {@linkcode categoricalGeneralizedCrossEntropy}. */
export interface GeneralizedCrossEntropySettings {
  /** From 0, the cross entropy, to 1, the mean absolute error; 0.5 unless given. */
  readonly q?: number;
}

/** (1 - p^q) / q of the probability of the right class (Zhang and Sabuncu, 2018): bears wrong labels. */
export function categoricalGeneralizedCrossEntropy(
  yTrue: Values,
  yPred: Values,
  options: GeneralizedCrossEntropySettings = {},
): tf.Tensor {
  const { q } = readOptions("categoricalGeneralizedCrossEntropy", options, { q: 0.5 });
  checkNumber("categoricalGeneralizedCrossEntropy", "q", q, { above: 0, below: 1 });
  return tf.tidy(() => {
    const given = floats(yPred);
    const labels = tf.cast(tf.reshape(yTrue as tf.Tensor, given.shape.slice(0, -1)), "int32");
    return tf.div(tf.sub(1, tf.pow(entriesAt(given, labels), q)), q);
  });
}

/**
 * The loss class of {@linkcode sparseCategoricalCrossentropy}.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const loss = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
 * console.log(loss.name); // sparse_categorical_crossentropy
 * ```
 */
export class SparseCategoricalCrossentropy
  extends FunctionLoss<SparseCategoricalCrossentropySettings> {
  constructor(options: LossOptions & SparseCategoricalCrossentropySettings = {}) {
    super(sparseEntropies, options, SPARSE_DEFAULTS);
  }

  override labelShape(outputShape: readonly (number | null)[]): readonly (number | null)[] {
    const { axis } = this.settings;
    // The axis counts from the batch's.
    const at = axis < 0 ? axis + outputShape.length : axis - 1;
    return outputShape.filter((_, i) => i !== at);
  }

  override findFault(
    values: ArrayLike<number>,
    outputShape: readonly (number | null)[],
  ): string | null {
    const { axis, ignoreClass } = this.settings;
    const classes = outputShape.at(axis)!;
    for (let i = 0; i < values.length; i++) {
      const label = values[i];
      if (label === ignoreClass) continue;
      if (!Number.isInteger(label) || label < 0 || label >= classes) {
        return `y[${i}] is ${label}, expected a class from 0 to ${classes - 1}`;
      }
    }
    return null;
  }
}

/** The loss class of {@linkcode categoricalCrossentropy}. */
export class CategoricalCrossentropy extends FunctionLoss<CategoricalCrossentropySettings> {
  constructor(options: LossOptions & CategoricalCrossentropySettings = {}) {
    super(categoricalCrossentropy, options, { fromLogits: false, labelSmoothing: 0, axis: -1 });
    const { labelSmoothing } = this.settings;
    checkNumber("CategoricalCrossentropy", "labelSmoothing", labelSmoothing, { from: 0, to: 1 });
  }
}

/** The loss class of {@linkcode categoricalFocalCrossentropy}. */
export class CategoricalFocalCrossentropy
  extends FunctionLoss<CategoricalFocalCrossentropySettings> {
  constructor(options: LossOptions & CategoricalFocalCrossentropySettings = {}) {
    super(categoricalFocalCrossentropy, options, {
      alpha: 0.25,
      gamma: 2,
      fromLogits: false,
      labelSmoothing: 0,
      axis: -1,
    });
    const { labelSmoothing } = this.settings;
    checkNumber(new.target.name, "labelSmoothing", labelSmoothing, { from: 0, to: 1 });
  }
}

/** The loss class of {@linkcode categoricalGeneralizedCrossEntropy}. */
export class CategoricalGeneralizedCrossEntropy
  extends FunctionLoss<GeneralizedCrossEntropySettings> {
  constructor(options: LossOptions & GeneralizedCrossEntropySettings = {}) {
    super(categoricalGeneralizedCrossEntropy, options, { q: 0.5 });
    checkNumber(new.target.name, "q", this.settings.q, { above: 0, below: 1 });
  }

  override labelShape(outputShape: readonly (number | null)[]): readonly (number | null)[] {
    return outputShape.slice(0, -1);
  }
}
