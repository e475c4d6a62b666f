/** bfloat16: rounding to the bit, on the host and in ONNX Runtime, and files. */
import { assertEquals } from "@std/assert";
import {
  constant,
  decodeSafetensors,
  encodeSafetensors,
  evaluate,
  fromHost,
  limitHostWork,
  ops,
  toBfloat16,
} from "../../onnx/mod.ts";
import { HOST_LIMIT } from "../../onnx/op.ts";

/** Pairs of float32 and the bfloat16 that PyTorch makes of it: `torch.tensor(x).bfloat16().float()`. */
const ROUNDED: readonly (readonly [number, number])[] = [
  [1, 1],
  [1.00390625, 1], // between two: the even one
  [1.01171875, 1.015625],
  [-1.00390637, -1.0078125],
  [0.1, 0.10009765625],
  [65504, 65536],
  [3.4e38, Infinity],
  [-Infinity, -Infinity],
  [NaN, NaN],
  [-0, -0],
];

Deno.test("float32 becomes the bfloat16 that PyTorch makes of it, on the host and in ONNX Runtime", async () => {
  const values = Float32Array.from(ROUNDED, ([x]) => x);
  const expected = Float32Array.from(ROUNDED, ([, y]) => y);
  assertEquals(Float32Array.from(values, toBfloat16), expected);
  for (const limit of [HOST_LIMIT, 0]) {
    limitHostWork(limit);
    try {
      const y = ops.cast(fromHost(values.slice(), [values.length]), "bfloat16");
      await evaluate([y]);
      assertEquals([y.dtype, y.hostData()], ["bfloat16", expected], `limit ${limit}`);
    } finally {
      limitHostWork(HOST_LIMIT);
    }
  }
});

Deno.test("each result of bfloat16 is rounded, on the host and in ONNX Runtime", async () => {
  const list = Array.from({ length: 600 }, (_, i) => Math.sin(i * i) * 10 ** (i % 7 - 3));
  for (const limit of [HOST_LIMIT, 0]) {
    limitHostWork(limit);
    try {
      const x = ops.cast(fromHost(Float32Array.from(list), [20, 30]), "bfloat16");
      const y = ops.add(ops.mul(x, x), constant(1, "bfloat16"));
      const z = ops.transpose(ops.matmul(x, x, false, true), [1, 0]);
      await evaluate([y, z]);
      const products = Array.from(z.hostData() as Float32Array);
      const square = list.map((value) => toBfloat16(toBfloat16(value) ** 2));
      assertEquals(Array.from(y.hostData(), Number), square.map((value) => toBfloat16(value + 1)));
      assertEquals(
        products,
        products.map(toBfloat16),
      );
    } finally {
      limitHostWork(HOST_LIMIT);
    }
  }
});

Deno.test("safetensors keep bfloat16 in two bytes a value", async () => {
  const x = ops.cast(fromHost(Float32Array.from({ length: 7 }, (_, i) => i / 3), [7]), "bfloat16");
  await evaluate([x]);
  const file = await encodeSafetensors(new Map([["x", x]]));
  const back = decodeSafetensors(file, "a test").arrays.get("x")!;
  assertEquals([back.dtype, back.hostData()], ["bfloat16", x.hostData()]);
  const header = Number(new DataView(file.buffer).getBigUint64(0, true));
  assertEquals(file.length, 8 + header + 14);
});
