/**
 * Convolution over any number of axes, channels first, and its two gradients: the rules of `convolution.ts` for
 * lines and volumes. Over two axes it is that file's, whose ONNX forms are tuned for speed.
 * @module
 */
import type { GraphWriter } from "../graph_writer.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type LoweredTypes, type Op } from "../op.ts";
import { type Shape, showShape, sizeOf } from "../shape.ts";
import {
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  type WindowOptions,
} from "./convolution.ts";
import { sum } from "./broadcast.ts";

/** How a filter moves; one number for each axis that it moves along. */
export interface ConvOptions {
  /** Step of the filter. 1 unless given. */
  readonly stride?: readonly number[];
  /** Zeros around: so many before each axis, then so many after each. None unless given. */
  readonly padding?: readonly number[];
  /** Distance of filter elements. 1 unless given. */
  readonly dilation?: readonly number[];
  /** How many groups the channels fall into. 1 unless given. */
  readonly groups?: number;
}

interface ConvAttributes {
  readonly [name: string]: readonly number[] | number;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

interface ConvGradientAttributes extends ConvAttributes {
  readonly shape: Shape;
}

/** Above this many filter elements, a view for each of them would make too large a graph. */
const MOST_VIEWS = 64;

function fullAttributes(rank: number, options: ConvOptions): ConvAttributes {
  const each = (list: readonly number[] | undefined, value: number, length = rank) =>
    list ?? new Array<number>(length).fill(value);
  return {
    stride: each(options.stride, 1),
    padding: each(options.padding, 0, 2 * rank),
    dilation: each(options.dilation, 1),
    groups: options.groups ?? 1,
  };
}

function onnxAttributes({ stride, padding, dilation, groups }: ConvAttributes) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups };
}

/** AxisSizes of the axes that a filter moves along. */
function space(array: ArrayType): readonly number[] {
  return array.shape.slice(2);
}

const CONV: Op<ConvAttributes> = {
  name: "ConvNd",
  infer: ([x, w, bias], attributes) => {
    checkChannels(x, w, attributes, bias);
    return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...windows(x, w, attributes)] }];
  },
  lower: (writer, inputs, attributes) => [
    writer.node("Conv", inputs, { attributes: onnxAttributes(attributes) }),
  ],
  gradient: ({ inputs: [x, w], attributes, upstream: [dy], needs }) => [
    needs[0] ? convInputGradient(dy!, w, x.shape, attributes) : null,
    needs[1] ? convFilterGradient(x, dy!, w.shape, attributes) : null,
    needs[2] ? sum(dy!, { axes: dy!.shape.flatMap((_, i) => i === 1 ? [] : [i]) }) : null,
  ],
};

function checkChannels(
  x: ArrayType,
  w: ArrayType,
  { groups }: ConvAttributes,
  bias: ArrayType | undefined,
): void {
  const fits = x.shape.length === w.shape.length && x.shape[1] === w.shape[1] * groups &&
    w.shape[0] % groups === 0 && x.dtype === w.dtype;
  if (!fits) {
    failShape(
      "conv",
      `input ${x.dtype}${showShape(x.shape)} has ${x.shape[1]} channels, filter ${w.dtype}${
        showShape(w.shape)
      } with ${groups} groups expects ${w.shape[1] * groups} and as many axes`,
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== w.shape[0])) {
    failShape("conv", `bias ${showShape(bias.shape)} does not fit filter ${showShape(w.shape)}`);
  }
}

/** How many places the filter takes along each axis. */
function windows(x: ArrayType, w: ArrayType, attributes: ConvAttributes): number[] {
  const { stride, padding, dilation } = attributes;
  const rank = stride.length;
  return space(x).map((dimension, i) => {
    const span = dimension + padding[i] + padding[rank + i] - dilation[i] * (w.shape[2 + i] - 1) -
      1;
    if (span < 0) {
      failShape(
        "conv",
        `filter ${showShape(w.shape)} is larger than the padded input ${showShape(x.shape)}`,
      );
    }
    return Math.floor(span / stride[i]) + 1;
  });
}

/**
 * Convolution of [n, c, d1, d2, ...] with filters [o, c / groups, k1, k2, ...], plus a bias [o] if given.
 *
 * ONNX operator Conv. @throws {ShapeError} if channels, dimensions or the bias do not fit.
 */
export function conv(
  x: LazyArray,
  w: LazyArray,
  options: ConvOptions = {},
  bias?: LazyArray,
): LazyArray {
  if (x.shape.length === 4) return conv2d(x, w, options as WindowOptions, bias);
  const attributes = fullAttributes(x.shape.length - 2, options);
  return applyOp(CONV, bias ? [x, w, bias] : [x, w], attributes)[0];
}

const INPUT_GRADIENT: Op<ConvGradientAttributes> = {
  name: "ConvNdInputGradient",
  infer: ([dy, w], attributes) => {
    const { shape } = attributes;
    if (uncovered(attributes, space(dy), space(w)).some((dimension) => dimension < 0)) {
      failShape(
        "convInputGradient",
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
        // What the stride left uncovered at the end has gradient zero but must be there.
        output_padding: uncovered(attributes, space(dy), space(w)),
      },
    }),
  ],
  gradient: ({ inputs: [dy, w], attributes, upstream: [g], needs }) => [
    needs[0] ? conv(g!, w, attributes) : null,
    needs[1] ? convFilterGradient(g!, dy, w.shape, attributes) : null,
  ],
};

