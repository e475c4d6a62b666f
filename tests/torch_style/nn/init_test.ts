/** First values of parameters: distributions, bounds, structure. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { recorded } from "./recorded.ts";

const { nn } = torch;
const { init } = nn;

interface Statistics {
  readonly mean: number;
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

async function statistics(tensor: torch.Tensor): Promise<Statistics> {
  const data = Array.from(await tensor.data(), Number);
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
  return { mean, deviation, least: Math.min(...data), most: Math.max(...data) };
}

async function assertSpread(tensor: torch.Tensor, deviation: number, bound = Infinity) {
  const found = await statistics(tensor);
  assertAlmostEquals(found.mean, 0, deviation / 20, "mean");
  assertAlmostEquals(found.deviation / deviation, 1, 0.03, "deviation");
  assert(Math.max(-found.least, found.most) <= bound, `${found.least}, ${found.most}`);
}

const wide = () => torch.zeros([60, 100]);
const filters = () => torch.zeros([50, 20, 3, 2]);

Deno.test("init: deviations and bounds follow fan in, fan out and gain", async () => {
  torch.manualSeed(3);
  await assertSpread(init.uniform_(wide(), -2, 2), 2 / Math.sqrt(3), 2);
  await assertSpread(init.normal_(wide(), 0, 0.5), 0.5);
  const glorot = Math.sqrt(2 / 160);
  await assertSpread(init.xavierUniform_(wide()), glorot, glorot * Math.sqrt(3));
  await assertSpread(init.xavierNormal_(wide(), 2), 2 * glorot);
  await assertSpread(init.kaimingNormal_(filters()), Math.sqrt(2 / 120));
  const out = { mode: "fan_out", nonlinearity: "linear" } as const;
  await assertSpread(init.kaimingNormal_(filters(), out), Math.sqrt(1 / 300));
  const leaky = Math.sqrt(2 / 1.25 / 120);
  await assertSpread(init.kaimingUniform_(filters(), { a: 0.5 }), leaky, leaky * Math.sqrt(3));
});

Deno.test("init: truncated normal numbers stay within bounds and keep the bell's shape", async () => {
  torch.manualSeed(4);
  const found = await statistics(init.truncNormal_(wide()));
  assert(found.least >= -2 && found.most <= 2 && found.most > 1.9);
  // The deviation of a standard normal distribution cut at ±2.
  assertAlmostEquals(found.deviation, 0.8796, 0.02);
  const tail = await statistics(init.truncNormal_(wide(), { a: 3, b: 10 }));
  assert(tail.least >= 3);
  assertAlmostEquals(tail.mean, 3.2831, 0.02);
  const narrow = await statistics(init.truncNormal_(wide(), { mean: 5, std: 2, a: 4, b: 5 }));
  assert(narrow.least >= 4 && narrow.most <= 5);
  assertAlmostEquals(narrow.mean, 4.5103, 0.02);
  assertThrows(() => init.truncNormal_(wide(), { a: 2, b: 2 }), Error, "expected less than b");
  for (const [name, value] of [["mean", NaN], ["mean", -Infinity], ["std", NaN], ["std", 0]]) {
    const message = `${name} is ${value}, expected a finite number`;
    assertThrows(() => init.truncNormal_(wide(), { [name]: value }), Error, message);
  }
});

Deno.test("init: orthogonal matrices have orthonormal rows or columns", async () => {
  torch.manualSeed(5);
  for (const shape of [[5, 8], [8, 5], [6, 2, 3]]) {
    const matrix = init.orthogonal_(torch.zeros(shape), 2).reshape(shape[0], -1);
    const [rows, columns] = matrix.shape;
    const product = rows <= columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
    const values = await product.tolist() as number[][];
    values.forEach((row, i) =>
      row.forEach((value, j) => assertAlmostEquals(value, i === j ? 4 : 0, 1e-5))
    );
  }
});

Deno.test("init: eye, dirac, constants, sparse", async () => {
  assertEquals(await init.eye_(torch.zeros([2, 3])).tolist(), [[1, 0, 0], [0, 1, 0]]);
  assertEquals(await init.constant_(torch.zeros([2]), 1.5).tolist(), [1.5, 1.5]);
  assertEquals(await init.ones_(torch.zeros([2], { dtype: "int64" })).tolist(), [1, 1]);
  const conv = new nn.Conv2d(4, 4, 3, { padding: 1, groups: 2, bias: false });
  init.dirac_(conv.weight, 2);
  const x = torch.randn([1, 4, 5, 5]);
  assertEquals(await conv(x).tolist(), await x.tolist());
  torch.manualSeed(6);
  const sparse = await init.sparse_(torch.zeros([10, 4]), 0.25).tolist() as number[][];
  for (let column = 0; column < 4; column++) {
    assertEquals(sparse.filter((row) => row[column] === 0).length, 3);
  }
  assertThrows(() => init.eye_(torch.zeros([2])), Error, "Only tensors with 2 dimensions");
  assertThrows(() => init.xavierNormal_(torch.zeros([2])), Error, "Fan in and fan out");
});

Deno.test("init: gains are PyTorch's", () => {
  for (const [name, gain, param] of recorded.gains) {
    assertAlmostEquals(init.calculateGain(name as "relu", param), gain, 1e-12, name);
  }
  assertThrows(
    () => init.calculateGain("swish" as "relu"),
    Error,
    "Unsupported nonlinearity swish",
  );
});

Deno.test("modules start as PyTorch's rules say", async () => {
  torch.manualSeed(7);
  const bound = (fan: number) => 1 / Math.sqrt(fan);
  const uniform = (tensor: torch.Tensor, limit: number) =>
    assertSpread(tensor, limit / Math.sqrt(3), limit);
  await uniform(new nn.Conv1d(20, 100, 3).weight, bound(60));
  await uniform(new nn.Conv3d(8, 40, 3, { groups: 2 }).weight, bound(4 * 27));
  // The fan in of a transposed convolution is counted from its second axis too.
  await uniform(new nn.ConvTranspose2d(40, 30, 3).weight, bound(270));
  await uniform(new nn.ConvTranspose2d(4, 3000, 1).bias!, bound(3000));
  const embedding = new nn.Embedding(100, 60, { paddingIdx: 2 });
  await assertSpread(embedding.weight, 1);
  assertEquals(new Set(await embedding.weight.select(0, 2).tolist() as number[]), new Set([0]));
  const attention = new nn.MultiheadAttention(40, 4);
  const limit = Math.sqrt(6 / 160);
  await uniform(attention.inProjWeight!, limit);
  await uniform(attention.outProj.weight, bound(40));
  const zeros = [attention.inProjBias!, attention.outProj.bias!];
  for (const tensor of zeros) assertEquals((await statistics(tensor)).deviation, 0);
  const norm = new nn.BatchNorm2d(3);
  assertEquals(await norm.weight!.tolist(), [1, 1, 1]);
  assertEquals(await norm.runningVar!.tolist(), [1, 1, 1]);
  assertEquals(await new nn.PReLU().weight.tolist(), [0.25]);
});
