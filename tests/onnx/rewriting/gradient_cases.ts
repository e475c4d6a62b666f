/** Filter gradients, poolings and sums on the CPU. */
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { type CpuCase, same } from "./cpu_case.ts";

const halves = { kernel: [2, 2] };

/** A convolution, relu and pooling, forward and back: pooled values and the gradients of x, w and the bias. */
function convReluPool(
  [x, w, bias, dy]: readonly LazyArray[],
  window: ops.ConvOptions,
  pooling: ops.PoolOptions = halves,
): LazyArray[] {
  const conv = ops.conv(x, w, window, bias);
  const active = ops.relu(conv);
  const pooled = ops.maxPool(active, pooling);
  const masked = ops.mul(dy, ops.step(pooled));
  const back = ops.maxPoolGradient(masked, active, pooling);
  return [
    pooled,
    ops.convFilterGradient(x, back, w.shape, window),
    ops.convInputGradient(back, w, x.shape, window),
    ops.sum(masked, { axes: [0, 2, 3] }),
  ];
}

export const gradientCases: Record<string, CpuCase> = {
  "filter gradients are products image by image, from plain gradients": {
    shapes: [[4, 5, 9, 8], [4, 6, 5, 4]],
    build: ([x, dy]) => [
      ops.convFilterGradient(x, dy, [6, 5, 3, 2], { stride: [2, 2], padding: [1, 0, 1, 0] }),
    ],
    expected: { ConvFilterGradient: 0, TransposedProduct: 1, MatMul: 1 },
  },
  "in blocks of channels they are products filter element by filter element": {
    shapes: [[4, 32, 12, 11], [4, 18, 12, 11]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [18, 32, 3, 3], same)],
    expected: { Block: 1, Shift: 8, MatMul: 18, Conv: 0 },
  },
  "so they are with stride, dilation, uneven padding and elements left over": {
    shapes: [[4, 16, 24, 17], [4, 5, 12, 17], [4, 16, 40, 12], [4, 5, 13, 11]],
    build: ([x, dy, wide, far]) => [
      ops.convFilterGradient(x, dy, [5, 16, 3, 2], {
        stride: [2, 1],
        dilation: [1, 2],
        padding: [1, 0, 1, 2],
      }),
      ops.convFilterGradient(wide, far, [5, 16, 2, 2], { stride: [3, 1], padding: [0, 0, 0, 0] }),
    ],
    expected: { Shift: 10, Conv: 0, ConvFilterGradient: 0 },
  },
  "of small images they are not": {
    shapes: [[4, 32, 8, 8], [4, 6, 8, 8]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 32, 3, 3], same)],
    expected: { BlockedConv: 0, Conv: 1, TransposedProduct: 1, MatMul: 1 },
  },
  "but of many small images they are one product over all for each filter element": {
    shapes: [[16, 32, 8, 8], [16, 6, 8, 8]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 32, 3, 3], same)],
    expected: { Block: 1, Shift: 8, Unblock: 9, MatMul: 9, Conv: 0 },
  },
  "gradients of few channels are laid out instead of the images": {
    shapes: [[4, 20, 12, 11], [4, 6, 12, 11], [4, 6, 11, 11], [4, 32, 12, 11]],
    build: ([x, dy, far, blocked]) => [
      ops.convFilterGradient(x, dy, [6, 20, 3, 3], same),
      ops.convFilterGradient(x, far, [6, 20, 4, 2], { dilation: [1, 2], padding: [1, 2, 1, 0] }),
      ops.convFilterGradient(blocked, dy, [6, 32, 3, 3], same),
    ],
    // One that lays out, one that sums up.
    expected: { Conv: 2, TransposedProduct: 3, MatMul: 3, Shift: 0, ConvFilterGradient: 0 },
  },
  "elements that are repeated along rows and columns are resized": {
    shapes: [[4, 5, 8, 9], [8, 3, 40, 1], [32, 40, 1]],
    build: ([dy, rows, columns]) => [
      ops.averagePoolGradient(dy, [4, 5, 16, 27], { kernel: [2, 3] }),
      ops.expand(rows, [8, 3, 40, 5]),
      ops.expand(columns, [32, 40, 4]),
    ],
    expected: { RepeatElements: 3, Expand: 0 },
  },
  "long runs of an element, few elements and other axes stay": {
    shapes: [[8, 40, 1], [4, 5, 1], [8, 1, 3, 20, 1], [1, 40, 1]],
    build: ([long, few, two, first]) => [
      ops.expand(long, [8, 40, 17]),
      ops.expand(few, [4, 5, 4]),
      ops.expand(two, [8, 4, 3, 20, 4]),
      ops.expand(first, [64, 40, 4]),
    ],
    expected: { RepeatElements: 0, Expand: 4 },
  },
  "of many channels they are one product over all images for each filter element": {
    shapes: [[32, 176, 6, 5], [32, 176, 3, 5]],
    build: ([x, dy]) => [
      ops.convFilterGradient(x, dy, [176, 176, 3, 3], { stride: [2, 1], padding: [1, 1, 0, 1] }),
    ],
    expected: { Block: 1, Shift: 9, Unblock: 9, MatMul: 9, ConvFilterGradient: 0 },
  },
  "a filter of one element meets the image as it is": {
    shapes: [[4, 16, 9, 8], [4, 6, 9, 8]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 16, 1, 1])],
    expected: { TransposedProduct: 1, MatMul: 1, Conv: 0, BlockedConv: 0 },
  },
  "between blocked arrays that is one product over all images": {
    shapes: [[16, 16, 16, 16], [16, 16, 3, 3], [32, 16, 1, 1], [16, 32, 8, 8]],
    build: ([x, w, point, dy]) => {
      const y = ops.conv(x, w, same);
      const strided = { stride: [2, 2] };
      const back = ops.mul(ops.conv(y, point, strided), dy);
      return [ops.convFilterGradient(y, back, point.shape, strided)];
    },
    // A product reads channels last: two moves out of blocks, none for each image.
    expected: { ConvFilterGradient: 0, MatMul: 1, Unblock: 2 },
  },
  "filter gradients channel by channel are convolutions of each image's channels by their gradients":
    {
      shapes: [[4, 32, 9, 8], [4, 32, 5, 7], [4, 32, 9, 10]],
      build: ([x, dy, far]) => [
        ops.convFilterGradient(x, dy, [32, 1, 3, 2], {
          stride: [2, 1],
          padding: [1, 0, 1, 0],
          groups: 32,
        }),
        ops.convFilterGradient(x, far, [32, 1, 3, 3], {
          dilation: [2, 1],
          padding: [2, 2, 2, 2],
          groups: 32,
        }),
      ],
      expected: { ConvFilterGradient: 0, BlockedConv: 2, Unblock: 0 },
    },
  "filter gradients with other groups stay what they are": {
    shapes: [[4, 4, 8, 8], [4, 6, 6, 6]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 2, 3, 3], { groups: 2 })],
    expected: { ConvFilterGradient: 1, MatMul: 0 },
  },
  "convolution, relu, pooling: four phases forward, no indices of maxima, and back": {
    shapes: [[16, 16, 12, 12], [32, 16, 3, 3], [32], [16, 32, 6, 6]],
    build: (inputs) => convReluPool(inputs, same),
    // Four phases, the input gradient, and nine shifts for the filters'.
    expected: { BlockedConv: 5, Shift: 8, MaxPool: 0, Unpool: 0, JoinPhases: 1, Relu: 0 },
  },
  "of images with few channels the phases' filter gradients are summed, not the phases joined": {
    shapes: [[16, 3, 8, 8], [16, 3, 3, 3], [16], [16, 16, 4, 4]],
    build: (inputs) => convReluPool(inputs, same).slice(0, 2),
    expected: { BlockedConv: 4, JoinPhases: 0, MaxPool: 0, Unblock: 1 },
  },
  "fewer channels than a block, however many, are read as they are": {
    shapes: [[16, 12, 8, 8], [32, 12, 3, 3], [32], [16, 32, 4, 4]],
    build: (inputs) => convReluPool(inputs, same),
    expected: { Block: 1, BlockedConv: 5, ConvInputGradient: 0, CutBlocks: 1, JoinPhases: 1 },
  },
  "wider filters, strides and oblong windows have phases too": {
    shapes: [[16, 3, 16, 12], [16, 3, 5, 3], [16], [16, 16, 4, 12]],
    build: (inputs) =>
      convReluPool(inputs, { stride: [2, 1], padding: [2, 2, 1, 0] }, { kernel: [2, 1] }),
    expected: { BlockedConv: 2, MaxPool: 0, JoinPhases: 1 },
  },
  "gradients that relu's mask did not meet go to the first of equal maxima as well": {
    shapes: [[16, 3, 8, 8], [16, 3, 3, 3], [16, 16, 4, 4]],
    build: ([x, w, dy]) => {
      const active = ops.relu(ops.conv(x, w, same));
      return [ops.maxPool(active, halves), ops.maxPoolGradient(dy, active, halves)];
    },
    expected: { BlockedConv: 4, MaxPool: 0 },
  },
  "without room for the phases the gradient is made from the maxima": {
    shapes: [[16, 16, 10, 10], [16, 16, 3, 3], [16], [16, 16, 4, 4]],
    build: (inputs) => convReluPool(inputs, {}),
    expected: { MaxPool: 0, Unpool: 0, BlockedMaxPool: 2, JoinPhases: 2 },
  },
  "so it is of windows that overlap, hang over the edge or lie apart, with ties too": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16], [16, 16, 8, 8], [16, 16, 4, 4], [16, 16, 8, 4]],
    build: ([x, w, b, dense, half, apart]) => {
      const around = { kernel: [3, 3], padding: [1, 1, 1, 1] };
      return [
        ...convReluPool([x, w, b, dense], same, { ...around, stride: [1, 1] }),
        ...convReluPool([x, w, b, half], same, { ...around, stride: [2, 2] }),
        ...convReluPool([x, w, b, apart], same, {
          kernel: [2, 1],
          stride: [1, 2],
          padding: [1, 0, 1, 0],
          dilation: [2, 1],
        }),
      ];
    },
    expected: { MaxPool: 0, Unpool: 0, BlockedMaxPool: 6, JoinPhases: 3 },
  },
  "where strides do not come out even rows and columns are cut off again": {
    shapes: [[16, 16, 9, 9], [16, 16, 3, 3], [16], [16, 16, 4, 4], [16, 16, 5, 5], [16, 16, 3, 3]],
    build: ([x, w, b, within, around, apart]) => [
      ...convReluPool([x, w, b, within], same, { kernel: [3, 3], stride: [2, 2] }),
      ...convReluPool([x, w, b, around], same, {
        kernel: [3, 3],
        stride: [2, 2],
        padding: [1, 1, 1, 1],
      }),
      ...convReluPool([x, w, b, apart], same, { kernel: [2, 2], stride: [3, 3] }),
    ],
    expected: { MaxPool: 0, Unpool: 0, BlockedMaxPool: 6, JoinPhases: 6 },
  },
  "rows and columns that no window reaches are not computed, nor their gradients": {
    shapes: [[16, 16, 9, 9], [16, 16, 3, 3], [16], [16, 16, 4, 4], [16, 16, 5, 4], [16, 16, 2, 3]],
    build: ([x, w, b, halves, far, oblong]) => [
      ...convReluPool([x, w, b, halves], same),
      ...convReluPool([x, w, b, far], { stride: [2, 1], padding: [1, 1, 2, 1] }, {
        kernel: [1, 2],
        stride: [1, 2],
      }),
      ...convReluPool([x, w, b, oblong], { padding: [1, 2, 2, 1] }, { kernel: [4, 3] }),
    ],
    expected: { MaxPool: 0, Unpool: 0, Slice: 0, Pad: 0, BlockedMaxPool: 2 },
  },
  "where the filter would begin inside the images there are zeros at the gradient's end": {
    shapes: [[16, 16, 11, 10], [16, 16, 3, 3], [16], [16, 16, 5, 5], [16, 16, 4, 4]],
    build: ([x, w, b, halves, whole]) => [
      ...convReluPool([x, w, b, halves], { padding: [1, 1, 1, 1] }),
      ...convReluPool([x, w, b, whole], {}),
    ],
    expected: { MaxPool: 0, Unpool: 0, Pad: 1 },
  },
  "a convolution that others read is computed once, whole": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3], [16], [16, 16, 4, 4]],
    build: ([x, w, b, dy]) => {
      const active = ops.relu(ops.conv(x, w, same, b));
      return [
        ops.maxPool(active, halves),
        ops.maxPoolGradient(dy, active, halves),
        ops.sum(active, { axes: [1, 2, 3] }),
      ];
    },
    expected: { BlockedConv: 1, MaxPool: 0, BlockedMaxPool: 2, JoinPhases: 2 },
  },
  "without gradients a pooling behind a convolution is one in blocks": {
    shapes: [[16, 16, 9, 9], [16, 16, 3, 3]],
    build: ([x, w]) => {
      const pooling = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 0, 0] };
      return [ops.maxPool(ops.relu(ops.conv(x, w, same)), pooling)];
    },
    expected: { BlockedConv: 1, BlockedMaxPool: 1, MaxPool: 0, Unblock: 1 },
  },
  "a convolution of images goes into blocks for a pooling and the convolution behind that": {
    shapes: [[16, 3, 16, 16], [32, 3, 3, 3], [32], [16, 32, 3, 3]],
    build: ([x, v, bias, w]) => {
      const pooled = ops.maxPool(ops.relu(ops.conv(x, v, same, bias)), halves);
      return [ops.conv(pooled, w, same)];
    },
    expected: { Block: 0, BlockedConv: 2, BlockedMaxPool: 1, Relu: 0, Unblock: 1 },
  },
  "one sum a channel is taken in blocks": {
    shapes: [[16, 16, 8, 8], [16, 16, 3, 3]],
    build: ([x, w]) => {
      const conv = ops.conv(x, w, same);
      return [
        ops.sum(conv, { axes: [0, 2, 3] }),
        ops.sum(conv, { axes: [0, 2, 3], keepDims: true }),
      ];
    },
    expected: { BlockedConv: 1, Unblock: 0 },
  },
  "sums over rows are products": {
    shapes: [[32, 40, 5]],
    build: ([x]) => [
      ops.sum(x, { axes: 0 }),
      ops.sum(x, { axes: [0, 2], keepDims: true }),
      ops.sum(x),
    ],
    expected: { MatMul: 1, ReduceSum: 2 },
  },
  "sums over other axes, of few values or of very many rows are sums": {
    shapes: [[32, 200], [8, 8], [2048, 4]],
    build: ([x, small, long]) => [
      ops.sum(x, { axes: 1 }),
      ops.sum(small, { axes: 0 }),
      ops.sum(long, { axes: 0 }),
    ],
    expected: { MatMul: 0, ReduceSum: 3 },
  },
  "relu's mask is a steep line": {
    shapes: [[4, 5]],
    build: ([x]) => [ops.step(x)],
    expected: { ClippedLine: 1, Step: 0 },
  },
  "an array plus or minus another times one number is one line": {
    shapes: [[64, 200], [64, 200], [], [1]],
    build: ([a, b, s, t]) => [
      ops.add(a, ops.mul(s, b)),
      ops.add(ops.mul(b, t), a),
      ops.sub(a, ops.mul(b, s)),
    ],
    expected: { ChannelLine: 3, Add: 0, Sub: 0, Mul: 0 },
  },
  "of few elements, or elements that do not fill blocks, it stays what it is": {
    shapes: [[8, 200], [8, 200], [1001, 9], [1001, 9], []],
    build: ([a, b, c, d, s]) => [ops.add(a, ops.mul(s, b)), ops.sub(c, ops.mul(s, d))],
    expected: { ChannelLine: 0, Add: 1, Sub: 1, Mul: 2 },
  },
  "convolutions of small images by large filters are products over all images, gradients too": {
    shapes: [[8, 192, 4, 4], [176, 192, 3, 3], [176], [8, 176, 2, 4], [8, 176, 3, 2]],
    build: ([x, w, b, dy, far]) => {
      const strided = { stride: [2, 1], padding: [1, 1, 1, 1] };
      const dilated = { dilation: [1, 2], padding: [1, 1, 0, 1] };
      return [
        ops.conv(x, w, strided, b),
        ops.convInputGradient(dy, w, x.shape, strided),
        ops.convFilterGradient(x, dy, w.shape, strided),
        ops.conv(x, w, dilated),
        ops.convInputGradient(far, w, x.shape, dilated),
        ops.convFilterGradient(x, far, w.shape, dilated),
      ];
    },
    expected: { Conv: 0, BlockedConv: 0, ConvInputGradient: 0, ConvFilterGradient: 0 },
  },
};
