/**
 * Convolution over any number of axes, channels first, and its two gradients.
 *
 * Written with * for the cross-correlation that networks call convolution, here over two axes:
 *   y  = x * w                          forward
 *   dx = transposed convolution of dy with w            (input gradient)
 *   dw[o, c, i, j] = sum over n, p, q of dy[n, o, p, q] x[n, c, p s + i d, q s + j d]    (filter gradient)
 * All three are linear in each argument, so the gradients of the gradients are again these three.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type Op } from "../op.ts";
import { type Shape, showShape, sizeOf } from "../shape.ts";
import { sum } from "./broadcast.ts";
import { zerosLike } from "./elementwise.ts";
import { filterGradientByConvolution, filterGradientByProduct } from "./filter_gradient.ts";
import { coveredSize, outputSizes, type Window } from "./window.ts";

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

/** {@linkcode ConvOptions}, all of them. */
export interface ConvAttributes extends Required<ConvOptions> {
  readonly [name: string]: readonly number[] | number;
}

/** The gradients also carry the shape that the forward rule cannot be run backwards to. */
export interface ConvGradientAttributes extends ConvAttributes {
  readonly shape: Shape;
}

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

/** How the movement of a filter is written in ONNX. */
export function onnxAttributes({ stride, padding, dilation, groups }: ConvAttributes) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups };
}

/** Sizes of the axes that a filter moves along. */
function space({ shape }: { readonly shape: Shape }): readonly number[] {
  return shape.slice(2);
}

function windowOf(w: ArrayType, { stride, padding, dilation }: ConvAttributes): Window {
  return { kernel: space(w), stride, padding, dilation };
}

/** Convolution, with or without a bias. */
export const CONV: Op<ConvAttributes> = {
  name: "Conv",
  infer: ([x, w, bias], attributes) => {
    checkChannels(x, w, attributes);
    if (bias) checkBias(bias, w);
    const sizes = outputSizes("conv", space(x), windowOf(w, attributes), {
      window: `filter ${showShape(w.shape)}`,
      input: showShape(x.shape),
    });
    return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...sizes] }];
  },
  flops: ([, w, bias], [y]) =>
    2 * sizeOf(y.shape) * sizeOf(w.shape.slice(1)) + (bias ? sizeOf(y.shape) : 0),
  lower: (writer, inputs, attributes) => [
    writer.node("Conv", inputs, { attributes: onnxAttributes(attributes) }),
  ],
  gradient: ({ inputs: [x, w], attributes, upstream: [dy], needs }) => [
    needs[0] ? convInputGradient(dy!, w, x.shape, attributes) : null,
    needs[1] ? convFilterGradient(x, dy!, w.shape, attributes) : null,
    needs[2] ? sum(dy!, { axes: dy!.shape.flatMap((_, i) => i === 1 ? [] : [i]) }) : null,
  ],
};

function checkNumbers(op: string, { dtype }: ArrayType): void {
  if (dtype === "bool") failShape(op, "dtype bool is not supported, cast it first");
}

function checkChannels(x: ArrayType, w: ArrayType, { stride, groups }: ConvAttributes): void {
  checkNumbers("conv", x);
  const axes = stride.length + 2;
  if (axes < 3 || x.shape.length !== axes || w.shape.length !== axes) {
    failShape(
      "conv",
      `input ${showShape(x.shape)} and filter ${
        showShape(w.shape)
      }: expected as many axes each, at least 3`,
    );
  }
  const fits = x.shape[1] === w.shape[1] * groups && w.shape[0] % groups === 0 &&
    x.dtype === w.dtype;
  if (fits) return;
  failShape(
    "conv",
    `input ${x.dtype}${showShape(x.shape)} has ${x.shape[1]} channels, filter ${w.dtype}${
      showShape(w.shape)
    } with ${groups} groups expects ${w.shape[1] * groups}`,
  );
}

function checkBias(bias: ArrayType, w: ArrayType): void {
  if (bias.shape.length === 1 && bias.shape[0] === w.shape[0] && bias.dtype === w.dtype) return;
  failShape(
    "conv",
    `bias ${bias.dtype}${showShape(bias.shape)} does not fit filter ${w.dtype}${
      showShape(w.shape)
    }, expected ${w.dtype}[${w.shape[0]}]`,
  );
}

