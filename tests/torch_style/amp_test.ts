/** Mixed precision held against PyTorch's own, and generators of random numbers. */
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_autocast.json" with { type: "json" };

const { functional: F } = torch.nn;
const FLOAT16 = { dtype: "float16" } as const;

/** Values by a formula, the same in torch_autocast.py. */
function wave(shape: number[], phase = 0, scale = 1, requiresGrad = true): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, (_, i) => scale * Math.sin(0.7 * i + phase));
  return torch.fromArray(values, shape, { requiresGrad });
}

type Call = (...inputs: torch.Tensor[]) => torch.Tensor;

const x = () => wave([2, 3, 5, 5]);
const rows = () => wave([4, 6]);
const weight = (out = 5) => wave([out, 6], 1);
const linear = (...[input, w]: torch.Tensor[]) => F.linear(input, w);

const CASES: Record<keyof typeof golden.cases.float16, [inputs: torch.Tensor[], call: Call]> = {
  linear: [[rows(), weight(), wave([5], 2)], (x, w, b) => F.linear(x, w, { bias: b })],
  conv2d: [
    [x(), wave([4, 3, 3, 3], 1), wave([4])],
    (x, w, b) => F.conv2d(x, w, { bias: b, padding: 1 }),
  ],
  convTranspose2d: [[x(), wave([3, 4, 3, 3], 1)], (x, w) => F.convTranspose2d(x, w)],
  matmul: [[rows(), wave([6, 3], 1)], (a, b) => a.matmul(b)],
  bmm: [[wave([2, 3, 4]), wave([2, 4, 2], 1)], (a, b) => torch.bmm(a, b)],
  attention: [
    [0, 1, 2].map((phase) => wave([1, 2, 4, 8], phase)),
    (q, k, v) => F.scaledDotProductAttention(q, k, v),
  ],
  reluOfLinear: [[rows(), weight()], (x, w) => linear(x, w).relu()],
  geluOfLinear: [[rows(), weight()], (x, w) => F.gelu(linear(x, w))],
  addOfBoth: [[rows(), weight(6)], (x, w) => linear(x, w).add(x)],
  batchNormOfConv: [
    [x(), wave([4, 3, 3, 3], 1), wave([4], 3), wave([4])],
    (x, w, weight, bias) =>
      F.batchNorm(F.conv2d(x, w), null, null, { weight, bias, training: true }),
  ],
  layerNormOfLinear: [
    [rows(), weight(8), wave([8], 3), wave([8])],
    (x, w, weight, bias) => F.layerNorm(linear(x, w), [8], { weight, bias }),
  ],
  softmaxOfLinear: [[rows(), weight()], (x, w) => F.softmax(linear(x, w), { dim: -1 })],
  meanOfLinear: [[rows(), weight()], (x, w) => linear(x, w).mean()],
  crossEntropyOfLinear: [
    [rows(), weight()],
    (x, w) => F.crossEntropy(linear(x, w), torch.arange(4)),
  ],
  mseOfLinear: [[rows(), weight(), wave([4, 5], 2)], (x, w, y) => F.mseLoss(linear(x, w), y)],
};

/** float16 has 11 bits, bfloat16 8; sums are rounded at another place than in PyTorch's kernels. */
const TOLERANCES = { float16: 4e-3, bfloat16: 2e-2 } as const;

function assertClose(
  found: ArrayLike<number | bigint>,
  expected: number[],
  what: string,
  tolerance: number = TOLERANCES.float16,
): void {
  assertEquals(found.length, expected.length, what);
  const size = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const apart = Math.abs(Number(found[i]) - value);
    assert(apart < tolerance * size, `${what} ${i}: ${found[i]}, ${value}`);
  });
}

for (const [name, [given, call]] of Object.entries(CASES)) {
  for (const dtype of ["float16", "bfloat16"] as const) autocastTest(name, dtype, given, call);
}

function autocastTest(
  name: string,
  dtype: keyof typeof TOLERANCES,
  given: torch.Tensor[],
  call: Call,
): void {
  Deno.test(`autocast to ${dtype}: ${name} has PyTorch's dtype, values and gradients`, async () => {
    const expected = golden.cases[dtype][name as keyof typeof golden.cases.float16];
    const inputs = given.map((x) => x.detach().clone().requiresGrad_());
    const run = () => {
      using _ = torch.amp.autocast("cpu", { dtype });
      return call(...inputs);
    };
    const y = run();
    assertEquals(y.dtype, expected.dtype);
    const gradient = y.ndim === 0
      ? torch.ones([], { dtype: y.dtype })
      : wave([...y.shape], 0.3, 1, false).to(y.dtype);
    y.backward({ gradient });
    assertClose(await y.detach().data(), expected.values, name, TOLERANCES[dtype]);
    for (const [i, { grad }] of inputs.entries()) {
      assertEquals(grad!.dtype, expected.gradientDtypes[i]);
      const what = `${name}: gradient ${i}`;
      assertClose(await grad!.data(), expected.gradients[i], what, TOLERANCES[dtype]);
    }
  });
}

