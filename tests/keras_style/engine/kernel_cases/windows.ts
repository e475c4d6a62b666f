/**
 * Calls of kernels that move a window over images.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  coarse,
  float,
  int,
  type KernelCase,
  type KernelCases,
  type TensorSpec,
} from "./kernel_case.ts";

interface ConvolutionCase {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly strides?: readonly [number, number];
  readonly pad?: string | number | readonly (readonly [number, number])[];
  readonly dilations?: readonly [number, number];
  readonly dataFormat?: "NHWC" | "NCHW";
}

const CONVOLUTIONS: readonly ConvolutionCase[] = [
  { x: [2, 5, 5, 3], filter: [3, 3, 3, 4], pad: "same" },
  { x: [1, 6, 7, 2], filter: [3, 2, 2, 3], pad: "valid" },
  { x: [2, 7, 6, 2], filter: [3, 3, 2, 2], strides: [2, 2], pad: "same" },
  { x: [1, 8, 8, 1], filter: [2, 3, 1, 2], strides: [3, 2], pad: "valid" },
  { x: [1, 7, 7, 2], filter: [3, 3, 2, 2], dilations: [2, 2], pad: "same" },
  { x: [1, 8, 7, 1], filter: [3, 2, 1, 2], dilations: [2, 3], pad: "valid" },
  { x: [1, 5, 5, 1], filter: [3, 3, 1, 1], pad: 1 },
  { x: [1, 5, 4, 1], filter: [3, 3, 1, 2], pad: [[0, 0], [2, 1], [0, 1], [0, 0]] },
  { x: [2, 4, 4, 3], filter: [1, 1, 3, 5], strides: [2, 2], pad: "valid" },
];

function attributes({ strides, pad, dilations, dataFormat }: ConvolutionCase) {
  return {
    strides: strides ?? [1, 1],
    pad: Array.isArray(pad) ? pad.map((p) => [...p]) : pad!,
    dilations: dilations ?? [1, 1],
    dataFormat: dataFormat ?? "NHWC",
  };
}

function resultShape(each: ConvolutionCase, depthwise = false): number[] {
  const { strides, pad, dilations } = attributes(each);
  return tf.backend_util.computeConv2DInfo(
    [...each.x] as [number, number, number, number],
    [...each.filter] as [number, number, number, number],
    [...strides] as [number, number],
    [...dilations] as [number, number],
    pad as "same",
    undefined,
    depthwise,
  ).outShape;
}

/** Channels-first, which TensorFlow.js' cpu engine also has for the plain convolution. */
const FIRST: ConvolutionCase = {
  x: [1, 2, 5, 6],
  filter: [3, 3, 2, 3],
  pad: "same",
  dataFormat: "NCHW",
};

/** A filter of two results a channel. */
function depthwise(each: ConvolutionCase): ConvolutionCase {
  const [h, w, c] = each.filter;
  return { ...each, filter: [h, w, c, 2] };
}
/** The cpu engine's depthwise kernels want one of strides and dilations to be 1, as the ops do. */
const DEPTHWISE = CONVOLUTIONS.map(depthwise);

function fused(name: string, list: readonly ConvolutionCase[]): KernelCase[] {
  const channels = (each: ConvolutionCase) =>
    name === tf.FusedConv2D ? each.filter[3] : each.filter[2] * each.filter[3];
  const base = list.slice(0, 4).map((each) => ({
    inputs: { x: float(each.x), filter: float(each.filter), bias: float([channels(each)]) },
    attrs: { ...attributes(each), activation: "relu" },
  }));
  const [first] = list;
  const activations = ["linear", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"].map(
    (activation): KernelCase => ({
      inputs: {
        x: float(first.x),
        filter: float(first.filter),
        bias: undefined,
        preluActivationWeights: activation === "prelu" ? float([channels(first)]) : undefined,
      },
      attrs: { ...attributes(first), activation, leakyreluAlpha: 0.3 },
    }),
  );
  return [...base, ...activations];
}

interface PoolCase {
  readonly x: TensorSpec;
  readonly filterSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: string | number;
  readonly dimRoundingMode?: string;
}

const pools = (make: (shape: readonly number[]) => TensorSpec): readonly PoolCase[] => [
  { x: make([2, 4, 4, 3]), filterSize: [2, 2], strides: [2, 2], pad: "valid" },
  { x: make([1, 5, 5, 2]), filterSize: [2, 2], strides: [2, 2], pad: "same" },
  { x: make([1, 5, 5, 2]), filterSize: [2, 2], strides: [2, 2], pad: "valid" },
  { x: make([1, 6, 5, 1]), filterSize: [3, 3], strides: [1, 1], pad: "same" },
  { x: make([1, 6, 6, 2]), filterSize: [3, 2], strides: [2, 1], pad: "valid" },
  { x: make([1, 7, 7, 1]), filterSize: [2, 2], strides: [3, 3], pad: "valid" },
  { x: make([1, 5, 5, 1]), filterSize: [3, 3], strides: [2, 2], pad: 1, dimRoundingMode: "floor" },
  { x: make([1, 3, 3, 2]), filterSize: [1, 1], strides: [1, 1], pad: "valid" },
];

function poolAttributes({ filterSize, strides, pad, dimRoundingMode }: PoolCase) {
  return { filterSize: [...filterSize], strides: [...strides], pad, dimRoundingMode };
}

