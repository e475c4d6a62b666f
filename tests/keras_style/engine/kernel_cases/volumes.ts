/**
 * Calls of kernels that move a window over volumes.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { float, type KernelCases } from "./kernel_case.ts";
import { adjoint } from "./windows.ts";

type Shape5D = [number, number, number, number, number];
type Steps = [number, number, number];

interface ConvolutionCase {
  readonly x: Shape5D;
  readonly filter: Shape5D;
  readonly strides: Steps;
  readonly pad: "same" | "valid";
}

const CONVOLUTIONS: readonly ConvolutionCase[] = [
  { x: [2, 3, 4, 4, 2], filter: [2, 3, 3, 2, 3], strides: [1, 1, 1], pad: "same" },
  { x: [1, 4, 5, 3, 2], filter: [2, 2, 2, 2, 2], strides: [2, 1, 2], pad: "valid" },
  { x: [1, 3, 4, 5, 1], filter: [3, 2, 1, 1, 2], strides: [2, 2, 2], pad: "same" },
];

function resultShape({ x, filter, strides, pad }: ConvolutionCase): number[] {
  return tf.backend_util.computeConv3DInfo(x, filter, strides, 1, pad).outShape;
}

function attributes({ strides, pad }: ConvolutionCase) {
  return { strides, pad, dataFormat: "NDHWC", dilations: [1, 1, 1] };
}

interface PoolCase {
  readonly x: Shape5D;
  readonly filterSize: Steps;
  readonly strides: Steps;
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "ceil";
}

const POOLS: readonly PoolCase[] = [
  { x: [2, 4, 4, 4, 2], filterSize: [2, 2, 2], strides: [2, 2, 2], pad: "valid" },
  { x: [1, 3, 4, 5, 2], filterSize: [2, 3, 2], strides: [1, 2, 2], pad: "same" },
  { x: [1, 3, 3, 3, 1], filterSize: [2, 2, 2], strides: [1, 1, 1], pad: 1 },
];

/** Some windows see nothing but padding. */
const BEYOND: PoolCase = {
  x: [1, 2, 2, 2, 1],
  filterSize: [2, 2, 2],
  strides: [1, 1, 1],
  pad: 2,
};

function pooled({ x, filterSize, strides, pad, dimRoundingMode }: PoolCase): number[] {
  return tf.backend_util.computePool3DInfo(x, filterSize, strides, 1, pad, dimRoundingMode)
    .outShape;
}

export const volumeCases: KernelCases = {
  [tf.Conv3D]: CONVOLUTIONS.map((each) => ({
    inputs: { x: float(each.x), filter: float(each.filter) },
    attrs: attributes(each),
  })),
  [tf.Conv3DBackpropFilterV2]: CONVOLUTIONS.map((each) => ({
    inputs: { x: float(each.x), dy: float(resultShape(each)) },
    attrs: { ...attributes(each), filterShape: each.filter },
  })),
  [tf.Conv3DBackpropInputV2]: CONVOLUTIONS.map((each) => ({
    inputs: { dy: float(resultShape(each)), filter: float(each.filter) },
    attrs: { ...attributes(each), inputShape: each.x },
  })),
  [tf.MaxPool3D]: [...POOLS, BEYOND].map(({ x, ...attrs }) => ({ inputs: { x: float(x) }, attrs })),
  // Without equal elements: of those the cpu engine takes the last, TensorFlow the first. And with windows as high
  // as wide: in others the cpu engine loses its place.
  [tf.MaxPool3DGrad]: [...POOLS, { ...POOLS[1], filterSize: [3, 2, 2] as Steps }].filter((
    { filterSize: [, height, width] },
  ) => height === width).map((each) => {
    const { x, ...attrs } = each;
    const shape = pooled(each);
    return { inputs: { dy: float(shape), input: float(x), output: float(shape) }, attrs };
  }),
  [tf.AvgPool3D]: [...POOLS, BEYOND].map(({ x, ...attrs }) => ({ inputs: { x: float(x) }, attrs })),
  [tf.AvgPool3DGrad]: POOLS.map((each) => {
    const one: PoolCase = { ...each, x: [1, ...each.x.slice(1)] as Shape5D };
    const { x, ...attrs } = one;
    return {
      inputs: { dy: float(pooled(one)), input: float(x) },
      attrs,
      // The cpu engine divides by the whole window where it hangs over the edge.
      expected: adjoint(tf.AvgPool3D, "x", attrs),
    };
  }),
};