/**
 * Convolution of [n, c, d1, d2, ...] with filters [o, c / groups, k1, k2, ...], plus a bias [o] if given.
 *
 * ONNX operator Conv. @throws {ShapeError} if channels, sizes or the bias do not fit.
 */
export function conv(
  x: LazyArray,
  w: LazyArray,
  options: ConvOptions = {},
  bias?: LazyArray,
): LazyArray {
  const attributes = fullAttributes(x.shape.length - 2, options);
  return applyOp(CONV, bias ? [x, w, bias] : [x, w], attributes)[0];
}

/** Gradient for the input. */
export const CONV_INPUT_GRADIENT: Op<ConvGradientAttributes> = {
  name: "ConvInputGradient",
  infer: ([dy, w], attributes) => {
    checkNumbers("convInputGradient", dy);
    const { shape } = attributes;
    if (uncovered(dy, w, attributes).some((size) => size < 0)) {
      failShape(
        "convInputGradient",
        `gradient ${showShape(dy.shape)} and filter ${
          showShape(w.shape)
        } cover more than the input ${showShape(shape)}`,
      );
    }
    return [{ dtype: dy.dtype, shape }];
  },
  flops: ([dy, w]) => 2 * sizeOf(dy.shape) * sizeOf(w.shape.slice(1)),
  lower: (writer, inputs, attributes, { inputs: [dy, w] }) => [
    writer.node("ConvTranspose", inputs, {
      attributes: {
        ...onnxAttributes(attributes),
        // What the stride left uncovered at the end has gradient zero but must be there.
        output_padding: uncovered(dy, w, attributes),
      },
    }),
  ],
  gradient: ({ inputs: [dy, w], attributes, upstream: [g], needs }) => [
    needs[0] ? conv(g!, w, attributes) : null,
    needs[1] ? convFilterGradient(g!, dy, w.shape, attributes) : null,
  ],
};

/** How many elements at the end of each axis no window covers. */
function uncovered(dy: ArrayType, w: ArrayType, attributes: ConvGradientAttributes): number[] {
  const window = windowOf(w, attributes);
  return space(attributes).map((size, i) => size - coveredSize(dy.shape[2 + i], i, window));
}

/** Gradient of {@linkcode conv} for its input, which had the given shape. Also the transposed convolution. */
export function convInputGradient(
  dy: LazyArray,
  w: LazyArray,
  shape: Shape,
  options: ConvOptions = {},
): LazyArray {
  const attributes = { ...fullAttributes(shape.length - 2, options), shape };
  return applyOp(CONV_INPUT_GRADIENT, [dy, w], attributes)[0];
}

/** Above this many filter elements, a view for each of them would make too large a graph. */
const MOST_VIEWS = 64;

/** Gradient for the filters. */
export const CONV_FILTER_GRADIENT: Op<ConvGradientAttributes> = {
  name: "ConvFilterGradient",
  infer: ([x], { shape }) => {
    checkNumbers("convFilterGradient", x);
    return [{ dtype: x.dtype, shape }];
  },
  flops: ([, dy], [dw]) => 2 * sizeOf(dy.shape) * sizeOf(dw.shape.slice(1)),
  lower: (writer, inputs, attributes, { inputs: [x, dy] }) => {
    const elements = space(attributes).reduce((product, size) => product * size, 1);
    const byProduct = attributes.groups === 1 && elements <= MOST_VIEWS;
    const write = byProduct ? filterGradientByProduct : filterGradientByConvolution;
    return [write(writer, inputs, attributes, [x, dy])];
  },
  gradient: ({ inputs: [x, dy], attributes, upstream: [g], needs }) => [
    needs[0] ? convInputGradient(dy, g!, x.shape, attributes) : null,
    needs[1] ? conv(x, g!, attributes) : null,
  ],
};

/** Gradient of {@linkcode conv} for its filters, which had the given shape; of no images it is 0. */
export function convFilterGradient(
  x: LazyArray,
  dy: LazyArray,
  shape: Shape,
  options: ConvOptions = {},
): LazyArray {
  const attributes = { ...fullAttributes(shape.length - 2, options), shape };
  const [gradient] = applyOp(CONV_FILTER_GRADIENT, [x, dy], attributes);
  return x.size === 0 || dy.size === 0 ? zerosLike(gradient) : gradient;
}
