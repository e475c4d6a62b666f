import * as tf from "@tensorflow/tfjs";
import {
  GROUPED_CONV,
  GROUPED_CONV_FILTER,
  GROUPED_CONV_INPUT,
  type GroupedConvAttrs,
} from "../../../../keras_style/engine/grouped_convolution.ts";
import { dilated } from "../../../../keras_style/layers/convolutional/convolve.ts";
import { float, type KernelCase } from "./kernel_case.ts";

const X = [2, 6, 7, 4];

const windows: (GroupedConvAttrs & { filter: number[]; dy: number[] })[] = [
  { strides: [1, 1], pad: "same", dilations: [1, 1], filter: [3, 2, 2, 6], dy: [2, 6, 7, 6] },
  { strides: [2, 1], pad: "valid", dilations: [1, 1], filter: [3, 2, 1, 4], dy: [2, 2, 6, 4] },
  { strides: [1, 1], pad: "same", dilations: [2, 3], filter: [2, 2, 4, 3], dy: [2, 6, 7, 3] },
];

/** Group by group, with gaps in the filters, by TensorFlow.js' own kernels. */
function bySlices(x: tf.Tensor, filter: tf.Tensor, attrs: GroupedConvAttrs): tf.Tensor {
  const { strides, pad, dilations } = attrs;
  const groups = x.shape[3]! / filter.shape[2]!;
  const kernels = tf.split(dilated(filter, dilations), groups, -1) as tf.Tensor4D[];
  const parts = tf.split(x, groups, -1) as tf.Tensor4D[];
  return tf.concat(parts.map((part, i) => tf.conv2d(part, kernels[i], strides, pad)), -1);
}

export const groupedCases: Record<string, KernelCase[]> = {
  [GROUPED_CONV]: windows.map(({ filter, dy: _, ...attrs }) => ({
    inputs: { x: float(X), filter: float(filter) },
    attrs,
    expected: (inputs) => bySlices(inputs.x, inputs.filter, attrs),
  })),
  [GROUPED_CONV_INPUT]: windows.map(({ filter, dy, ...attrs }) => ({
    inputs: { dy: float(dy), filter: float(filter) },
    attrs: { ...attrs, inputShape: X },
    expected: (inputs) =>
      tf.grad((x) => tf.sum(tf.mul(bySlices(x, inputs.filter, attrs), inputs.dy)))(tf.zeros(X)),
  })),
  [GROUPED_CONV_FILTER]: windows.map(({ filter, dy, ...attrs }) => ({
    inputs: { x: float(X), dy: float(dy) },
    attrs: { ...attrs, filterShape: filter },
    expected: (inputs) =>
      tf.grad((f) => tf.sum(tf.mul(bySlices(inputs.x, f, attrs), inputs.dy)))(tf.zeros(filter)),
  })),
};
