/** Convolutions whose filters, and their gradients, are kept as [kh, kw, c, o]. */
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { type CpuCase, same } from "./cpu_case.ts";

/** A convolution, and the gradients of its input and of the filters [kh, kw, c, o]. */
function convolved(
  [x, kept, dy]: readonly LazyArray[],
  window: ops.ConvOptions,
): LazyArray[] {
  const w = ops.transpose(kept, [3, 2, 0, 1]);
  const gradient = ops.convFilterGradient(x, dy, w.shape, window);
  return [
    ops.conv(x, w, window),
    ops.convInputGradient(dy, w, x.shape, window),
    // As an optimizer goes on with it: transposes that moved on would be met again behind the product.
    ops.sub(kept, ops.mul(ops.transpose(gradient, [2, 3, 1, 0]), constant(2))),
  ];
}

export const channelsLastCases: Record<string, CpuCase> = {
  "filters kept channels last are laid out from there, forward and back": {
    shapes: [[8, 32, 8, 8], [3, 3, 32, 48], [8, 48, 8, 8]],
    build: (inputs) => convolved(inputs, same),
    expected: { BlockFilters: 2, BlockedConv: 2, ChannelsLastFilterGradient: 0 },
  },
  "so are fewer input channels than a block, and filters of one element": {
    shapes: [[8, 3, 8, 8], [3, 3, 3, 16], [8, 16, 8, 8], [16, 16, 8, 8], [1, 1, 16, 32], [
      16,
      32,
      8,
      8,
    ]],
    build: ([x, w, dy, ...others]) => [
      ...convolved([x, w, dy], same),
      ...convolved(others, {}),
    ],
    expected: { BlockFilters: 3, BlockedConv: 3 },
  },
  "large filters of small images are not moved at all": {
    shapes: [[2, 192, 4, 4], [3, 3, 192, 176], [2, 176, 2, 2]],
    build: (inputs) => convolved(inputs, { ...same, stride: [2, 2] }),
    // ONNX Runtime merges the two products that lay the images out: their matrices are equal constants.
    expected: { BlockFilters: 0, MatMul: 6, Conv: 0, ConvInputGradient: 0 },
  },
  "gradients of many channels come out channels last": {
    shapes: [[32, 176, 6, 5], [3, 3, 176, 176], [32, 176, 3, 5]],
    build: (inputs) => convolved(inputs, { stride: [2, 1], padding: [1, 1, 0, 1] }).slice(2),
    // The gradient's images and channels are exchanged, and the products' sides.
    expected: { MatMul: 9, Transpose: 2 },
  },
  "filters channel by channel are laid out from there": {
    shapes: [[8, 32, 8, 8], [3, 3, 32], [8, 32, 8, 8]],
    build: ([x, kept, dy]) => {
      const window = { ...same, groups: 32 };
      const w = ops.transpose(ops.reshape(kept, [3, 3, 32, 1]), [2, 3, 0, 1]);
      return [ops.conv(x, w, window), ops.convInputGradient(dy, w, x.shape, window)];
    },
    expected: { BlockFilters: 2, BlockedConv: 2 },
  },
};
