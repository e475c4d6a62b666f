/**
 * Gradients of sums (running ones too), means and extremes. TensorFlow.js' own multiply by a tensor of ones that JavaScript
 * fills.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

interface AxisAttrs {
  readonly axis: number | number[];
}

/** What a reduction gave, with size 1 along the axes that it folded. */
function unfolded(y: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.reshape(y, x.shape.map((dimension, i) => axes.includes(i) ? 1 : dimension));
}

/** The upstream gradient, once for every element that went into its sum. */
function stretch(dy: tf.Tensor, x: tf.Tensor, axis: AxisAttrs["axis"]): tf.Tensor {
  return tf.broadcastTo(unfolded(dy, x, tf.util.parseAxisParam(axis, x.shape)), x.shape);
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

// Equal extremes share the gradient. TensorFlow.js' own gives all of it to each.
for (const kernelName of [tf.Max, tf.Min]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => {
      const { axis, reductionIndices } = attrs as unknown as Partial<tf.MinAttrs & tf.MaxAttrs>;
      const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
      return {
        x: () => {
          const wins = tf.cast(tf.equal(x, unfolded(y, x, axes)), "float32");
          const share = tf.div(unfolded(dy as tf.Tensor, x, axes), tf.sum(wins, axes, true));
          return tf.mul(wins, share);
        },
      };
    },
  });
}

// Sums from the other end. TensorFlow.js' own moves the axes of all but the last axis about.
tf.registerGradient({
  kernelName: tf.Cumsum,
  gradFunc: (dy, _saved, attrs) => {
    const { axis, exclusive, reverse } = attrs as unknown as tf.CumsumAttrs;
    return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
  },
});
