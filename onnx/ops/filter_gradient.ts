/**
 * How the gradient of a convolution for its filters is written in ONNX, which has no operator for it.
 * @module
 */
import type { GraphWriter } from "../export/graph_writer.ts";
import type { ArrayType } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { windowElements } from "./window.ts";

/** How the filters moved, and their shape. */
interface Attributes {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly shape: Shape;
}

function transposed(writer: GraphWriter, x: string, perm: readonly number[]): string {
  return writer.node("Transpose", [x], { attributes: { perm } });
}

/**
 * Every filter element's view of the padded input, stacked, times the gradient, as one product over all samples. For that
 * the channels come before the samples. On the CPU 3 times as fast as a convolution with batch and channels swapped; small
 * batches are faster still image by image, see rewrite/cpu/filter_gradient.ts.
 */
export function filterGradientByProduct(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  attributes: Attributes,
  [xType, dyType]: readonly ArrayType[],
): string {
  const [o, c, ...kernel] = attributes.shape;
  const rank = kernel.length;
  const swapped = [1, 0, ...kernel.map((_, i) => 2 + i)];
  const outputSizes = dyType.shape.slice(2);
  const padded = paddedInput(writer, transposed(writer, x, swapped), xType, attributes);
  const views = filterViews(writer, padded, attributes, outputSizes);
  const count = dyType.shape[0] * sizeOf(outputSizes);
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

function paddedInput(
  writer: GraphWriter,
  x: string,
  { dtype }: ArrayType,
  { padding }: Attributes,
): string {
  if (padding.every((n) => n === 0)) return x;
  const rank = padding.length / 2;
  const amounts = [0, 0, ...padding.slice(0, rank), 0, 0, ...padding.slice(rank)];
  return writer.node("Pad", [x, writer.int64s(amounts), writer.scalar(0, dtype)]);
}

/** For each filter element (the last axis fastest) the part of the padded input that it meets. */
function filterViews(
  writer: GraphWriter,
  padded: string,
  { stride, dilation, shape: [, , ...kernel] }: Attributes,
  outputSizes: readonly number[],
): string[] {
  const axes = kernel.map((_, i) => 2 + i);
  return windowElements(kernel).map((element) => {
    const begin = element.map((index, i) => index * dilation[i]);
    const end = begin.map((b, i) => b + (outputSizes[i] - 1) * stride[i] + 1);
    const bounds = [begin, end, axes, stride].map((list) => writer.int64s(list));
    return writer.node("Slice", [padded, ...bounds]);
  });
}

/**
 * With groups, or filters of many elements: samples become channels and channels samples, the gradient becomes a filter
 * whose elements lie `stride` apart, moving by `dilation`.
 */
export function filterGradientByConvolution(
  writer: GraphWriter,
  [x, dy]: readonly string[],
  { stride, padding, dilation, groups, shape: [, c, ...kernel] }: Attributes,
  [xType]: readonly ArrayType[],
): string {
  const [n, , ...sizes] = xType.shape;
  const axes = kernel.map((_, i) => 2 + i);
  const grouped = writer.node("Reshape", [x, writer.int64s([n, groups, c, ...sizes])]);
  const swapped = transposed(writer, grouped, [2, 1, 0, ...axes.map((axis) => axis + 1)]);
  const samples = writer.node("Reshape", [swapped, writer.int64s([c, groups * n, ...sizes])]);
  const filter = transposed(writer, dy, [1, 0, ...axes]);
  const result = writer.node("Conv", [samples, filter], {
    attributes: { strides: dilation, pads: padding, dilations: stride, group: groups },
  });
  const bounds = [kernel.map(() => 0), kernel, axes].map((list) => writer.int64s(list));
  const cut = writer.node("Slice", [result, ...bounds]);
  return transposed(writer, cut, [1, 0, ...axes]);
}
