/** Floating-point operations of graphs, against values computed by hand. */
import { assert, assertEquals } from "@std/assert";
import { TorchModel } from "../../bench/models/published_cnn/torch.ts";
import {
  constant,
  countFlops,
  type Evaluation,
  fromHost,
  type LazyArray,
  ops,
  placeholder,
  Runtime,
  type Shape,
} from "../../onnx/mod.ts";
import { Tensor } from "../../torch_style/mod.ts";

const x = (...shape: Shape) => placeholder("x", "float32", shape);
const integers = (...shape: Shape) => placeholder("i", "int64", shape);

const byHand: readonly [title: string, array: () => LazyArray, flops: number][] = [
  ["a sum of two arrays, one broadcast", () => ops.add(x(4, 5), x(5)), 20],
  ["a function of each value", () => ops.exp(x(4, 5)), 20],
  ["integers", () => ops.add(integers(4), integers(4)), 0],
  ["a cast", () => ops.cast(x(4), "int64"), 0],
  ["views and moves", () => ops.concat([ops.transpose(x(2, 3)), ops.reshape(x(6), [3, 2])]), 0],
  ["a comparison", () => ops.less(x(6), x(1)), 6],
  ["a product of matrices", () => ops.matmul(x(8, 16), x(16, 4)), 2 * 8 * 16 * 4],
  ["transposed ones", () => ops.matmul(x(16, 8), x(4, 16), true, true), 2 * 8 * 16 * 4],
  ["a batch of them", () => ops.matmul(x(3, 8, 16), x(16, 4)), 3 * 2 * 8 * 16 * 4],
  ["an einsum", () => ops.einsum([x(3, 8, 16), x(3, 16, 4)], "bij,bjk->bik"), 3 * 2 * 8 * 16 * 4],
  ["a sum over an axis", () => ops.sum(x(7, 9), { axes: 0 }), 63],
  ["a softmax", () => ops.softmax(x(7, 9)), 5 * 63],
  [
    "a convolution with a bias, groups and a stride",
    () => ops.conv(x(2, 4, 9, 9), x(6, 2, 3, 3), { groups: 2, stride: [2, 2] }, x(6)),
    2 * (2 * 6 * 4 * 4) * (2 * 3 * 3) + 2 * 6 * 4 * 4,
  ],
  [
    "its input gradient: as much as forward without the bias",
    () =>
      ops.convInputGradient(x(2, 6, 4, 4), x(6, 2, 3, 3), [2, 4, 9, 9], {
        groups: 2,
        stride: [2, 2],
      }),
    2 * (2 * 6 * 4 * 4) * (2 * 3 * 3),
  ],
  [
    "its filter gradient: the same",
    () =>
      ops.convFilterGradient(x(2, 4, 9, 9), x(2, 6, 4, 4), [6, 2, 3, 3], {
        groups: 2,
        stride: [2, 2],
      }),
    2 * (2 * 6 * 4 * 4) * (2 * 3 * 3),
  ],
  ["a pooling: each window's elements", () => ops.maxPool(x(2, 3, 6), { kernel: [2] }), 2 * 3 * 6],
  ["an average", () => ops.averagePool(x(2, 3, 6), { kernel: [3], stride: [1] }), 2 * 3 * 4 * 3],
  ["a lookup", () => ops.gather(x(9, 4), integers(5)), 0],
  ["its gradient: sums of rows", () => ops.scatterAdd(x(9, 4), integers(5), x(5, 4)), 20],
  ["what is read twice counts once", () => squareSum(ops.exp(x(5))), 15],
];

function squareSum(y: LazyArray): LazyArray {
  return ops.add(ops.mul(y, y), y);
}

for (const [title, array, flops] of byHand) {
  Deno.test(`floating-point operations of ${title}`, () => {
    assertEquals(countFlops([array()]), flops);
  });
}

/** The published network's forward pass of one image. */
const CONV1 = 2 * (32 * 32 * 32) * (3 * 9) + 32 * 32 * 32;
const CONV2 = 2 * (64 * 16 * 16) * (32 * 9) + 64 * 16 * 16;
const RELUS_AND_POOLS = 2 * (32 * 32 * 32 + 64 * 16 * 16);
const DENSE1 = 2 * 4096 * 100 + 100 + 100;
const DENSE2 = 2 * 100 * 10 + 10;

Deno.test("the published network: 12.2 million operations an image", () => {
  const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).eval();
  const logits = network.forward(new Tensor(x(8, 3, 32, 32)));
  const flops = CONV1 + CONV2 + RELUS_AND_POOLS + DENSE1 + DENSE2;
  assertEquals(flops, 12_175_522);
  assertEquals(countFlops([logits.array]), 8 * flops);
});

Deno.test("a runtime tells what each evaluation took, whatever it was rewritten to", async () => {
  const runtime = new Runtime();
  const seen: Evaluation[] = [];
  const end = runtime.onEvaluate((evaluation) => seen.push(evaluation));
  const product = () => {
    const a = fromHost(new Float32Array(64 * 64).fill(1), [64, 64]);
    return ops.relu(ops.add(ops.matmul(a, a), constant(1)));
  };
  await runtime.evaluate([product()]);
  await runtime.evaluate([product()]);
  end();
  await runtime.evaluate([product()]);
  const flops = 2 * 64 ** 3 + 2 * 64 ** 2;
  assertEquals(seen.map((evaluation) => evaluation.flops), [flops, flops]);
  assert(seen[0].compileMs > 0 && seen[0].runMs > 0 && seen[1].runMs > 0);
  assertEquals(seen[1].compileMs, 0);
});