function pooledShape({ x, filterSize, strides, pad, dimRoundingMode }: PoolCase): number[] {
  return tf.backend_util.computePool2DInfo(
    [...x.shape] as [number, number, number, number],
    [...filterSize],
    [...strides],
    1,
    pad as "same",
    dimRoundingMode as "floor",
  ).outShape;
}

/** By its definition: the gradient for an element is what a unit there changes, weighed. */
export function adjoint(kernel: string, inputName: string, attrs: Record<string, unknown>) {
  return (inputs: Record<string, tf.Tensor>) => {
    const { dy, [inputName === "x" ? "input" : inputName]: input } = inputs;
    const size = input.size;
    const each = [size, ...input.shape.slice(1)];
    const units = tf.reshape(tf.eye(size), each);
    const pooled = tf.engine().runKernel(
      kernel,
      { [inputName]: units },
      attrs as tf.NamedAttrMap,
    );
    const weighed = tf.sum(tf.mul(pooled as tf.Tensor, dy), dy.shape.slice(1).map((_, i) => i + 1));
    return tf.reshape(weighed, input.shape);
  };
}

const RESIZES = [[3, 4, 6, 8], [4, 4, 3, 2], [2, 3, 5, 7], [3, 3, 1, 1]].flatMap(([h, w, p, q]) =>
  [[false, false], [true, false], [false, true]].map(([alignCorners, halfPixelCenters]) => ({
    images: [2, h, w, 2],
    attrs: { alignCorners, halfPixelCenters, size: [p, q] },
  }))
);

function resizes(kernel: string, ...kinds: ((shape: readonly number[]) => TensorSpec)[]) {
  const calls = kinds.flatMap((kind) =>
    RESIZES.map(({ images, attrs }) => ({ inputs: { images: kind(images) }, attrs }))
  );
  // The cpu engine turns height and width round and knows no half pixels here.
  const gradients = RESIZES.map(({ images: [, h, w, c], attrs }) => ({
    inputs: { dy: float([1, ...attrs.size, c]), images: float([1, h, w, c]) },
    attrs,
    expected: adjoint(kernel, "images", attrs),
  }));
  return { [kernel]: calls, [`${kernel}Grad`]: gradients };
}

export const windowCases: KernelCases = {
  ...resizes(tf.ResizeBilinear, float, int),
  ...resizes(tf.ResizeNearestNeighbor, float, int),
  [tf.Conv2D]: [...CONVOLUTIONS, FIRST].map((each) => ({
    inputs: { x: float(each.x), filter: float(each.filter) },
    attrs: attributes(each),
  })),
  [tf.Conv2DBackpropFilter]: CONVOLUTIONS.filter((each) => !each.dilations).map((each) => ({
    inputs: { x: float(each.x), dy: float(resultShape(each)) },
    attrs: { ...attributes(each), filterShape: [...each.filter] },
  })),
  [tf.Conv2DBackpropInput]: CONVOLUTIONS.filter((each) => !each.dilations).map((each) => ({
    inputs: { dy: float(resultShape(each)), filter: float(each.filter) },
    attrs: { ...attributes(each), inputShape: [...each.x] },
  })),
  [tf.FusedConv2D]: fused(tf.FusedConv2D, CONVOLUTIONS),
  [tf.DepthwiseConv2dNative]: DEPTHWISE.map((each) => ({
    inputs: { x: float(each.x), filter: float(each.filter) },
    attrs: attributes(each),
  })),
  [tf.DepthwiseConv2dNativeBackpropFilter]: DEPTHWISE.filter((each) => !each.dilations).map(
    (each) => ({
      inputs: { x: float(each.x), dy: float(resultShape(each, true)) },
      attrs: { ...attributes(each), filterShape: [...each.filter] },
    }),
  ),
  [tf.DepthwiseConv2dNativeBackpropInput]: DEPTHWISE.filter((each) => !each.dilations).map(
    (each) => ({
      inputs: { dy: float(resultShape(each, true)), filter: float(each.filter) },
      attrs: { ...attributes(each), inputShape: [...each.x] },
    }),
  ),
  [tf.FusedDepthwiseConv2D]: fused(tf.FusedDepthwiseConv2D, DEPTHWISE),
  [tf.MaxPool]: [...pools(coarse), ...pools(float)].map((each) => ({
    inputs: { x: each.x },
    attrs: poolAttributes(each),
  })),
  [tf.MaxPoolGrad]: [...pools(coarse), ...pools(float)].map((each) => {
    const shape = pooledShape(each);
    const inputs = { dy: float(shape), input: each.x, output: float(shape) };
    return { inputs, attrs: poolAttributes(each) };
  }),
  [tf.AvgPool]: pools(float).map((each) => ({
    inputs: { x: each.x },
    attrs: poolAttributes(each),
  })),
  [tf.AvgPoolGrad]: pools(float).map((each) => {
    const attrs = poolAttributes(each);
    const one = { ...each, x: { ...each.x, shape: [1, ...each.x.shape.slice(1)] } };
    const input = float(one.x.shape);
    return {
      inputs: { dy: float(pooledShape(one)), input },
      attrs,
      // The cpu engine divides by the whole window where it hangs over the edge.
      expected: adjoint(tf.AvgPool, "x", attrs),
    };
  }),
};
