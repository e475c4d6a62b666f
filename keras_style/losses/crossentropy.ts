/**
 * Cross entropies.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activeBackend } from "../engine/mod.ts";
import { Loss, type LossOptions } from "./loss.ts";
import { logitsOf } from "./softmax_logits.ts";

/** Keras' `backend.epsilon()`: probabilities are kept this far from 0 and 1. */
const EPSILON = 1e-7;

/**
 * Logarithm of softmax over the last axis, as one kernel where there is one: `tf.logSoftmax` puts it together from five,
 * which take longer and round more often.
 */
function logSoftmax(logits: tf.Tensor): tf.Tensor {
  if (!activeBackend()) return tf.logSoftmax(logits);
  return tf.engine().runKernel(tf.LogSoftmax, { logits }, { axis: -1 }) as tf.Tensor;
}

/** Options of the cross entropies. */
export interface CrossentropyOptions extends LossOptions {
  /** Whether the predictions are scores before softmax (sigmoid); false unless given. */
  readonly fromLogits?: boolean;
}

/** Predictions as scores whose softmax they are. */
function scores(yPred: tf.Tensor, fromLogits: boolean): tf.Tensor {
  if (fromLogits) return yPred;
  return logitsOf(yPred) ?? tf.log(tf.clipByValue(yPred, EPSILON, 1 - EPSILON));
}

/**
 * Cross entropy between class numbers and predicted probabilities (or scores, with `fromLogits`).
 * Follows https://keras.io/api/losses/probabilistic_losses/#sparsecategoricalcrossentropy-class
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const loss = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
 * console.log(loss.name); // sparse_categorical_crossentropy
 * ```
 */
export class SparseCategoricalCrossentropy extends Loss {
  readonly fromLogits: boolean;

  constructor(options: CrossentropyOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits };
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const classes = yPred.shape.at(-1)!;
    const labels = tf.cast(tf.reshape(yTrue, yPred.shape.slice(0, -1)), "int32");
    const chosen = tf.oneHot(labels as tf.Tensor1D, classes);
    const logs = logSoftmax(scores(yPred, this.fromLogits));
    return tf.neg(tf.sum(tf.mul(tf.cast(chosen, "float32"), logs), -1));
  }

  override labelShape(outputShape: readonly (number | null)[]): readonly (number | null)[] {
    return outputShape.slice(0, -1);
  }

  override findFault(
    values: ArrayLike<number>,
    outputShape: readonly (number | null)[],
  ): string | null {
    const classes = outputShape.at(-1)!;
    for (let i = 0; i < values.length; i++) {
      const label = values[i];
      if (!Number.isInteger(label) || label < 0 || label >= classes) {
        return `y[${i}] is ${label}, expected a class from 0 to ${classes - 1}`;
      }
    }
    return null;
  }
}

/** Cross entropy between one-hot (or any) distributions and predicted probabilities. */
export class CategoricalCrossentropy extends Loss {
  readonly fromLogits: boolean;

  constructor(options: CrossentropyOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits };
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const known = this.fromLogits ? yPred : logitsOf(yPred);
    const logs = known ? logSoftmax(known) : normalizedLogs(yPred);
    return tf.neg(tf.sum(tf.mul(tf.cast(yTrue, "float32"), logs), -1));
  }
}

/** Keras makes the probabilities add up to 1 before it takes logarithms. */
function normalizedLogs(yPred: tf.Tensor): tf.Tensor {
  const shares = tf.div(yPred, tf.sum(yPred, -1, true));
  return tf.log(tf.clipByValue(shares, EPSILON, 1 - EPSILON));
}

/** Cross entropy of yes-or-no answers, the mean over the last axis. */
export class BinaryCrossentropy extends Loss {
  readonly fromLogits: boolean;

  constructor(options: CrossentropyOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits };
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const answers = tf.cast(tf.reshape(yTrue, yPred.shape), "float32");
    const losses = this.fromLogits ? fromScores(answers, yPred) : fromShares(answers, yPred);
    return tf.mean(losses, -1);
  }
}

/** max(x, 0) - x y + log(1 + exp(-|x|)): finite for every score. */
function fromScores(y: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const small = tf.log1p(tf.exp(tf.neg(tf.abs(x))));
  return tf.add(tf.sub(tf.relu(x), tf.mul(x, y)), small);
}

function fromShares(y: tf.Tensor, p: tf.Tensor): tf.Tensor {
  const clipped = tf.clipByValue(p, EPSILON, 1 - EPSILON);
  const yes = tf.mul(y, tf.log(clipped));
  const no = tf.mul(tf.sub(1, y), tf.log(tf.sub(1, clipped)));
  return tf.neg(tf.add(yes, no));
}
