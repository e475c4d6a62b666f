/**
 * Losses that end where a margin is reached; labels are -1 and 1 (or 0 and 1).
 * Follows https://keras.io/api/losses/hinge_losses/ (keras/src/losses/losses.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { FunctionLoss, type LossOptions } from "./loss.ts";
import { sameRank, type Values } from "./same_rank.ts";

/** Labels that are all 0 or 1 become -1 and 1. */
function signs(labels: tf.Tensor): tf.Tensor {
  const areBinary = tf.all(tf.logicalOr(tf.equal(labels, 0), tf.equal(labels, 1)));
  return tf.where(areBinary, tf.sub(tf.mul(labels, 2), 1), labels);
}

function margins(yTrue: Values, yPred: Values): tf.Tensor {
  const [truth, prediction] = sameRank(yTrue, yPred);
  return tf.maximum(tf.sub(1, tf.mul(signs(truth), prediction)), 0);
}

/** Mean of max(1 - label prediction, 0) over the last axis. */
export function hinge(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => tf.mean(margins(yTrue, yPred), -1));
}

/** Mean of max(1 - label prediction, 0)² over the last axis. */
export function squaredHinge(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.square(margins(yTrue, yPred)), -1));
}

/** max(1 + greatest wrong logit - right logit, 0), of one-hot labels. */
export function categoricalHinge(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    const right = tf.sum(tf.mul(truth, prediction), -1);
    const wrong = tf.max(tf.mul(tf.sub(1, truth), prediction), -1);
    return tf.maximum(tf.add(tf.sub(wrong, right), 1), 0);
  });
}

/** The loss class of {@linkcode hinge}. */
export class Hinge extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(hinge, options, {});
  }
}

/** The loss class of {@linkcode squaredHinge}. */
export class SquaredHinge extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(squaredHinge, options, {});
  }
}

/** The loss class of {@linkcode categoricalHinge}. */
export class CategoricalHinge extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(categoricalHinge, options, {});
  }
}
