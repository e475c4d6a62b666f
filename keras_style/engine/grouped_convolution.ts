/**
 * Convolutions with groups and dilation, and their gradients, as kernels of their own: TensorFlow.js' have no groups, and no
 * gradient where they are dilated.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** The kernels' names. */
export const GROUPED_CONV = "GroupedConv2D";
export const GROUPED_CONV_FILTER = "GroupedConv2DBackpropFilter";
export const GROUPED_CONV_INPUT = "GroupedConv2DBackpropInput";

/** How a window goes over an image. */
export interface GroupedConvAttrs {
  readonly strides: [number, number];
  readonly pad: "valid" | "same";
  readonly dilations: [number, number];
}

type Attrs = Parameters<ReturnType<typeof tf.engine>["runKernel"]>[2];

function run(kernel: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor {
  // TensorFlow.js keeps what gradients need in a scope.
  return tf.tidy(() => tf.engine().runKernel(kernel, inputs, attrs as Attrs) as tf.Tensor);
}

/** Whether the engine that computes has the kernels. */
export function hasGroupedConv(): boolean {
  return tf.getKernel(GROUPED_CONV, tf.getBackend()) !== undefined;
}

/**
 * A convolution of [n, h, w, c] with filters [h, w, c / groups, filters]; how many groups there are follows from the shapes.
 * Only where {@linkcode hasGroupedConv} says so.
 */
export function groupedConv2d(x: tf.Tensor, filter: tf.Tensor, attrs: GroupedConvAttrs): tf.Tensor {
  return run(GROUPED_CONV, { x, filter }, attrs);
}

function filterGradient(x: tf.Tensor, dy: tf.Tensor, filterShape: number[], attrs: object) {
  return run(GROUPED_CONV_FILTER, { x, dy }, { ...attrs, filterShape });
}

function inputGradient(dy: tf.Tensor, filter: tf.Tensor, inputShape: number[], attrs: object) {
  return run(GROUPED_CONV_INPUT, { dy, filter }, { ...attrs, inputShape });
}

// Each of the three is linear in both of its inputs, and the gradients are the other two.
tf.registerGradient({
  kernelName: GROUPED_CONV,
  inputsToSave: ["x", "filter"],
  gradFunc: (upstream, [x, filter], attrs) => ({
    x: () => inputGradient(upstream as tf.Tensor, filter, x.shape, attrs),
    filter: () => filterGradient(x, upstream as tf.Tensor, filter.shape, attrs),
  }),
});
tf.registerGradient({
  kernelName: GROUPED_CONV_INPUT,
  inputsToSave: ["dy", "filter"],
  gradFunc: (upstream, [dy, filter], attrs) => ({
    dy: () => run(GROUPED_CONV, { x: upstream as tf.Tensor, filter }, attrs),
    filter: () => filterGradient(upstream as tf.Tensor, dy, filter.shape, attrs),
  }),
});
tf.registerGradient({
  kernelName: GROUPED_CONV_FILTER,
  inputsToSave: ["x", "dy"],
  gradFunc: (upstream, [x, dy], attrs) => ({
    x: () => inputGradient(dy, upstream as tf.Tensor, x.shape, attrs),
    dy: () => run(GROUPED_CONV, { x, filter: upstream as tf.Tensor }, attrs),
  }),
});
