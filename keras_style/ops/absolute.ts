/**
 * Magnitudes whose gradient at 0 is 0, as in Keras; that of TensorFlow.js' abs is -1.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** |x|, element by element. */
export function absolute(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sign(x));
}
