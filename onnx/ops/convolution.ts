/**
 * Two-dimensional convolution, channels first, and its two gradients.
 *
 * Written with * for the cross-correlation that networks call convolution:
 *   y  = x * w                          forward
 *   dx = transposed convolution of dy with w            (input gradient)
 *   dw[o, c, i, j] = sum over n, p, q of dy[n, o, p, q] x[n, c, p s + i d, q s + j d]    (filter gradient)
 * All three are linear in each argument, so the gradients of the gradients are again these three.
 * @module
 */
import type { GraphWriter } from "../graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type LoweredTypes, type Op } from "../op.ts";
import { type Shape, showShape } from "../shape.ts";
import { sum } from "./broadcast.ts";

/** How a filter moves over an image. */
export interface WindowOptions {
  /** Step of the filter, [height, width]. 1 unless given. */
  readonly stride?: readonly [number, number];
  /** Rows and columns of zeros around: [top, left, bottom, right]. None unless given. */
  readonly padding?: readonly [number, number, number, number];
  /** Distance of filter elements, [height, width]. 1 unless given. */
  readonly dilation?: readonly [number, number];
  /** How many groups the channels fall into. 1 unless given. */
  readonly groups?: number;
}

/** {@linkcode WindowOptions}, all of them. */
export interface ConvAttributes {
  readonly [name: string]: readonly number[] | number;
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** The gradients also carry the shape that the forward rule cannot be run backwards to. */
export interface ConvGradientAttributes extends ConvAttributes {
  readonly shape: Shape;
}

function fullAttributes(options: WindowOptions): ConvAttributes {
  return {
    stride: options.stride ?? [1, 1],
    padding: options.padding ?? [0, 0, 0, 0],
    dilation: options.dilation ?? [1, 1],
    groups: options.groups ?? 1,
  };
}

/** How a window is written in ONNX. */
export function onnxAttributes({ stride, padding, dilation, groups }: ConvAttributes) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups };
}

/** Convolution, with or without a bias; named so that rewriting can find it. */
export const CONV2D: Op<ConvAttributes> = {
  name: "Conv2d",
  infer: ([x, w, bias], attributes) => {
    if (bias) checkBias(bias, w);
    return [{ dtype: x.dtype, shape: convolvedShape(x, w, attributes) }];
  },
  lower: (writer, inputs, attributes) => [
    writer.node("Conv", inputs, { attributes: onnxAttributes(attributes) }),
  ],
  gradient: ({ inputs: [x, w], attributes, upstream: [dy], needs }) => [
    needs[0] ? conv2dInputGradient(dy!, w, x.shape, attributes) : null,
    needs[1] ? conv2dFilterGradient(x, dy!, w.shape, attributes) : null,
    needs[2] ? sum(dy!, { axes: [0, 2, 3] }) : null,
  ],
};

function checkBias(bias: ArrayType, w: ArrayType): void {
  if (bias.shape.length === 1 && bias.shape[0] === w.shape[0] && bias.dtype === w.dtype) return;
  failShape(
    "conv2d",
    `bias ${bias.dtype}${showShape(bias.shape)} does not fit filter ${w.dtype}${
      showShape(w.shape)
    }, expected ${w.dtype}[${w.shape[0]}]`,
  );
}

function convolvedShape(x: ArrayType, w: ArrayType, attributes: ConvAttributes): number[] {
  const { stride, padding, dilation, groups } = attributes;
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    failShape(
      "conv2d",
      `input ${showShape(x.shape)} and filter ${showShape(w.shape)}: expected 4 axes each`,
    );
  }
  if (x.shape[1] !== w.shape[1] * groups || w.shape[0] % groups !== 0 || x.dtype !== w.dtype) {
    failShape(
      "conv2d",
      `input ${x.dtype}${showShape(x.shape)} has ${x.shape[1]} channels, filter ${w.dtype}${
        showShape(w.shape)
      } ` +
        `with ${groups} groups expects ${w.shape[1] * groups}`,
    );
  }
  const dimension = (i: number) => {
    const span = x.shape[2 + i] + padding[i] + padding[2 + i] - dilation[i] * (w.shape[2 + i] - 1) -
      1;
    if (span < 0) {
      failShape(
        "conv2d",
        `filter ${showShape(w.shape)} is larger than the padded input ${showShape(x.shape)}`,
      );
    }
    return Math.floor(span / stride[i]) + 1;
  };
  return [x.shape[0], w.shape[0], dimension(0), dimension(1)];
}

