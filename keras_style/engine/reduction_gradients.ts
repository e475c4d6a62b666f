/**
 * Gradients of sums (running ones too) and means. TensorFlow.js' own multiply by a tensor of ones that JavaScript fills.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

interface AxisAttrs {
  readonly axis: number | number[];
}

/** The upstream gradient, once for every element that went into its sum. */
function stretch(dy: tf.Tensor, x: tf.Tensor, axis: AxisAttrs["axis"]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.map((dimension, i) => axes.includes(i) ? 1 : dimension);
  return tf.broadcastTo(tf.reshape(dy, kept), x.shape);
}

function defineGradient(
  kernelName: string,
  rule: (dy: tf.Tensor, x: tf.Tensor, axis: AxisAttrs["axis"]) => tf.Tensor,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () => rule(dy as tf.Tensor, x, (attrs as unknown as AxisAttrs).axis),
    }),
  });
}

// d sum(x) / dx = 1
defineGradient(tf.Sum, stretch);

// d mean(x) / dx = 1 / how many are averaged
defineGradient(tf.Mean, (dy, x, axis) => {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const count = axes.reduce((product, i) => product * x.shape[i], 1);
  return tf.div(stretch(dy, x, axis), count);
});

// Sums from the other end. TensorFlow.js' own moves the axes of all but the last axis about.
tf.registerGradient({
  kernelName: tf.Cumsum,
  gradFunc: (dy, _saved, attrs) => {
    const { axis, exclusive, reverse } = attrs as unknown as tf.CumsumAttrs;
    return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
  },
});
