/** Random numbers by distributions: means and deviations, limits, repetition by the seed. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const COUNT = 20000;

async function figures(x: torch.Tensor): Promise<{ mean: number; std: number; values: number[] }> {
  const values = Array.from(await x.data(), Number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(square), values };
}

const distributions: Record<
  string,
  [(x: torch.Tensor) => torch.Tensor, mean: number, std: number]
> = {
  "uniform_(-1, 3)": [(x) => x.uniform_(-1, 3), 1, 4 / Math.sqrt(12)],
  "normal_(2, 0.5)": [(x) => x.normal_(2, 0.5), 2, 0.5],
  "exponential_(2)": [(x) => x.exponential_(2), 0.5, 0.5],
  "geometric_(0.25)": [(x) => x.geometric_(0.25), 4, Math.sqrt(0.75) / 0.25],
  "bernoulli_(0.3)": [(x) => x.bernoulli_(0.3), 0.3, Math.sqrt(0.21)],
  "logNormal_(0, 0.25)": [(x) => x.logNormal_(0, 0.25), Math.exp(0.03125), 0.262],
  "random_(10)": [(x) => x.random_(10), 4.5, Math.sqrt(99 / 12)],
  "bernoulli of 0.7": [(x) => x.fill_(0.7).bernoulli(), 0.7, Math.sqrt(0.21)],
  "poisson of 3.5": [(x) => torch.poisson(x.fill_(3.5)), 3.5, Math.sqrt(3.5)],
  "poisson of 800": [(x) => torch.poisson(x.fill_(800)), 800, Math.sqrt(800)],
  "normal(1, 2)": [(x) => torch.normal(1, 2, x.shape), 1, 2],
};

for (const [title, [draw, mean, std]] of Object.entries(distributions)) {
  Deno.test(`${title} has the distribution's mean and deviation, and the seed repeats it`, async () => {
    torch.manualSeed(3);
    const first = await figures(draw(torch.zeros([COUNT])));
    assertAlmostEquals(first.mean, mean, 5 * std / Math.sqrt(COUNT));
    assertAlmostEquals(first.std, std, 0.05 * std);
    torch.manualSeed(3);
    assertEquals((await figures(draw(torch.zeros([COUNT])))).values, first.values);
    torch.manualSeed(4);
    const other = (await figures(draw(torch.zeros([COUNT])))).values;
    assert(other.some((value, i) => value !== first.values[i]));
  });
}

Deno.test("multinomial draws by weight, with and without replacement", async () => {
  torch.manualSeed(0);
  const weights = torch.tensor([1, 0, 3], { dtype: "float32" });
  const drawn = Array.from(await torch.multinomial(weights, COUNT, true).data(), Number);
  assertAlmostEquals(drawn.filter((i) => i === 2).length / COUNT, 0.75, 0.02);
  assertEquals(drawn.includes(1), false);
  const rows = torch.tensor([[1, 2, 3, 4], [5, 1, 1, 1]]).float();
  const each = await torch.multinomial(rows, 4).tolist() as number[][];
  for (const row of each) assertEquals(row.toSorted(), [0, 1, 2, 3]);
  const first: number[] = [];
  for (let i = 0; i < 400; i++) {
    first.push((await rows.select(0, 1).multinomial(2).tolist() as number[])[0]);
  }
  assertAlmostEquals(first.filter((i) => i === 0).length / 400, 5 / 8, 0.1);
  assertThrows(() => torch.multinomial(weights, 4), Error, "without replacement: 4 of 3");
  assertThrows(() => torch.multinomial(weights, 3), Error, "not enough");
  await assertRejects(
    async () => await torch.multinomial(weights.neg(), 1).data(),
    Error,
    "element < 0",
  );
});

/** All that draws, from a generator of one's own. */
const drawing: Record<string, (generator: torch.Generator) => torch.Tensor> = {
  rand: (generator) => torch.rand([4], { generator }),
  randn: (generator) => torch.randn(2, 3, { generator }),
  randint: (generator) => torch.randint(0, 100, [5], { generator }),
  randperm: (generator) => torch.randperm(9, { generator }),
  randLike: (generator) => torch.randLike(torch.ones([4]), { generator }),
  randnLike: (generator) => torch.randnLike(torch.ones([4]), { generator }),
  bernoulli: (generator) => torch.bernoulli(torch.full([40], 0.5), { generator }),
  multinomial: (generator) => torch.multinomial(torch.ones([30]), 5, { generator }),
  normal: (generator) => torch.normal(0, 1, [4], { generator }),
  poisson: (generator) => torch.poisson(torch.full([9], 20), { generator }),
  uniform_: (generator) => torch.zeros([4]).uniform_(-1, 1, { generator }),
  normal_: (generator) => torch.zeros([4]).normal_(0, 1, { generator }),
  logNormal_: (generator) => torch.zeros([4]).logNormal_({ generator }),
  exponential_: (generator) => torch.zeros([4]).exponential_(1, { generator }),
  bernoulli_: (generator) => torch.zeros([40]).bernoulli_(0.5, { generator }),
  random_: (generator) => torch.zeros([4]).random_(0, 1000, { generator }),
  "init.uniform_": (generator) => torch.nn.init.uniform_(torch.zeros([4]), { generator }),
  "init.normal_": (generator) => torch.nn.init.normal_(torch.zeros([4]), 0, 1, generator),
  "init.truncNormal_": (generator) => torch.nn.init.truncNormal_(torch.zeros([4]), { generator }),
  "init.xavierUniform_": (generator) =>
    torch.nn.init.xavierUniform_(torch.zeros([4, 4]), { generator }),
  "init.xavierNormal_": (generator) =>
    torch.nn.init.xavierNormal_(torch.zeros([4, 4]), 1, generator),
  "init.kaimingUniform_": (generator) =>
    torch.nn.init.kaimingUniform_(torch.zeros([4, 4]), { generator }),
  "init.kaimingNormal_": (generator) =>
    torch.nn.init.kaimingNormal_(torch.zeros([4, 4]), { generator }),
  "init.orthogonal_": (generator) => torch.nn.init.orthogonal_(torch.zeros([4, 4]), { generator }),
  "init.sparse_": (generator) => torch.nn.init.sparse_(torch.zeros([4, 4]), 0.1, { generator }),
};

