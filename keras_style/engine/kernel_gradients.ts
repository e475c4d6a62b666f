/**
 * Gradients that TensorFlow.js has not, or has wrong or slow ones of.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** A gradient summed over the axes along which its input was broadcast. */
function reduced(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

/** TensorFlow.js' own forgets that inputs may have been broadcast. Where both are equal, all goes to the first, as in TensorFlow. */
function defineChoice(
  kernelName: string,
  isFirst: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => {
      const chosen = () => tf.cast(isFirst(a, b), "float32");
      return {
        a: () => reduced(tf.mul(dy as tf.Tensor, chosen()), a.shape),
        b: () => reduced(tf.mul(dy as tf.Tensor, tf.sub(1, chosen())), b.shape),
      };
    },
  });
}

defineChoice(tf.Maximum, tf.greaterEqual);
defineChoice(tf.Minimum, tf.lessEqual);

/** What is constant almost everywhere, and has no gradient in TensorFlow.js. */
const CONDITIONS: ReadonlySet<string> = new Set([
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.Less, tf.LessEqual],
  ...[tf.LogicalAnd, tf.LogicalOr, tf.LogicalNot, tf.All, tf.Any],
]);

// TensorFlow.js refuses gradients of what depends on a condition as well; TensorFlow passes it by: it is not on its tape.
const engine = tf.engine() as unknown as {
  addTapeNode(kernelName: string, ...more: unknown[]): void;
};
const addTapeNode = engine.addTapeNode;
engine.addTapeNode = (kernelName, ...more) => {
  if (!CONDITIONS.has(kernelName)) addTapeNode.call(engine, kernelName, ...more);
};

// Every copy's gradient adds up. TensorFlow.js' own takes a slice for each copy, and ends at four axes.
tf.registerGradient({
  kernelName: tf.Tile,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => {
    const { reps } = attrs as unknown as tf.TileAttrs;
    const copies = x.shape.flatMap((size, axis) => [reps[axis], size]);
    const axes = x.shape.map((_, axis) => 2 * axis);
    return { x: () => tf.sum(tf.reshape(dy as tf.Tensor, copies), axes) };
  },
});

// A transposed convolution's gradient is a convolution; for its filter that of a convolution's with both in turn.
tf.registerGradient({
  kernelName: tf.Conv3DBackpropInputV2,
  inputsToSave: ["dy", "filter"],
  gradFunc: (upstream, [dy, filter], attrs) => {
    const { strides, pad } = attrs as unknown as tf.Conv3DBackpropInputV2Attrs;
    const volume = upstream as tf.Tensor5D;
    return {
      dy: () => tf.conv3d(volume, filter as tf.Tensor5D, strides, pad as "same"),
      filter: () =>
        tf.engine().runKernel(tf.Conv3DBackpropFilterV2, { x: volume, dy }, {
          strides,
          pad,
          filterShape: filter.shape,
        }) as tf.Tensor,
    };
  },
});

// A filter's gradient is linear in the images and in what came from above; TensorFlow.js has no gradient of it.
tf.registerGradient({
  kernelName: tf.Conv2DBackpropFilter,
  inputsToSave: ["x", "dy"],
  gradFunc: (upstream, [x, dy], attrs) => {
    const { filterShape: _, ...window } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
    const run = (kernel: string, inputs: Record<string, tf.Tensor>, more: object) =>
      tf.engine().runKernel(kernel, inputs, { ...window, dilations: 1, ...more }) as tf.Tensor;
    const filter = upstream as tf.Tensor;
    return {
      x: () => run(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape }),
      dy: () => run(tf.Conv2D, { x, filter }, {}),
    };
  },
});

// TensorFlow.js' own fails where there is one part, whose gradient is no list.
tf.registerGradient({
  kernelName: tf.SplitV,
  gradFunc: (dy, _saved, attrs) => {
    const { axis } = attrs as unknown as tf.SplitVAttrs;
    return { x: () => tf.concat([dy].flat() as tf.Tensor[], axis) };
  },
});

// TensorFlow.js' own lets the gradient pass at 6 as well, unlike TensorFlow's. Between the bounds y (6 - y) is positive.
tf.registerGradient({
  kernelName: tf.Relu6,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => tf.mul(dy as tf.Tensor, tf.step(tf.mul(y, tf.sub(6, y)))),
  }),
});

// TensorFlow.js' own has another slope at 0, and NaN at NaN.
const SELU_SCALE = 1.0507009873554805;
const SELU_DEPTH = 1.6732632423543772 * SELU_SCALE;

tf.registerGradient({
  kernelName: tf.Selu,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => {
      const below = tf.mul(dy as tf.Tensor, tf.add(y, SELU_DEPTH));
      return tf.where(tf.less(y, 0), below, tf.mul(dy as tf.Tensor, SELU_SCALE));
    },
  }),
});

// Each of the largest values goes back to where it stood. TensorFlow.js has no gradient of them.
tf.registerGradient({
  kernelName: tf.TopK,
  inputsToSave: ["x"],
  outputsToSave: [false, true],
  gradFunc: (dy, [x, indices]) => ({
    x: () => {
      const [width, k] = [x.shape.at(-1)!, indices.shape.at(-1)!];
      const starts = tf.mul(tf.range(0, x.size / width, 1, "int32"), tf.scalar(width, "int32"));
      const places = tf.add(tf.reshape(indices, [-1, k]), tf.expandDims(starts, 1));
      const [values] = dy as tf.Tensor[];
      return tf.reshape(
        tf.scatterND(tf.reshape(places, [-1, 1]), tf.reshape(values, [-1]), [x.size]),
        x.shape,
      );
    },
  }),
});
