/**
 * Losses between numbers: the mean over the last axis is a sample's loss.
 * Follows https://keras.io/api/losses/regression_losses/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Loss } from "./loss.ts";

function difference(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  return tf.sub(yPred, tf.reshape(tf.cast(yTrue, yPred.dtype), yPred.shape));
}

/** Mean of the squares of the differences. */
export class MeanSquaredError extends Loss {
  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.mean(tf.square(difference(yTrue, yPred)), -1);
  }
}

/** Mean of the differences without their sign. */
export class MeanAbsoluteError extends Loss {
  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    const gap = difference(yTrue, yPred);
    // Its gradient at 0 is 0, as in Keras; that of TensorFlow.js' abs is -1.
    return tf.mean(tf.mul(gap, tf.sign(gap)), -1);
  }
}
