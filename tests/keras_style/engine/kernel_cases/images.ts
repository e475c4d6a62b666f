/**
 * Calls of kernels that compute images from images.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { coarse, float, given, type KernelCases, type TensorSpec } from "./kernel_case.ts";

const NORMALIZATIONS = [
  { x: [2, 3, 3, 8], depthRadius: 2, bias: 1, alpha: 1, beta: 0.5 },
  { x: [1, 2, 2, 5], depthRadius: 5, bias: 0.5, alpha: 2, beta: 0.75 },
  { x: [1, 1, 2, 4], depthRadius: 0, bias: 1, alpha: 0.1, beta: 1 },
];

/** What the normalization of a call gives: its gradient kernel is handed that too. */
function normalized({ values }: TensorSpec, shape: readonly number[], attrs: tf.LRNAttrs) {
  const c = shape[shape.length - 1];
  return values.map((value, i) => {
    const row = values.slice(i - i % c, i - i % c + c);
    const near = row.slice(Math.max(0, i % c - attrs.depthRadius), i % c + attrs.depthRadius + 1);
    const squares = near.reduce((sum, v) => sum + v * v, 0);
    return value * (attrs.bias + attrs.alpha * squares) ** -attrs.beta;
  });
}

interface DilationCase {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly strides: [number, number];
  readonly pad: "same" | "valid";
  readonly dilations: [number, number];
}

const DILATIONS: readonly DilationCase[] = [
  { x: [2, 5, 4, 3], filter: [2, 3, 3], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [1, 6, 7, 2], filter: [3, 2, 2], strides: [2, 2], pad: "valid", dilations: [1, 1] },
  { x: [1, 7, 6, 1], filter: [2, 2, 1], strides: [1, 2], pad: "valid", dilations: [2, 1] },
  { x: [1, 5, 5, 1], filter: [3, 3, 1], strides: [2, 2], pad: "same", dilations: [1, 1] },
];

function dilated({ x, filter, strides, pad, dilations }: DilationCase): number[] {
  return tf.backend_util.computeDilation2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number],
    strides,
    pad,
    "NHWC",
    dilations,
  ).outShape;
}

/** Few different sums, so that several are largest. */
function dilationGradients() {
  return DILATIONS.flatMap((each) =>
    [float, coarse].map((kind) => {
      const { x, filter, ...attrs } = each;
      return { inputs: { x: kind(x), filter: kind(filter), dy: float(dilated(each)) }, attrs };
    })
  );
}

const BOXES = given([
  ...[0, 0, 1, 1],
  ...[0.1, 0.2, 0.7, 0.85],
  ...[0.8, 0.85, 0.3, 0.15],
  ...[-0.3, 0.25, 1.2, 0.6],
], [4, 4]);

export const imageCases: KernelCases = {
  [tf.LRN]: NORMALIZATIONS.map(({ x, ...attrs }) => ({ inputs: { x: float(x) }, attrs })),
  [tf.LRNGrad]: NORMALIZATIONS.map(({ x, ...attrs }) => {
    const spec = float(x);
    const y = given(normalized(spec, x, attrs), x);
    return { inputs: { x: spec, y, dy: float(x) }, attrs };
  }),
  [tf.Dilation2D]: DILATIONS.map(({ x, filter, ...attrs }) => ({
    inputs: { x: float(x), filter: float(filter) },
    attrs,
  })),
  [tf.Dilation2DBackpropFilter]: dilationGradients(),
  [tf.Dilation2DBackpropInput]: dilationGradients(),
  [tf.CropAndResize]: ["bilinear", "nearest"].flatMap((method) =>
    [[3, 4], [1, 1], [6, 2]].map((cropSize) => ({
      inputs: {
        image: float([2, 5, 6, 3]),
        boxes: BOXES,
        boxInd: given([0, 1, 0, 1], [4], "int32"),
      },
      attrs: { cropSize, method, extrapolationValue: 0.5 },
    }))
  ),
  [tf.MaxPoolWithArgmax]: [true, false].flatMap((includeBatchInIndex) => [
    {
      inputs: { x: float([2, 4, 6, 3]) },
      attrs: { filterSize: [2, 2], strides: [2, 2], pad: "valid", includeBatchInIndex },
    },
    {
      inputs: { x: coarse([2, 5, 5, 2]) },
      attrs: { filterSize: [3, 2], strides: [1, 2], pad: "same", includeBatchInIndex },
    },
  ]),
  [tf.RotateWithOffset]: [
    ...[
      { radians: 0.4, fillValue: 0.5, center: 0.5 },
      { radians: -2, fillValue: [1, 2, 3], center: [0.25, 0.7] },
      { radians: Math.PI, fillValue: 0, center: 0.5 },
    ].map((attrs) => ({ inputs: { image: float([2, 6, 5, 3]) }, attrs })),
    {
      inputs: { image: float([1, 4, 4, 4]) },
      attrs: { radians: 0.8, fillValue: [1, 2, 3], center: 0.5 },
    },
  ],
};