/**
 * Convolution of images [n, c, h, w] with filters [o, c / groups, kh, kw], plus a bias [o] if given.
 *
 * ONNX operator Conv. @throws {ShapeError} if channels, dimensions or the bias do not fit.
 */
export function conv2d(
  x: LazyArray,
  w: LazyArray,
  options: WindowOptions = {},
  bias?: LazyArray,
): LazyArray {
  return applyOp(CONV2D, bias ? [x, w, bias] : [x, w], fullAttributes(options))[0];
}

/** Gradient for the input; named so that rewriting can find it. */
export const CONV2D_INPUT_GRADIENT: Op<ConvGradientAttributes> = {
  name: "Conv2dInputGradient",
  infer: ([dy, w], attributes) => {
    const { shape } = attributes;
    if ([0, 1].some((i) => uncovered(i, attributes, dy.shape, w.shape) < 0)) {
      failShape(
        "conv2dInputGradient",
        `gradient ${showShape(dy.shape)} and filter ${
          showShape(w.shape)
        } cover more than the input ${showShape(shape)}`,
      );
    }
    return [{ dtype: dy.dtype, shape }];
  },
  lower: (writer, inputs, attributes, { inputs: [dy, w] }) => [
    writer.node("ConvTranspose", inputs, {
      attributes: {
        ...onnxAttributes(attributes),
        // What the stride left uncovered at the lower right has gradient zero but must be there.
        output_padding: [0, 1].map((i) => uncovered(i, attributes, dy.shape, w.shape)),
      },
    }),
  ],
  gradient: ({ inputs: [dy, w], attributes, upstream: [g], needs }) => [
    needs[0] ? conv2d(g!, w, attributes) : null,
    needs[1] ? conv2dFilterGradient(g!, dy, w.shape, attributes) : null,
  ],
};

function uncovered(i: number, attributes: ConvGradientAttributes, dy: Shape, w: Shape): number {
  const { stride, padding, dilation, shape } = attributes;
  const covered = (dy[2 + i] - 1) * stride[i] + dilation[i] * (w[2 + i] - 1) + 1 - padding[i] -
    padding[2 + i];
  return shape[2 + i] - covered;
}

/** Gradient of {@linkcode conv2d} for its input, which had the given shape. Also PyTorch's transposed convolution. */
export function conv2dInputGradient(
  dy: LazyArray,
  w: LazyArray,
  shape: Shape,
  options: WindowOptions = {},
): LazyArray {
  return applyOp(CONV2D_INPUT_GRADIENT, [dy, w], { ...fullAttributes(options), shape })[0];
}

/** Gradient for the filters; named so that rewriting can find it. */
export const CONV2D_FILTER_GRADIENT: Op<ConvGradientAttributes> = {
  name: "Conv2dFilterGradient",
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  lower: (writer, inputs, attributes, types) =>
    attributes.groups === 1
      ? [filterGradientByProduct(writer, inputs, attributes, types)]
      : [filterGradientByConvolution(writer, inputs, attributes, types)],
  gradient: ({ inputs: [x, dy], attributes, upstream: [g], needs }) => [
    needs[0] ? conv2dInputGradient(dy, g!, x.shape, attributes) : null,
    needs[1] ? conv2d(x, g!, attributes) : null,
  ],
};

/** Gradient of {@linkcode conv2d} for its filters, which had the given shape. */
export function conv2dFilterGradient(
  x: LazyArray,
  dy: LazyArray,
  shape: Shape,
  options: WindowOptions = {},
): LazyArray {
  return applyOp(CONV2D_FILTER_GRADIENT, [x, dy], { ...fullAttributes(options), shape })[0];
}

