/** What is computed in blocks of channels: convolutions, what stands between them, their input gradients. */
import { fromHost, ops } from "../../../onnx/mod.ts";
import { type CpuCase, same } from "./cpu_case.ts";

const last = [0, 2, 3, 1];
const first = [0, 3, 1, 2];

export const blockCases: Record<string, CpuCase> = {
  "a convolution whose channels fill blocks is computed in blocks": {
    shapes: [[16, 16, 8, 8], [32, 16, 3, 3], [32]],
    build: ([x, w, b]) => [ops.conv(x, w, same, b)],
    expected: { Block: 1, BlockFilters: 1, BlockedConv: 1, Unblock: 1 },
  },
  "stride, dilation and uneven padding hold in blocks": {
    shapes: [[64, 16, 9, 11], [16, 16, 3, 2]],
    build: ([x, w]) => [
      ops.conv(x, w, { stride: [2, 1], dilation: [1, 2], padding: [1, 0, 2, 1] }),
    ],
    expected: { BlockedConv: 1, Conv: 0 },
  },
  "filters that were transposed are laid out from where they came": {
    shapes: [[16, 16, 8, 8], [3, 3, 16, 32]],
    build: ([x, w]) => [ops.conv(x, ops.transpose(w, [3, 2, 0, 1]), same)],
    expected: { BlockedConv: 1, BlockFilters: 1, Transpose: 0 },
  },
  "blocks that channels do not fill are filled up with zeros, which are cut off again": {
    shapes: [[16, 28, 8, 8], [28, 28, 3, 3], [28], [32, 28, 3, 2], [16, 28, 9, 7], [28, 28, 1, 1]],
    build: ([x, w, bias, whole, dy, point]) => [
      ops.conv(x, w, same, bias),
      ops.conv(x, whole, { stride: [1, 2], padding: [1, 0, 1, 1], dilation: [1, 2] }),
      ops.convInputGradient(dy, ops.transpose(whole, [1, 0, 2, 3]), [16, 32, 10, 8], {
        padding: [1, 0, 0, 0],
      }),
      ops.conv(x, point),
    ],
    expected: { BlockedConv: 4, FillBlocks: 2, CutBlocks: 2, Unblock: 2, Conv: 0 },
  },
  "where most products would be with zeros, or channels do not come by fours, they are convolved as they are":
    {
      shapes: [[16, 20, 8, 8], [17, 20, 3, 3], [16, 22, 8, 8], [24, 22, 3, 3]],
      build: ([x, w, y, v]) => [ops.conv(x, w, same), ops.conv(y, v, same)],
      expected: { BlockedConv: 0, Conv: 2 },
    },
  "so are few output elements, and groups of fewer channels than a block": {
    shapes: [[16, 32, 8, 8], [32, 32, 3, 3], [32, 8, 3, 3]],
    build: ([x, w, grouped]) => [
      ops.conv(ops.slice(x, [0, 0, 0, 0], [1, 32, 8, 8]), w, same),
      ops.conv(x, grouped, { groups: 4 }),
    ],
    expected: { BlockedConv: 0, Conv: 2 },
  },
  "groups of whole blocks, single channels and filters of one element are computed in blocks": {
    shapes: [[16, 32, 8, 8], [32, 16, 3, 3], [32, 1, 3, 2], [32, 32, 1, 1]],
    build: ([x, grouped, single, point]) => [
      ops.conv(x, grouped, { groups: 2 }),
      ops.conv(x, single, { groups: 32, stride: [2, 1], padding: [1, 0, 1, 1] }),
      ops.conv(x, point),
    ],
    expected: { BlockedConv: 3, Conv: 0, Block: 1 },
  },
  "what computes element by element between two convolutions stays in blocks": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 16, 3, 3], [16, 16, 8, 8]],
    build: ([x, v, w, shortcut]) => {
      const one = ops.conv(x, v, same);
      const two = ops.mul(ops.add(ops.abs(one), shortcut), fromHost(new Float32Array([2]), []));
      return [ops.conv(two, w, same)];
    },
    expected: { BlockedConv: 2, Block: 2, Unblock: 1 },
  },
  "relu is done by the convolution if nobody else reads that": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3]],
    build: ([x, w]) => [ops.relu(ops.conv(x, w, same))],
    expected: { BlockedConv: 1, Relu: 0 },
  },
  "relu stays where the convolution's own result is wanted too": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3]],
    build: ([x, w]) => {
      const conv = ops.conv(x, w, same);
      return [conv, ops.relu(conv)];
    },
    expected: { BlockedConv: 1, Relu: 1 },
  },
  "channels-last arrays go into blocks and out of them in one move": {
    shapes: [[16, 8, 8, 16], [16, 16, 3, 3]],
    build: ([x, w]) => [ops.transpose(ops.conv(ops.transpose(x, first), w, same), last)],
    expected: { Block: 1, Unblock: 1, Transpose: 0 },
  },
  "numbers a channel, and numbers an image and channel, meet blocks as one line": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 1, 1], [1, 16, 1, 1], [16, 16, 1, 1]],
    build: ([x, w, scale, shift, gate]) => [
      ops.add(ops.mul(ops.conv(x, w, same), scale), shift),
      ops.mul(gate, ops.conv(x, w, same)),
      ops.sub(shift, ops.conv(x, w, same)),
    ],
    expected: { BlockedConv: 1, Unblock: 3, ChannelLine: 3, Mul: 0, Sub: 0 },
  },
  "other operands have the plain array": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 1, 8, 8]],
    build: ([x, w, scale]) => [ops.mul(ops.conv(x, w, same), scale)],
    expected: { BlockedConv: 1, Unblock: 1, Mul: 1 },
  },
  "a line adds another array, or another line, and cuts off": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 16, 1, 1], [16, 1, 1], [16, 1, 1]],
    build: ([x, v, w, one, two]) => {
      const scaled = ops.mul(ops.conv(x, v, same), one);
      const shifted = ops.add(ops.mul(ops.conv(x, w), two), two);
      return [
        ops.relu(ops.add(scaled, x)),
        ops.relu(ops.add(scaled, shifted)),
        ops.sub(shifted, scaled),
        ops.sub(x, shifted),
      ];
    },
    expected: { BlockedConv: 2, Relu: 0, Mul: 0, Sub: 0 },
  },
  "a bound above goes into a line as relu does, where nothing else reads that": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 1, 1]],
    build: ([x, w, scale]) => {
      const line = ops.mul(ops.conv(x, w, same), scale);
      const other = ops.sub(line, x);
      return [ops.hardtanh(line, 0, 6), ops.hardtanh(other, -1, 6), ops.add(line, x)];
    },
    expected: { BlockedConv: 1, Hardtanh: 2 },
  },
  "so it does behind a sum": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 1, 1]],
    build: ([x, w, scale]) => [
      ops.hardtanh(ops.add(ops.mul(ops.conv(x, w, same), scale), x), 0, 6),
    ],
    expected: { ChannelLine: 1, Hardtanh: 0 },
  },
  "rows and columns are cut out, and something put around them, in blocks": {
    shapes: [[16, 32, 8, 8], [32, 32, 3, 3]],
    build: ([x, w]) => {
      const around = ops.pad(ops.conv(x, w, same), [0, 0, 1, 2], [0, 16, 0, 1], 3);
      return [ops.relu(ops.slice(around, [1, 0, 1, 0], [16, 32, 9, 10], [1, 1, 2, 3]))];
    },
    expected: { Block: 1, Unblock: 1, BlockedConv: 1, Pad: 1, Slice: 1 },
  },
  "sums pass by what a line does to each channel, in products too": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 1, 1], [16, 1, 1]],
    build: ([x, w, one, two]) => {
      const conv = ops.conv(x, w, same);
      const scaled = ops.mul(conv, one);
      return [
        ops.sum(ops.add(scaled, two), { axes: [0, 2, 3] }),
        ops.sum(ops.mul(ops.mul(conv, two), scaled), { axes: [0, 2, 3] }),
        ops.sum(ops.mul(scaled, conv), { axes: [2, 3] }),
      ];
    },
    // One line is left: a sum over rows and columns has one for each image.
    expected: { BlockedConv: 1, Unblock: 0, ChannelLine: 1 },
  },
  "a convolution starts from what is added to it, where nothing else reads it": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 16, 8, 8]],
    build: ([x, w, other]) => {
      const read = ops.conv(x, w, same);
      return [
        ops.add(other, ops.conv(x, ops.abs(w), same)),
        read,
        ops.add(read, other),
        ops.relu(ops.add(ops.conv(other, w, same), x)),
      ];
    },
    expected: { BlockedConv: 3, Add: 1, Relu: 1 },
  },
  "slices of slices are one, and so are their gradients": {
    shapes: [[3, 8, 9], [3, 2, 9]],
    build: ([x, dy]) => [
      ops.slice(ops.slice(x, [0, 1, 0], [3, 8, 9], [1, 2, 1]), [1, 0, 2], [3, 3, 9], [1, 2, 3]),
      ops.dilate(ops.dilate(dy, [3, 5, 9], [0, 1, 0], [1, 3, 1]), [3, 11, 28], [0, 0, 1], [
        1,
        2,
        3,
      ]),
    ],
    expected: { Slice: 1, Dilate: 1 },
  },
  "gradients of every other row and column are phases, of which one is not nothing": {
    shapes: [[16, 16, 4, 4], [16, 16, 3, 3], [16, 16, 4, 4], [16, 16, 2, 4]],
    build: ([dy, w, shortcut, rows]) => {
      const whole = [16, 16, 8, 8];
      const strided = { stride: [2, 2], ...same };
      return [
        ops.add(
          ops.convInputGradient(dy, w, whole, strided),
          ops.dilate(ops.dilate(shortcut, [16, 16, 4, 8], [0, 0, 0, 1], [1, 1, 1, 2]), whole, [
            ...[0, 0, 0, 0],
          ], [1, 1, 2, 1]),
        ),
        ops.dilate(rows, [16, 16, 6, 4], [0, 0, 2, 0], [1, 1, 3, 1]),
        // Rows that are left over, and images apart, are padded.
        ops.dilate(rows, [16, 16, 5, 4], [0, 0, 1, 0], [1, 1, 3, 1]),
        ops.dilate(rows, [32, 16, 2, 4], [0, 0, 0, 0], [2, 1, 1, 1]),
      ];
    },
    expected: { JoinPhases: 2, BlockedConv: 4, Add: 0, Dilate: 2 },
  },
  "arrays side by side along whole blocks, and their parts, stay in blocks": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 32, 3, 3], [16, 16, 8, 8]],
    build: ([x, v, w, y]) => {
      const both = ops.concat([ops.conv(x, v, same), y], 1);
      const part = ops.slice(both, [2, 16, 0, 0], [14, 32, 8, 8]);
      return [ops.conv(both, w, same), ops.conv(part, v, same)];
    },
    expected: { BlockedConv: 3, Block: 2, Unblock: 2 },
  },
  "an input gradient is a convolution in blocks": {
    shapes: [[16, 32, 7, 8], [32, 16, 3, 2]],
    build: ([dy, w]) => [
      ops.convInputGradient(dy, w, [16, 16, 8, 9], { padding: [1, 0, 0, 0] }),
    ],
    expected: { BlockedConv: 1, ConvInputGradient: 0 },
  },
  "with dilation too": {
    shapes: [[16, 32, 8, 8], [32, 16, 3, 3]],
    build: ([dy, w]) => [
      ops.convInputGradient(dy, w, [16, 16, 8, 8], { padding: [2, 2, 2, 2], dilation: [2, 2] }),
    ],
    expected: { BlockedConv: 1, ConvInputGradient: 0 },
  },
  "with a longer stride it is one for each element of the stride": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 16, 1, 1], [32, 1, 3, 3], [16, 32, 8, 16]],
    build: ([dy, w, point, single, wide]) => [
      ops.convInputGradient(dy, w, [16, 16, 16, 16], { stride: [2, 2], padding: [1, 1, 1, 1] }),
      ops.convInputGradient(dy, point, [16, 16, 16, 16], { stride: [2, 2] }),
      ops.convInputGradient(wide, single, [16, 32, 16, 16], {
        stride: [2, 1],
        padding: [1, 1, 1, 1],
        groups: 32,
      }),
    ],
    expected: { BlockedConv: 7, JoinPhases: 3, ConvInputGradient: 0 },
  },
  "where strides do not fill the input, or with more padding than the filter reaches, it stays": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16, 16, 2, 2], [16, 16, 9, 9]],
    build: ([dy, w, small, wide]) => [
      ops.convInputGradient(dy, w, [16, 16, 17, 17], { stride: [2, 2] }),
      ops.convInputGradient(wide, small, [16, 16, 6, 6], { padding: [2, 2, 2, 2] }),
    ],
    expected: { BlockedConv: 0, ConvInputGradient: 2 },
  },
};
