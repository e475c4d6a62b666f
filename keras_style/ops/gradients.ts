/**
 * Gradients as Keras has them where TensorFlow.js has others.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** |x|, whose gradient at 0 is 0; that of TensorFlow.js' abs is -1. */
export function absolute(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sign(x));
}

/**
 * What is computed as a constant: no gradient flows through it. TensorFlow.js would ask conditions of `tf.where`, which
 * are comparisons, for gradients that they do not have.
 */
export function withoutGradient<T>(compute: () => T): T {
  const { state } = tf.engine();
  // Within a kernel nothing is put on the tape.
  state.kernelDepth++;
  try {
    return compute();
  } finally {
    state.kernelDepth--;
  }
}