/**
 * Every filter element's view of the padded image, stacked, times the gradient, as one product over all images. For that
 * the channels come before the images. On the CPU 3 times as fast as a convolution with batch and channels swapped; small
 * batches are faster still image by image, see rewrite/cpu/filter_gradient.ts.
 */
function filterGradientByProduct(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  attributes: ConvGradientAttributes,
  { inputs: [xType, dyType] }: LoweredTypes,
): string {
  const [o, c, kh, kw] = attributes.shape;
  const [n, , p, q] = dyType.shape;
  const channelsFirst = (name: string) =>
    writer.node("Transpose", [name], { attributes: { perm: [1, 0, 2, 3] } });
  const padded = paddedImage(writer, channelsFirst(x), xType, attributes);
  const views = filterViews(writer, padded, attributes, p, q);
  const stacked = writer.node("Concat", views, { attributes: { axis: 0 } });
  const columns = writer.node("Reshape", [stacked, writer.int64s([kh * kw * c, n * p * q])]);
  const rows = writer.node("Reshape", [channelsFirst(dy), writer.int64s([o, n * p * q])]);
  const product = writer.node("Gemm", [rows, columns], { attributes: { transB: 1 } });
  const split = writer.node("Reshape", [product, writer.int64s([o, kh, kw, c])]);
  return writer.node("Transpose", [split], { attributes: { perm: [0, 3, 1, 2] } });
}

function paddedImage(
  writer: GraphWriter,
  x: string,
  type: ArrayType,
  { padding }: ConvAttributes,
): string {
  if (padding.every((n) => n === 0)) return x;
  const [top, left, bottom, right] = padding;
  return writer.node("Pad", [
    x,
    writer.int64s([0, 0, top, left, 0, 0, bottom, right]),
    writer.scalar(0, type.dtype),
  ]);
}

/** For each filter element (row by row) the part of the padded image that it meets. */
function filterViews(
  writer: GraphWriter,
  padded: string,
  { stride, dilation, shape: [, , kh, kw] }: ConvGradientAttributes,
  p: number,
  q: number,
): string[] {
  const views: string[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const begin = [i * dilation[0], j * dilation[1]];
      const end = [begin[0] + (p - 1) * stride[0] + 1, begin[1] + (q - 1) * stride[1] + 1];
      views.push(writer.node("Slice", [
        padded,
        writer.int64s(begin),
        writer.int64s(end),
        writer.int64s([2, 3]),
        writer.int64s(stride),
      ]));
    }
  }
  return views;
}

/**
 * With groups: images become channels and channels images, the gradient becomes a filter whose
 * elements lie `stride` apart, moving by `dilation`.
 */
function filterGradientByConvolution(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  attributes: ConvGradientAttributes,
  { inputs: [xType] }: LoweredTypes,
): string {
  const { stride, padding, dilation, groups, shape: [, c, kh, kw] } = attributes;
  const [n, , h, w] = xType.shape;
  const swap = (name: string, channels: number, rows: number, columns: number) => {
    const grouped = writer.node("Reshape", [
      name,
      writer.int64s([n, groups, channels, rows, columns]),
    ]);
    return writer.node("Transpose", [grouped], { attributes: { perm: [2, 1, 0, 3, 4] } });
  };
  const images = writer.node("Reshape", [swap(x, c, h, w), writer.int64s([c, groups * n, h, w])]);
  const turned = writer.node("Transpose", [dy], { attributes: { perm: [1, 0, 2, 3] } });
  const result = writer.node("Conv", [images, turned], {
    attributes: { strides: dilation, pads: padding, dilations: stride, group: groups },
  });
  const cut = writer.node("Slice", [
    result,
    writer.int64s([0, 0]),
    writer.int64s([kh, kw]),
    writer.int64s([2, 3]),
  ]);
  return writer.node("Transpose", [cut], { attributes: { perm: [1, 0, 2, 3] } });
}
