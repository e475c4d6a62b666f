/**
 * Convolutions of one to three spatial dimensions with everything that Keras' layers take: strides, dilation, groups,
 * either data format. TensorFlow.js' own have no gradient where they are dilated, and no groups.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { groupedConv2d, hasGroupedConv } from "../../engine/grouped_convolution.ts";
import type { PlainDataFormat } from "../../data_format.ts";
import type { FusedActivation } from "../kernel_layer.ts";

/** How a convolution goes. */
export interface ConvolutionOptions {
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";
  readonly dilationRate: readonly number[];
  readonly groups?: number;
}

/** Runs something on an input with its channels last, and gives the result the input's own format. */
export function channelsLast(
  x: tf.Tensor,
  dataFormat: PlainDataFormat,
  run: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return dataFormat === "channels_last" ? run(x) : toChannelsFirst(run(toChannelsLast(x)));
}

/** [n, c, ...] to [n, ..., c]. */
export function toChannelsLast(x: tf.Tensor): tf.Tensor {
  const spatial = x.shape.slice(2).map((_, i) => i + 2);
  return tf.transpose(x, [0, ...spatial, 1]);
}

/** [n, ..., c] to [n, c, ...]. */
export function toChannelsFirst(x: tf.Tensor): tf.Tensor {
  const spatial = x.shape.slice(2).map((_, i) => i + 1);
  return tf.transpose(x, [0, x.rank - 1, ...spatial]);
}

/** Whether TensorFlow.js can differentiate what is going on. */
function isDifferentiated(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/**
 * A convolution of [n, ..., channels] with a kernel [..., channels / groups, filters].
 *
 * @param activation computed along, where TensorFlow.js can
 */
export function convolve(
  x: tf.Tensor,
  kernel: tf.Tensor,
  options: ConvolutionOptions,
  bias?: tf.Tensor | null,
  activation: FusedActivation = "linear",
): tf.Tensor {
  const rank = x.rank - 2;
  if (rank === 1) {
    const [y, wide] = [tf.expandDims(x, 1), tf.expandDims(kernel, 0)];
    return tf.squeeze(convolve(y, wide, flatten1D(options), bias, activation), [1]);
  }
  const { groups = 1, strides, padding } = options;
  const isPlain = groups === 1 && options.dilationRate.every((rate) => rate === 1);
  if (!isPlain && rank === 2 && hasGroupedConv()) {
    const y = groupedConv2d(x, kernel, {
      strides: strides as [number, number],
      pad: padding,
      dilations: options.dilationRate as [number, number],
    });
    return withBias(y, bias, activation);
  }
  if (groups > 1) return withBias(grouped(x, kernel, options), bias, activation);
  const [filter, dilations] = undilated(kernel, options.dilationRate);
  if (rank === 2) {
    return tf.fused.conv2d({
      x: x as tf.Tensor4D,
      filter: filter as tf.Tensor4D,
      strides: strides as [number, number],
      pad: padding,
      dilations: dilations as [number, number],
      dataFormat: "NHWC",
      bias: bias ?? undefined,
      activation,
    });
  }
  const y = tf.conv3d(
    x as tf.Tensor5D,
    filter as tf.Tensor5D,
    strides as [number, number, number],
    padding,
    "NDHWC",
    dilations as [number, number, number],
  );
  return withBias(y, bias, activation);
}

/** One spatial dimension as two. */
function flatten1D(options: ConvolutionOptions): ConvolutionOptions {
  const { strides: [stride], dilationRate: [dilation] } = options;
  return { ...options, strides: [1, stride], dilationRate: [1, dilation] };
}

function withBias(
  y: tf.Tensor,
  bias: tf.Tensor | null | undefined,
  activation: FusedActivation,
): tf.Tensor {
  const sum = bias ? tf.add(y, bias) : y;
  if (activation === "linear") return sum;
  return { relu: tf.relu, relu6: tf.relu6, elu: tf.elu }[activation](sum);
}

/** Channels in groups, each with filters of its own, where the engine has no kernel for it. */
function grouped(x: tf.Tensor, kernel: tf.Tensor, options: ConvolutionOptions): tf.Tensor {
  const { groups = 1, ...others } = options;
  const inputs = tf.split(x, groups, -1);
  const kernels = tf.split(kernel, groups, -1);
  return tf.concat(inputs.map((input, i) => convolve(input, kernels[i], others)), -1);
}

/** Where TensorFlow.js has no gradient for dilation, the kernel itself gets the gaps. */
function undilated(
  kernel: tf.Tensor,
  dilationRate: readonly number[],
): [kernel: tf.Tensor, dilationRate: readonly number[]] {
  const isPlain = dilationRate.every((rate) => rate === 1);
  if (isPlain || !isDifferentiated()) return [kernel, dilationRate];
  return [dilated(kernel, dilationRate), dilationRate.map(() => 1)];
}

/** A kernel with zeros between its rows and columns. */
export function dilated(kernel: tf.Tensor, dilationRate: readonly number[]): tf.Tensor {
  return dilationRate.reduce((wide, rate, axis) => {
    if (rate === 1) return wide;
    const { shape } = wide;
    const before = shape.slice(0, axis);
    const after = shape.slice(axis + 1);
    const rows = tf.reshape(wide, [...before, shape[axis], 1, ...after]);
    const gaps = tf.zeros([...before, shape[axis], rate - 1, ...after]);
    const joined = tf.reshape(tf.concat([rows, gaps], axis + 1), [
      ...before,
      shape[axis] * rate,
      ...after,
    ]);
    // The last row has no gap behind it.
    const size = [...joined.shape];
    size[axis] -= rate - 1;
    return tf.slice(joined, new Array<number>(size.length).fill(0), size);
  }, kernel);
}
