/**
 * Losses between values: the mean over the last axis is a sample's loss.
 * Follows https://keras.io/api/losses/regression_losses/ (keras/src/losses/losses.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { absolute, withoutGradient } from "../ops/gradients.ts";
import { checkNumber, readOptions } from "../options.ts";
import { FunctionLoss, type LossOptions } from "./loss.ts";
import { EPSILON, sameRank, type Values } from "./same_rank.ts";

/** The mean over the last axis of what is computed of labels and predictions. */
function meanOf(
  yTrue: Values,
  yPred: Values,
  compute: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const [truth, prediction] = sameRank(yTrue, yPred);
    return tf.mean(compute(truth, prediction), -1);
  });
}

/** Mean of the squares of the differences. */
export function meanSquaredError(yTrue: Values, yPred: Values): tf.Tensor {
  return meanOf(yTrue, yPred, (truth, prediction) => tf.square(tf.sub(prediction, truth)));
}

/** Mean of the differences without their sign. */
export function meanAbsoluteError(yTrue: Values, yPred: Values): tf.Tensor {
  return meanOf(yTrue, yPred, (truth, prediction) => absolute(tf.sub(prediction, truth)));
}

/** Mean of the differences without their sign, in percent of the labels. */
export function meanAbsolutePercentageError(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => {
    const shares = meanOf(yTrue, yPred, (truth, prediction) => {
      const size = tf.maximum(tf.abs(truth), EPSILON);
      return absolute(tf.div(tf.sub(truth, prediction), size));
    });
    return tf.mul(shares, 100);
  });
}

/** Mean of the squares of the differences of log(x + 1). */
export function meanSquaredLogarithmicError(yTrue: Values, yPred: Values): tf.Tensor {
  const log = (x: tf.Tensor) => tf.log(tf.add(tf.maximum(x, EPSILON), 1));
  return meanOf(
    yTrue,
    yPred,
    (truth, prediction) => tf.square(tf.sub(log(prediction), log(truth))),
  );
}

/** Mean of log(cosh(difference)): like the square for small differences, like the magnitude for large ones. */
export function logCosh(yTrue: Values, yPred: Values): tf.Tensor {
  return meanOf(yTrue, yPred, (truth, prediction) => {
    const gap = tf.sub(prediction, truth);
    return tf.sub(tf.add(gap, tf.softplus(tf.mul(gap, -2))), Math.LN2);
  });
}

/** Options of {@linkcode huber}. */
export interface HuberSettings {
  /** Where the square ends and the straight line begins; above 0; 1 unless given. */
  readonly delta?: number;
}

/** Mean of half the square of the difference, of a straight line from `delta` on. */
export function huber(yTrue: Values, yPred: Values, options: HuberSettings = {}): tf.Tensor {
  const { delta } = readOptions("huber", options, { delta: 1 });
  checkNumber("huber", "delta", delta, { above: 0 });
  return meanOf(yTrue, yPred, (truth, prediction) => {
    const gap = tf.sub(prediction, truth);
    const size = absolute(gap);
    const line = tf.sub(tf.mul(size, delta), 0.5 * delta ** 2);
    const isNear = withoutGradient(() => tf.lessEqual(size, delta));
    return tf.where(isNear, tf.mul(0.5, tf.square(gap)), line);
  });
}

/** Mean of prediction - label log(prediction): for counts. */
export function poisson(yTrue: Values, yPred: Values): tf.Tensor {
  return meanOf(
    yTrue,
    yPred,
    (truth, prediction) => tf.sub(prediction, tf.mul(truth, tf.log(tf.add(prediction, EPSILON)))),
  );
}

/** The loss class of {@linkcode meanSquaredError}. */
export class MeanSquaredError extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(meanSquaredError, options, {});
  }
}

/** The loss class of {@linkcode meanAbsoluteError}. */
export class MeanAbsoluteError extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(meanAbsoluteError, options, {});
  }
}

/** The loss class of {@linkcode meanAbsolutePercentageError}. */
export class MeanAbsolutePercentageError extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(meanAbsolutePercentageError, options, {});
  }
}

/** The loss class of {@linkcode meanSquaredLogarithmicError}. */
export class MeanSquaredLogarithmicError extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(meanSquaredLogarithmicError, options, {});
  }
}

/** The loss class of {@linkcode logCosh}. */
export class LogCosh extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(logCosh, options, {});
  }
}

/** The loss class of {@linkcode huber}. */
export class Huber extends FunctionLoss<HuberSettings> {
  constructor(options: LossOptions & HuberSettings = {}) {
    super(huber, options, { delta: 1 }, "huber_loss");
    checkNumber("Huber", "delta", this.settings.delta, { above: 0 });
  }
}

/** The loss class of {@linkcode poisson}. */
export class Poisson extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(poisson, options, {});
  }
}