for (const [name, draw] of Object.entries(drawing)) {
  Deno.test(`${name} draws from the generator it is given, and from that only`, async () => {
    const values = async (seed: number) =>
      [...await draw(new torch.Generator().manualSeed(seed)).data()].map(Number);
    const before = await torch.getRngState().tolist();
    const first = await values(1);
    assertEquals(await values(1), first);
    assertNotEquals(await values(2), first);
    assertEquals(await torch.getRngState().tolist(), before);
  });
}

Deno.test("normal draws one number for each pair of a mean and a deviation", async () => {
  torch.manualSeed(3);
  const means = torch.tensor([[0], [100]]).float().expand(2, COUNT / 20).reshape(-1, 1);
  const drawn = torch.normal(means, torch.tensor([0.5, 4]));
  assertEquals(drawn.shape, [COUNT / 10, 2]);
  for (const [row, mean] of [[0, 0], [1, 100]]) {
    for (const [column, std] of [[0, 0.5], [1, 4]]) {
      const own = await figures(drawn.narrow(0, row * COUNT / 20, COUNT / 20).select(1, column));
      assertAlmostEquals(own.mean, mean, 5 * std / Math.sqrt(COUNT / 20));
      assertAlmostEquals(own.std, std, 0.15 * std);
    }
  }
  assertThrows(() => torch.normal(torch.zeros(3), torch.ones(2)), Error, "cannot be broadcast");
  assertThrows(() => torch.normal(0, 1), Error, "expected a size");
  assertThrows(() => torch.normal(0, -1, [3]), Error, "std >= 0.0");
  assertThrows(() => torch.normal(torch.zeros(3), 1, [3]), Error, "and only there");
});

Deno.test("normal has the element type of the mean, else of the deviation, as in PyTorch", () => {
  const of = (dtype: torch.Tensor["dtype"]) => torch.ones([3], { dtype });
  for (const dtype of ["float16", "bfloat16", "float32", "float64"] as const) {
    for (const std of [1, of("float16"), of("float64"), of("int64")]) {
      assertEquals(torch.normal(of(dtype), std).dtype, dtype);
    }
    assertEquals(torch.normal(0, of(dtype)).dtype, dtype);
    assertEquals(torch.normal(0, 1, [2], { dtype }).dtype, dtype);
  }
  assertThrows(() => torch.normal(of("int64"), 1), Error, "normal: dtype is int64");
  assertThrows(() => torch.normal(of("float32"), 1, { dtype: "float64" }), Error, "expected none");
});
