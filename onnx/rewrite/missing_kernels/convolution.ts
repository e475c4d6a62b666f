/**
 * Convolutions, their gradients and average pooling of element types that a provider has no kernels for, as products of
 * matrices: what the filter meets at each of its elements is gathered into columns.
 * @module
 */
import { memoryType } from "../../dtype.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { add } from "../../ops/arithmetic.ts";
import { AVERAGE_POOL, averagePoolByConvolution } from "../../ops/average_pooling.ts";
import { expand, reshape, sum } from "../../ops/broadcast.ts";
import {
  CONV,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvAttributes,
} from "../../ops/convolution.ts";
import { gather, scatterAdd } from "../../ops/indexing.ts";
import { matmul } from "../../ops/linear_algebra.ts";
import { pad, slice, transpose } from "../../ops/movement.ts";
import { windowElements } from "../../ops/window.ts";
import { type Shape, sizeOf, stridesOf } from "../../shape.ts";
import type { NamedRules } from "../apply_rules.ts";
import { array, node, rule } from "../pattern.ts";

/** Sizes of the axes that a filter moves along, padding included. */
function paddedSizes([, , ...sizes]: Shape, { padding }: ConvAttributes): number[] {
  return sizes.map((size, i) => size + padding[i] + padding[sizes.length + i]);
}

/** For each element of the filter and each of its positions, what it meets: an index into the padded axes, laid out flat. */
function meetings(
  sizes: readonly number[],
  kernel: readonly number[],
  windows: readonly number[],
  { stride, dilation }: ConvAttributes,
): LazyArray {
  const steps = stridesOf(sizes);
  const at = (index: readonly number[], distance: readonly number[]) =>
    index.reduce((flat, k, i) => flat + k * distance[i] * steps[i], 0);
  const starts = windowElements(windows).map((window) => at(window, stride));
  const flat = windowElements(kernel).flatMap((element) => {
    const offset = at(element, dilation);
    return starts.map((start) => start + offset);
  });
  return constant(flat, "int32");
}

/** [n, groups, channels of a group and elements of the filter, positions] */
function columns(
  x: LazyArray,
  kernel: readonly number[],
  windows: readonly number[],
  attributes: ConvAttributes,
): LazyArray {
  const { padding, groups } = attributes;
  const rank = kernel.length;
  const padded = pad(x, [0, 0, ...padding.slice(0, rank)], [0, 0, ...padding.slice(rank)]);
  const [n, c, ...sizes] = padded.shape;
  const met = meetings(sizes, kernel, windows, attributes);
  const gathered = gather(reshape(padded, [n, c, sizeOf(sizes)]), met, 2);
  return reshape(gathered, [n, groups, c / groups * sizeOf(kernel), sizeOf(windows)]);
}

/** Filters as a matrix a group. */
function matrices(w: LazyArray, groups: number): LazyArray {
  return reshape(w, [groups, w.shape[0] / groups, sizeOf(w.shape.slice(1))]);
}

/** Gradients (or results) as a matrix an image and group. */
function matricesOf(dy: LazyArray, groups: number): LazyArray {
  const [n, o, ...windows] = dy.shape;
  return reshape(dy, [n, groups, o / groups, sizeOf(windows)]);
}

/** The rules for element types without kernels. @param has whether the provider has a kernel for an element type */
export function convolutionsOfMissingTypes(
  has: (key: string, dtype: string) => boolean,
): NamedRules {
  const lacks = (key: string) => ({ dtype }: LazyArray) => !has(key, memoryType(dtype));
  const convolutionByProduct = rule(node(CONV), ({ root: { inputs, attributes } }) => {
    const [x, w, bias] = inputs;
    if (!lacks("Conv")(x)) return undefined;
    const [{ shape }] = CONV.infer(inputs, attributes);
    const met = columns(x, w.shape.slice(2), shape.slice(2), attributes);
    const y = reshape(matmul(matrices(w, attributes.groups), met), shape);
    return [bias ? add(y, reshape(bias, shape.map((size, i) => i === 1 ? size : 1))) : y];
  });
  const inputGradientByProduct = rule(
    node(CONV_INPUT_GRADIENT, [array("dy", lacks("ConvTranspose")), array("w")]),
    ({ root: { attributes }, dy, w }) => {
      const { shape, groups, padding } = attributes;
      const sizes = paddedSizes(shape, attributes);
      const met = meetings(sizes, w.shape.slice(2), dy.shape.slice(2), attributes);
      const parts = matmul(matrices(w, groups), matricesOf(dy, groups), true);
      const images = shape[0] * shape[1];
      const rows = transpose(reshape(parts, [images, met.shape[0]]));
      const zeros = expand(constant(0, dy.dtype), [sizeOf(sizes), images]);
      const padded = reshape(transpose(scatterAdd(zeros, met, rows)), [
        ...shape.slice(0, 2),
        ...sizes,
      ]);
      const begin = [0, 0, ...padding.slice(0, sizes.length)];
      return [slice(padded, begin, begin.map((b, i) => b + shape[i]))];
    },
  );
  const filterGradientByProduct = rule(
    node(CONV_FILTER_GRADIENT, [array("x", lacks("Conv")), array("dy")]),
    ({ root: { attributes }, x, dy }) => {
      const { shape, groups } = attributes;
      const met = columns(x, shape.slice(2), dy.shape.slice(2), attributes);
      const each = matmul(matricesOf(dy, groups), met, false, true);
      return [reshape(sum(each, { axes: 0 }), shape)];
    },
  );
  const averagesByConvolution = rule(
    node(AVERAGE_POOL, [array("x", lacks("AveragePool"))]),
    ({ root: { attributes }, x }) => [averagePoolByConvolution(x, attributes)],
  );
  return {
    convolutionByProduct,
    inputGradientByProduct,
    filterGradientByProduct,
    averagesByConvolution,
  };
}