function uncovered(
  { stride, padding, dilation, shape }: ConvGradientAttributes,
  places: readonly number[],
  kernel: readonly number[],
): number[] {
  const rank = stride.length;
  return places.map((count, i) => {
    const covered = (count - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1;
    return shape[2 + i] - (covered - padding[i] - padding[rank + i]);
  });
}

/** Gradient of {@linkcode conv} for its input, which had the given shape. Also the transposed convolution. */
export function convInputGradient(
  dy: LazyArray,
  w: LazyArray,
  shape: Shape,
  options: ConvOptions = {},
): LazyArray {
  if (shape.length === 4) return conv2dInputGradient(dy, w, shape, options as WindowOptions);
  const attributes = { ...fullAttributes(shape.length - 2, options), shape };
  return applyOp(INPUT_GRADIENT, [dy, w], attributes)[0];
}

const FILTER_GRADIENT: Op<ConvGradientAttributes> = {
  name: "ConvNdFilterGradient",
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  lower: (writer, inputs, attributes, types) => {
    const byProduct = attributes.groups === 1 && sizeOf(attributes.shape.slice(2)) <= MOST_VIEWS;
    const write = byProduct ? filterGradientByProduct : filterGradientByConvolution;
    return [write(writer, inputs, attributes, types)];
  },
  gradient: ({ inputs: [x, dy], attributes, upstream: [g], needs }) => [
    needs[0] ? convInputGradient(dy, g!, x.shape, attributes) : null,
    needs[1] ? conv(x, g!, attributes) : null,
  ],
};

/** Gradient of {@linkcode conv} for its filters, which had the given shape. */
export function convFilterGradient(
  x: LazyArray,
  dy: LazyArray,
  shape: Shape,
  options: ConvOptions = {},
): LazyArray {
  if (shape.length === 4) return conv2dFilterGradient(x, dy, shape, options as WindowOptions);
  const attributes = { ...fullAttributes(shape.length - 2, options), shape };
  return applyOp(FILTER_GRADIENT, [x, dy], attributes)[0];
}

function transposed(writer: GraphWriter, x: string, perm: readonly number[]): string {
  return writer.node("Transpose", [x], { attributes: { perm } });
}

/** All places of a filter's elements, the last axis fastest. */
function* elements(kernel: readonly number[]): Generator<number[]> {
  for (let i = 0; i < sizeOf(kernel); i++) {
    let rest = i;
    yield kernel.map((dimension, axis) => {
      const inner = sizeOf(kernel.slice(axis + 1));
      const place = Math.floor(rest / inner) % dimension;
      rest %= inner;
      return place;
    });
  }
}

/** Every filter element's view of the padded input, stacked, times the gradient, as one product. */
function filterGradientByProduct(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  attributes: ConvGradientAttributes,
  { inputs: [xType, dyType] }: LoweredTypes,
): string {
  const { padding, stride, dilation, shape: [o, c, ...kernel] } = attributes;
  const rank = kernel.length;
  const axes = kernel.map((_, i) => 2 + i);
  const swapped = [1, 0, ...axes];
  const padded = writer.node("Pad", [
    transposed(writer, x, swapped),
    writer.int64s([0, 0, ...padding.slice(0, rank), 0, 0, ...padding.slice(rank)]),
    writer.scalar(0, xType.dtype),
  ]);
  const places = space(dyType);
  const views = Array.from(elements(kernel), (element) => {
    const begin = element.map((place, i) => place * dilation[i]);
    const end = begin.map((b, i) => b + (places[i] - 1) * stride[i] + 1);
    const bounds = [begin, end, axes, stride].map((list) => writer.int64s(list));
    return writer.node("Slice", [padded, ...bounds]);
  });
  const count = dyType.shape[0] * sizeOf(places);
  const stacked = writer.node("Concat", views, { attributes: { axis: 0 } });
  const columns = writer.node("Reshape", [stacked, writer.int64s([sizeOf(kernel) * c, count])]);
  const rows = writer.node("Reshape", [
    transposed(writer, dy, swapped),
    writer.int64s([o, count]),
  ]);
  const product = writer.node("Gemm", [rows, columns], { attributes: { transB: 1 } });
  const split = writer.node("Reshape", [product, writer.int64s([o, ...kernel, c])]);
  return transposed(writer, split, [0, rank + 1, ...kernel.map((_, i) => 1 + i)]);
}

/**
 * Samples become channels and channels samples, the gradient becomes a filter whose elements lie `stride` apart,
 * moving by `dilation`.
 */
function filterGradientByConvolution(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  attributes: ConvGradientAttributes,
  { inputs: [xType] }: LoweredTypes,
): string {
  const { stride, padding, dilation, groups, shape: [, c, ...kernel] } = attributes;
  const n = xType.shape[0];
  const axes = kernel.map((_, i) => 2 + i);
  const dimensions = space(xType);
  const grouped = writer.node("Reshape", [x, writer.int64s([n, groups, c, ...dimensions])]);
  const turned = transposed(writer, grouped, [2, 1, 0, ...axes.map((axis) => axis + 1)]);
  const samples = writer.node("Reshape", [turned, writer.int64s([c, groups * n, ...dimensions])]);
  const filter = transposed(writer, dy, [1, 0, ...axes]);
  const result = writer.node("Conv", [samples, filter], {
    attributes: { strides: dilation, pads: padding, dilations: stride, group: groups },
  });
  const cut = writer.node("Slice", [
    result,
    writer.int64s(kernel.map(() => 0)),
    writer.int64s(kernel),
    writer.int64s(axes),
  ]);
  return transposed(writer, cut, [1, 0, ...axes]);
}
