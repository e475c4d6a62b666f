/** Convolutions, and their gradients, that take fewer products. */
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { type CpuCase, same } from "./cpu_case.ts";

/** A convolution by filters [o, c, kh, kw], or kept as [kh, kw, c, o], and both gradients. */
function convolved(
  [x, kept, dy, ...bias]: readonly LazyArray[],
  window: ops.ConvOptions,
  keptLast = false,
): LazyArray[] {
  const w = keptLast ? ops.transpose(kept, [3, 2, 0, 1]) : kept;
  const gradient = ops.convFilterGradient(x, dy, w.shape, window);
  return [
    ops.conv(x, w, window, ...bias),
    ops.convInputGradient(dy, w, x.shape, window),
    keptLast ? ops.transpose(gradient, [2, 3, 1, 0]) : gradient,
  ];
}

/** Of a case's arrays: images, filters, results. */
function shapesOf(
  [n, c, h, w]: readonly number[],
  [o, kh, kw]: readonly number[],
  [p, q]: readonly number[] = [h, w],
): number[][] {
  return [[n, c, h, w], [o, c, kh, kw], [n, o, p, q]];
}

const large = [96, 3, 3];

export const winogradCases: Record<string, CpuCase> = {
  "of results of 2 rows, 4 products for 6": {
    shapes: [...shapesOf([120, 64, 2, 9], [80, 3, 3]), [80]],
    build: (inputs) => convolved(inputs, same),
    // Of images 4 sums of rows, and as many of filters and products, forward and back; of gradients 4 for the filters'.
    expected: { BlockedConv: 28, JoinPhases: 2, ConvFilterGradient: 0, MatMul: 4 },
  },
  "valid convolutions": {
    shapes: shapesOf([176, 64, 4, 7], [64, 3, 2], [2, 6]),
    build: ([x, w, dy]) => [ops.conv(x, w), ops.convFilterGradient(x, dy, w.shape)],
    expected: { BlockedConv: 16, JoinPhases: 1, ConvFilterGradient: 0 },
  },
  "small images of 2 rows and columns, by 9 products": {
    shapes: [...shapesOf([16, 320, 2, 2], large), [96]],
    build: (inputs) => convolved(inputs, same),
    expected: { BlockedConv: 0, BlockFilters: 0, ConvFilterGradient: 0, ConvInputGradient: 0 },
  },
  "small valid convolutions": {
    shapes: shapesOf([16, 320, 4, 4], large, [2, 2]),
    build: (inputs) => convolved(inputs, {}),
    expected: { BlockedConv: 0, BlockFilters: 0, ConvFilterGradient: 0, ConvInputGradient: 0 },
  },
  "of results of 8 rows, 6 products for 12": {
    shapes: [...shapesOf([32, 64, 8, 8], [80, 3, 3]), [80]],
    build: (inputs) => convolved(inputs, same),
    expected: { BlockedConv: 42, JoinPhases: 2, ConvFilterGradient: 0 },
  },
  "filters kept channels last": {
    shapes: [[32, 64, 8, 8], [3, 3, 64, 80], [32, 80, 8, 8]],
    build: (inputs) => convolved(inputs, same, true),
    expected: { BlockedConv: 42, ChannelsLastFilterGradient: 0 },
  },
  "rows that are left over are cut off": {
    shapes: shapesOf([40, 64, 7, 9], [64, 3, 3]),
    build: (inputs) => convolved(inputs, same),
    expected: { JoinPhases: 2, ConvFilterGradient: 0 },
  },
  "more padding below than above, and filters of one column": {
    shapes: shapesOf([32, 64, 8, 8], [64, 3, 1], [9, 9]),
    build: ([x, w, dy]) => [
      ops.conv(x, w, { padding: [1, 0, 2, 1] }),
      ops.convFilterGradient(x, dy, w.shape, { padding: [1, 0, 2, 1] }),
    ],
    expected: { JoinPhases: 1, ConvFilterGradient: 0 },
  },
  "with relu": {
    shapes: shapesOf([32, 64, 8, 8], [64, 3, 3]).slice(0, 2),
    build: ([x, w]) => [ops.relu(ops.conv(x, w, same))],
    expected: { BlockedConv: 18, Relu: 1 },
  },
  "small images of 4 rows": {
    shapes: [...shapesOf([16, 320, 4, 4], large), [96]],
    build: (inputs) => convolved(inputs, same),
    expected: { BlockedConv: 0, BlockFilters: 0, ConvFilterGradient: 0, ConvInputGradient: 0 },
  },
  "small images of 3 rows, by filters kept channels last": {
    shapes: [[16, 320, 3, 5], [3, 3, 320, 96], [16, 96, 3, 5]],
    build: (inputs) => convolved(inputs, same, true),
    expected: { BlockedConv: 0, BlockFilters: 0, ChannelsLastFilterGradient: 0 },
  },
  "small images of 7 or 8 rows and columns, by 36 products, and their results of 6, by 16": {
    shapes: [
      ...shapesOf([16, 320, 8, 7], large),
      ...shapesOf([16, 320, 7, 7], large, [6, 6]).slice(0, 3),
      [96],
      [3, 3, 320, 96],
    ],
    build: ([x, w, dy, less, , dyLess, bias, kept]) => [
      ...convolved([x, w, dy, bias], same),
      ...convolved([less, kept, dyLess], { padding: [1, 1, 0, 0] }, true),
    ],
    expected: { BlockedConv: 0, BlockFilters: 0, ConvFilterGradient: 0, ConvInputGradient: 0 },
  },
  "strided, dilated and grouped convolutions, larger filters and few channels take all products": {
    shapes: [[128, 64, 8, 8], [64, 64, 3, 3], [64, 64, 5, 5], [64, 32, 3, 3], [48, 64, 3, 3]],
    build: ([x, w, larger, grouped, fewer]) => [
      ops.conv(x, w, { stride: [2, 2] }),
      ops.conv(x, w, { dilation: [2, 1] }),
      ops.conv(x, larger),
      ops.conv(x, grouped, { groups: 2 }),
      ops.conv(x, fewer),
    ],
    expected: { BlockedConv: 5, JoinPhases: 0 },
  },
};