Deno.test("GradScaler leaves out steps that overflow and adapts its factor as PyTorch's does", async () => {
  const { Linear } = torch.nn;
  const layers = [new Linear(6, 8), new Linear(8, 5)];
  torch.noGrad(() =>
    layers.forEach((layer, i) => {
      layer.weight.copy_(wave([...layer.weight.shape], i, 1, false));
      layer.bias!.copy_(wave([...layer.bias!.shape], i + 1, 0.1, false));
    })
  );
  const parameters = layers.flatMap((layer) => [...layer.parameters()]);
  const optimizer = new torch.optim.Adam(parameters, { lr: 0.02 });
  const scaler = new torch.amp.GradScaler("cpu", { initScale: 2 ** 10, growthInterval: 3 });
  const input = rows().detach();
  const lossOf = () => {
    using _ = torch.amp.autocast("cpu", FLOAT16);
    return F.crossEntropy(layers[1](layers[0](input).relu()), torch.arange(4));
  };
  const [losses, scales]: number[][] = [[], []];
  for (let step = 0; step < golden.training.losses.length; step++) {
    optimizer.zeroGrad();
    const loss = lossOf();
    const factor = golden.training.overflows.includes(step) ? Infinity : 1;
    scaler.scale(loss.mul(factor)).backward();
    await scaler.step(optimizer);
    scaler.update();
    losses.push(await loss.item());
    scales.push(scaler.getScale());
  }
  assertEquals(scales, golden.training.scales);
  assertClose(losses, golden.training.losses, "losses");
  assertEquals(scaler.stateDict(), golden.training.state);
  const other = new torch.amp.GradScaler();
  other.loadStateDict(scaler.stateDict());
  assertEquals(other.stateDict(), golden.training.state);
});

Deno.test("GradScaler's errors are PyTorch's", async () => {
  const x = torch.tensor([1, 2], { dtype: "float32", requiresGrad: true });
  const optimizer = new torch.optim.SGD([x], { lr: 0.5 });
  const scaler = new torch.amp.GradScaler();
  scaler.scale(x.sum()).backward();
  assertThrows(() => scaler.update(), Error, "No inf checks were recorded prior to update");
  scaler.unscale_(optimizer);
  assertEquals(await x.grad!.tolist(), [1, 1]);
  assertThrows(() => scaler.unscale_(optimizer), Error, "has already been called");
  await scaler.step(optimizer);
  assertEquals(await x.tolist(), [0.5, 1.5]);
  await assertRejects(() => scaler.step(optimizer), Error, "step() has already been called");
  scaler.update();
  assertThrows(() => new torch.amp.GradScaler("cpu", { growthFactor: 1 }), Error, "growth factor");
  const off = new torch.amp.GradScaler({ enabled: false });
  assertEquals([off.getScale(), off.stateDict(), off.scale(x) === x], [1, {}, true]);
});

Deno.test("a region ends, can be switched off within, and says what it is not", () => {
  const told: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void told.push(text);
  try {
    const dtypeOf = () => linear(rows(), weight()).dtype;
    const inside = () => {
      using _ = torch.amp.autocast("cpu", FLOAT16);
      const before = dtypeOf();
      const off = () => {
        using _ = torch.amp.autocast("cpu", { enabled: false });
        return dtypeOf();
      };
      return [before, off(), dtypeOf()];
    };
    assertEquals([...inside(), dtypeOf()], ["float16", "float32", "float16", "float32"]);
    assertEquals(told, []);
    for (const [device, dtype] of [["cpu", "bfloat16"], ["cuda", "float32"]]) {
      using _ = torch.amp.autocast(device);
      assertEquals(dtypeOf(), dtype);
    }
    assertEquals(told.length, 1);
    assert(told[0].includes('a region for "cuda"'), `${told}`);
    assertThrows(
      () => torch.amp.autocast("cpu", { dtyp: "float16" } as never),
      TypeError,
      'did you mean "dtype"',
    );
  } finally {
    console.warn = warn;
  }
});

Deno.test("a generator's order is its own, and its state goes back", async () => {
  const generator = new torch.Generator().manualSeed(5);
  assertEquals(generator.initialSeed(), 5);
  const order = () => [...new torch.data.RandomSampler(10, { generator })];
  const [first, second] = [order(), order()];
  assertNotEquals(first, second);
  generator.manualSeed(5);
  const state = generator.getState();
  torch.rand([3]);
  assertEquals(order(), first);
  generator.setState(state);
  assertEquals(order(), first);
  torch.manualSeed(7);
  assertEquals(torch.initialSeed(), 7);
  const before = torch.getRngState();
  const drawn = await torch.rand([3]).tolist();
  torch.setRngState(before);
  assertEquals(await torch.rand([3]).tolist(), drawn);
  assertThrows(() => generator.setState(torch.zeros([3])), Error, "of 3 elements");
  assertThrows(
    () => new torch.data.RandomSampler(3, { generator, seed: 1 }),
    Error,
    "exclude each other",
  );
});
