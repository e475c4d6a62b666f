/** What PyTorch's users write from habit means here what it means there. */
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { nn } = torch;

async function values(x: torch.Tensor) {
  return await x.tolist();
}

Deno.test("a tensor is gone through by its first axis", async () => {
  const x = torch.arange(6).reshape(3, 2);
  const rows: unknown[] = [];
  for (const row of x) rows.push(await values(row));
  assertEquals(rows, [[0, 1], [2, 3], [4, 5]]);
  const [first, , last] = x;
  assertEquals([await values(first), await values(last)], [[0, 1], [4, 5]]);
  assertThrows(() => [...torch.tensor(1)], Error, "iteration over a 0-d tensor");
  assertThrows(
    () => new torch.optim.SGD(x as never, { lr: 1 }),
    Error,
    "expected a list of tensors",
  );
});

Deno.test("operands stand one by one or in a list", () => {
  const [a, b] = [torch.ones(2, 3), torch.ones(3, 4)];
  assertEquals(torch.einsum("ij,jk->ik", a, b).shape, [2, 4]);
  assertEquals(torch.einsum("ij,jk->ik", [a, b]).shape, [2, 4]);
  const shapes = (grids: torch.Tensor[]) => grids.map(({ shape }) => shape);
  const [x, y] = [torch.arange(2), torch.arange(3)];
  assertEquals(shapes(torch.meshgrid(x, y)), [[2, 3], [2, 3]]);
  assertEquals(shapes(torch.meshgrid(x, y, { indexing: "xy" })), [[3, 2], [3, 2]]);
  assertEquals(shapes(torch.meshgrid([x, y])), [[2, 3], [2, 3]]);
});

Deno.test("roll takes several axes, or none", async () => {
  const x = torch.arange(6).reshape(2, 3);
  assertEquals(await values(torch.roll(x, 1)), [[5, 0, 1], [2, 3, 4]]);
  assertEquals(await values(x.roll(1, 1)), [[2, 0, 1], [5, 3, 4]]);
  assertEquals(await values(x.roll([1, -1], [0, 1])), [[4, 5, 3], [1, 2, 0]]);
  assertThrows(() => x.roll([1, 2], 0), Error, "shifts and dimensions must align");
});

Deno.test("variances take PyTorch's older word", async () => {
  const x = torch.tensor([1, 2, 4.5, 4.5]);
  const biased = await values(x.var({ correction: 0 }));
  assertEquals(await values(x.var({ unbiased: false })), biased);
  assertEquals(await values(torch.varMean(x, { unbiased: false })[0]), biased);
  assertEquals(await values(x.std({ unbiased: true })), await values(x.std()));
  assertThrows(() => x.std({ unbiased: true, correction: 2 }), Error, "exclude each other");
});

Deno.test("unique gives a tensor, or what was asked for in PyTorch's order", async () => {
  const x = torch.tensor([3, 1, 3]);
  assertEquals(await values(await torch.unique(x)), [1, 3]);
  const [output, inverse, counts] = await x.unique({ returnInverse: true, returnCounts: true });
  assertEquals([await values(output), await values(inverse), await values(counts)], [
    [1, 3],
    [1, 0, 1],
    [1, 2],
  ]);
  const [kept, often] = await torch.uniqueConsecutive(x, { returnCounts: true });
  assertEquals([await values(kept), await values(often)], [[3, 1, 3], [1, 1, 1]]);
});

Deno.test("unique tells apart what arithmetic does not: infinities, each NaN, large integers", async () => {
  const x = torch.tensor([1, Infinity, -Infinity, Infinity, NaN, 0, NaN, -Infinity]);
  const all = { returnInverse: true, returnCounts: true } as const;
  const found = await Promise.all((await torch.unique(x, all)).map(values));
  assertEquals(found, [
    [-Infinity, 0, 1, Infinity, NaN, NaN],
    [2, 3, 0, 3, 4, 1, 5, 0],
    [2, 1, 1, 2, 1, 1],
  ]);
  const pairs = torch.tensor([[Infinity, 1], [Infinity, 1], [NaN, 1], [NaN, 1]]);
  const [rows, counts] = await torch.uniqueConsecutive(pairs, { dim: 0, returnCounts: true });
  assertEquals([await values(rows), await values(counts)], [
    [[Infinity, 1], [NaN, 1], [NaN, 1]],
    [2, 1, 1],
  ]);
  const long = torch.fromArray(BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n, 2n ** 53n));
  assertEquals(
    await (await torch.unique(long)).data(),
    BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n),
  );
});

