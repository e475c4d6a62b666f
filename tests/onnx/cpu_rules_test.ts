/**
 * What graphs become for ONNX Runtime's CPU kernels: the same values, computed by the ops that were meant to be put in.
 * Inputs are small integers, so that sums are exact in whatever order, and equal maxima abound.
 */
import { assert, assertEquals } from "@std/assert";
import {
  collectGraph,
  fromHost,
  type LazyArray,
  ops,
  placeholder,
  type Shape,
  sizeOf,
} from "../../onnx/mod.ts";
import { channelBlock } from "../../onnx/rewrite/cpu/channel_block.ts";
import { rewriteForCpu, rewriteGraph } from "../../onnx/rewrite/mod.ts";
import { throughSession } from "./through_session.ts";

type Build = (inputs: readonly LazyArray[]) => readonly LazyArray[];

interface Case {
  readonly shapes: readonly Shape[];
  readonly build: Build;
  /** How often ops occur afterwards, with blocks of 16 channels. */
  readonly expected: Readonly<Record<string, number>>;
}

/** Integers from -2 to 2, without a pattern that a window could fall in with. */
function integersOf(shape: Shape, seed: number): LazyArray {
  let state = seed * 7919 + 1;
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (state * 48271) % 2147483647;
    return state % 5 - 2;
  });
  return fromHost(data, shape);
}

function countOps(roots: readonly LazyArray[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of collectGraph(roots).nodes) counts[op.name] = (counts[op.name] ?? 0) + 1;
  return counts;
}

/** As programs for the CPU are rewritten: for all providers first. */
function forCpu(roots: readonly LazyArray[], block: number | undefined): LazyArray[] {
  const graph = collectGraph(roots);
  return rewriteForCpu(rewriteGraph(graph, roots, graph.leaves), block);
}

function opsAfter({ shapes, build }: Case, block: number | undefined): Record<string, number> {
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  return countOps(forCpu(build(inputs), block));
}

async function assertSame({ shapes, build }: Case, block: number | undefined): Promise<void> {
  const inputs = shapes.map((shape, i) => integersOf(shape, i + 1));
  const plain = await throughSession(inputs, build);
  const rewritten = await throughSession(inputs, build, (roots) => forCpu(roots, block));
  plain.forEach(({ result }, i) => {
    assertEquals(rewritten[i].result.dims, result.dims, `shape of result ${i}`);
    assert(result.data.some((value) => Number(value) !== 0), `result ${i} is not all zeros`);
    assertEquals(rewritten[i].result.data, result.data, `result ${i}`);
  });
}

const same = { padding: [1, 1, 1, 1] } as const;
const halves = { kernel: [2, 2] };
const last = [0, 2, 3, 1];
const first = [0, 3, 1, 2];

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

const cases: Record<string, Case> = {
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
  "channels that do not fill blocks are convolved as they are": {
    shapes: [[16, 16, 8, 8], [24, 16, 3, 3]],
    build: ([x, w]) => [ops.conv(x, w, same)],
    expected: { BlockedConv: 0, Conv: 1 },
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
  "filter gradients are products image by image, from plain gradients": {
    shapes: [[4, 5, 9, 8], [4, 6, 5, 4]],
    build: ([x, dy]) => [
      ops.convFilterGradient(x, dy, [6, 5, 3, 2], { stride: [2, 2], padding: [1, 0, 1, 0] }),
    ],
    expected: { ConvFilterGradient: 0, MatMul: 2 },
  },
  "in blocks of channels they are products filter element by filter element": {
    shapes: [[4, 32, 12, 11], [4, 6, 12, 11]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 32, 3, 3], same)],
    expected: { Block: 1, BlockedConv: 9, MatMul: 18, Conv: 0 },
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
    expected: { BlockedConv: 10, Conv: 0, ConvFilterGradient: 0 },
  },
  "of small images they are not": {
    shapes: [[4, 32, 8, 8], [4, 6, 8, 8]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 32, 3, 3], same)],
    expected: { BlockedConv: 0, Conv: 1, MatMul: 2 },
  },
  "a filter of one element meets the image as it is": {
    shapes: [[4, 16, 9, 8], [4, 6, 9, 8]],
    build: ([x, dy]) => [ops.convFilterGradient(x, dy, [6, 16, 1, 1])],
    expected: { MatMul: 2, Conv: 0, BlockedConv: 0 },
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
    expected: { BlockedConv: 14, MaxPool: 0, Unpool: 0, JoinPhases: 1, Relu: 0 },
  },
  "of images with few channels the phases' filter gradients are summed, not the phases joined": {
    shapes: [[16, 3, 8, 8], [16, 3, 3, 3], [16], [16, 16, 4, 4]],
    build: (inputs) => convReluPool(inputs, same).slice(0, 2),
    expected: { BlockedConv: 4, JoinPhases: 0, MaxPool: 0, Unblock: 1 },
  },
  "fewer channels than a block, however many, are read as they are": {
    shapes: [[16, 12, 8, 8], [32, 12, 3, 3], [32], [16, 32, 4, 4]],
    build: (inputs) => convReluPool(inputs, same),
    expected: { Block: 1, BlockedConv: 4, ConvInputGradient: 1, JoinPhases: 1 },
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
  "without room for the phases the pooling tells its indices": {
    shapes: [[16, 16, 10, 10], [16, 16, 3, 3], [16], [16, 16, 4, 4]],
    build: (inputs) => convReluPool(inputs, {}),
    expected: { MaxPool: 1, Unpool: 1, JoinPhases: 0 },
  },
  "so it does where windows overlap or leave something out": {
    shapes: [[16, 16, 9, 9], [16, 16, 3, 3], [16], [16, 16, 4, 4], [16, 16, 4, 4]],
    build: ([x, w, b, one, two]) => [
      ...convReluPool([x, w, b, one], same, { kernel: [3, 3], stride: [2, 2] }),
      ...convReluPool([x, w, b, two], same),
    ],
    expected: { MaxPool: 2, Unpool: 2, JoinPhases: 0 },
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
    expected: { BlockedConv: 1, MaxPool: 1, JoinPhases: 0 },
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
};

for (const [title, item] of Object.entries(cases)) {
  Deno.test(title, async () => {
    const counts = opsAfter(item, 16);
    for (const [op, times] of Object.entries(item.expected)) {
      assertEquals(counts[op] ?? 0, times, `${op} in ${JSON.stringify(counts)}`);
    }
    await assertSame(item, await channelBlock());
  });
}

Deno.test("without blocks of channels all else is rewritten, and the same", async () => {
  for (const item of Object.values(cases)) {
    const counts = opsAfter(item, undefined);
    assert(!Object.keys(counts).some((name) => /Block|Phase/.test(name)), JSON.stringify(counts));
    await assertSame(item, undefined);
  }
});

Deno.test("the mask is exact from the smallest normal number on", async () => {
  const values = [1.1754944e-38, -1.1754944e-38, 0, -0, 1, -1, 3e38, -3e38, Infinity, -Infinity];
  const x = fromHost(new Float32Array(values), [values.length]);
  const [{ result }] = await throughSession(
    [x],
    ([a]) => [ops.step(a)],
    (roots) => forCpu(roots, undefined),
  );
  assertEquals([...result.data].map(Number), [1, 0, 0, 0, 1, 0, 1, 0, 1, 0]);
});

Deno.test("a block is 8 or 16 channels, or there are none", async () => {
  assert([undefined, 8, 16].includes(await channelBlock()));
});
