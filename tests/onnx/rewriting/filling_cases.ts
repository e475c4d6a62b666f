/** What is computed in channels that are filled up to whole blocks, and where they are cut off again. */
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { type CpuCase, same } from "./cpu_case.ts";

const depthwise = { ...same, groups: 28 };
const perChannel = (x: LazyArray) => ops.reshape(x, [1, -1, 1, 1]);

export const fillingCases: Record<string, CpuCase> = {
  "between convolutions filled channels stay filled, channel by channel too": {
    shapes: [[16, 28, 8, 8], [28, 28, 1, 1], [28, 1, 3, 3], [28], [28]],
    build: ([x, w, single, scale, shift]) => {
      const inner = ops.add(ops.mul(ops.conv(x, w), perChannel(scale)), perChannel(shift));
      const y = ops.conv(ops.relu(inner), single, depthwise);
      return [y, ops.sum(y, { axes: [2, 3] }), ops.max(y, { axes: [2], keepDims: true })];
    },
    expected: { BlockedConv: 2, Conv: 0, FillBlocks: 1, CutBlocks: 1, Slice: 0 },
  },
  "rows and columns, and what is stretched, stay filled": {
    shapes: [[16, 28, 8, 8], [28, 1, 3, 3]],
    build: ([x, w]) => {
      const inner = ops.conv(x, w, depthwise);
      const [n, c, h] = inner.shape;
      const part = ops.slice(inner, [1, 0, 1, 0], [n, c, h, 7], [1, 1, 2, 1]);
      const around = ops.pad(part, [0, 0, 1, 0], [0, 0, 0, 2], 3);
      const total = ops.sum(inner, { axes: [0, 2, 3], keepDims: true });
      return [ops.conv(ops.add(around, ops.expand(total, around.shape)), w, depthwise)];
    },
    expected: { BlockedConv: 2, Conv: 0, FillBlocks: 1, CutBlocks: 1 },
  },
  "what is infinite at 0 is computed without the zeros, of which filters would make NaN": {
    shapes: [[16, 28, 8, 8], [28, 1, 3, 3], [28, 28, 1, 1]],
    build: ([x, w, point]) => {
      const ones = constant(new Array<number>(28).fill(1), "float32", [28, 1, 1]);
      const y = ops.minimum(ops.add(ops.abs(ops.conv(x, w, depthwise)), ones), constant(2));
      const bare = [ops.div(constant(1), y), ops.reciprocal(y), ops.div(y, constant(4))];
      return bare.map((each) => ops.conv(each, point));
    },
    expected: { BlockedConv: 4, Conv: 0, CutBlocks: 4, FillBlocks: 3 },
  },
  "gradients of convolutions channel by channel are those of filled channels, with strides too": {
    shapes: [[16, 28, 8, 8], [28, 1, 3, 3], [16, 28, 4, 4], [16, 28, 8, 8]],
    build: ([x, w, strided, dy]) => {
      const half = { ...depthwise, stride: [2, 2] };
      return [
        ops.convInputGradient(dy, w, x.shape, depthwise),
        ops.convInputGradient(strided, w, x.shape, half),
        ops.convFilterGradient(x, dy, w.shape, depthwise),
        ops.transpose(ops.convFilterGradient(x, strided, w.shape, half), [2, 3, 1, 0]),
      ];
    },
    expected: { ConvInputGradient: 0, ConvFilterGradient: 0, CutBlocks: 2, FillBlocks: 3 },
  },
  "a gradient that meets what never was filled is cut off first": {
    shapes: [[16, 28, 8, 8], [28, 28, 1, 1], [16, 28, 8, 8]],
    build: ([dy, w, mask]) => [ops.mul(ops.convInputGradient(dy, w, dy.shape), mask)],
    expected: { BlockedConv: 1, FillBlocks: 1, CutBlocks: 1 },
  },
  "where a third of a pass would be zeros, convolutions alone are filled": {
    shapes: [[16, 24, 8, 8], [24, 1, 3, 3]],
    build: ([x, w]) => {
      const inner = ops.relu(ops.conv(x, w, { ...same, groups: 24 }));
      return [ops.conv(inner, w, { ...same, groups: 24 })];
    },
    expected: { BlockedConv: 2, FillBlocks: 2, CutBlocks: 2 },
  },
};