Deno.test("integers of 64 bits are told apart to the last one", async () => {
  const big = 2n ** 53n;
  const long = (...values: bigint[]) => torch.fromArray(BigInt64Array.from(values));
  const { values: mode, indices } = long(big, big + 1n, big, big + 1n, big + 1n).mode();
  const found = [
    mode,
    indices,
    torch.gcd(long(3n * (big + 1n)), long(-2n * (big + 1n))),
    torch.lcm(long(big + 1n), long(3n)),
    long(big + 1n, 2n, 3n).sum(),
    long(big + 1n, 2n, 3n).prod(),
    long(3n).pow(39),
  ].map(async (one) => [...await one.data()][0]);
  assertEquals(await Promise.all(found), [
    big + 1n,
    4n,
    big + 1n,
    big + 1n,
    big + 6n,
    6n * (big + 1n),
    3n ** 39n,
  ]);
});

Deno.test("several results come apart by name and in order", async () => {
  const x = torch.tensor([[2.5, 0.5], [1, 3]]);
  for (
    const [result, names] of [
      [x.max(1), ["values", "indices"]],
      [x.sort(), ["values", "indices"]],
      [x.topk(1), ["values", "indices"]],
      [x.kthvalue(1), ["values", "indices"]],
      [x.median(0), ["values", "indices"]],
      [x.mode(), ["values", "indices"]],
      [x.cummax(0), ["values", "indices"]],
      [x.aminmax(), ["min", "max"]],
      [torch.frexp(x), ["mantissa", "exponent"]],
      [torch.linalg.qr(x), ["Q", "R"]],
      [torch.linalg.svd(x), ["U", "S", "Vh"]],
      [torch.linalg.eigh(x), ["eigenvalues", "eigenvectors"]],
      [torch.linalg.slogdet(x), ["sign", "logabsdet"]],
    ] as unknown as [Record<string, torch.Tensor> & Iterable<torch.Tensor>, string[]][]
  ) {
    assertEquals(Object.keys(result), names);
    const parts = [...result];
    assertEquals(parts.length, names.length);
    for (const [i, name] of names.entries()) {
      assertInstanceOf(parts[i], torch.Tensor);
      assertEquals(await values(parts[i]), await values(result[name]));
    }
  }
});

Deno.test("dtypes, numbers and devices have their names in torch", () => {
  assertEquals(torch.ones([2], { dtype: torch.float64 }).dtype, "float64");
  assertEquals(torch.zeros(2).to(torch.long).dtype, torch.int64);
  assertEquals(new nn.Linear(2, 2).to(torch.half).weight.dtype, torch.float16);
  assertEquals([torch.pi, torch.inf, torch.nan], [Math.PI, Infinity, NaN]);
  const device = torch.device(torch.cuda.isAvailable() ? "cuda" : "cpu");
  assertEquals([device.type, String(device)], ["cpu", "cpu"]);
  const x = torch.ones(2).to(device);
  assertEquals(x.to(torch.arange(3)).dtype, "int64");
  const net = new nn.Linear(2, 2);
  assertEquals(net.to(device), net);
  assertThrows(() => torch.device("cuda"), Error, 'device "cuda" does not compute here');
  assertThrows(() => x.to("cuda:1"), Error, "onnx.useProvider");
});

Deno.test("typed arrays are data of their own type, copied", async () => {
  const values = Float32Array.of(1, 2, 3);
  const x = torch.tensor(values);
  values[0] = 9;
  assertEquals([x.shape, x.dtype, await x.tolist()], [[3], "float32", [1, 2, 3]]);
  const cases = [
    [new Float64Array(2), "float64", [2]],
    [new BigInt64Array(2), "int64", [2]],
    [new Uint8Array(2), "uint8", [2]],
    [[Int32Array.of(1, 2), Int32Array.of(3, 4)], "int32", [2, 2]],
    [[[1, 0.5], [2, 3]], "float32", [2, 2]],
  ] as const;
  for (const [data, dtype, shape] of cases) {
    assertEquals([torch.tensor(data).dtype, torch.tensor(data).shape], [dtype, shape]);
  }
  assertEquals(await x.newTensor(Uint8Array.of(5)).tolist(), [5]);
  const rows = [Int32Array.of(1, 2), Int32Array.of(3)];
  assertThrows(() => torch.tensor(rows), Error, "expected sequence of length 2 at dim 1 (got 1)");
  for (const data of ["1", null, { x: 1 }, [1, "2"], new DataView(new ArrayBuffer(4))]) {
    assertThrows(() => torch.tensor(data as never), TypeError, "tensor: data holds");
  }
});
