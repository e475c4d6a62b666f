/** What modules do while training: running statistics, dropout, clipping, writing in place. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { tensorOf } from "../golden.ts";
import { assertAll, recorded } from "./recorded.ts";

const { nn } = torch;
const { functional: F } = nn;

Deno.test("a step with batch norm is one call, running statistics included, also with many layers", async () => {
  torch.manualSeed(1);
  // More running statistics than results are kept.
  const layers = Array.from({ length: 40 }, () => [new nn.Linear(3, 3), new nn.BatchNorm1d(3)]);
  const net = new nn.Sequential(...layers.flat(), new nn.Linear(3, 2));
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.RMSprop(net.parameters(), { lr: 0.001 });
  const x = torch.randn([8, 3]);
  const labels = torch.tensor([0, 1, 0, 1, 0, 1, 0, 1]);
  for (let step = 0; step < 4; step++) {
    const before = defaultRuntime().statistics;
    optimizer.zeroGrad();
    const loss = criterion(net(x), labels);
    loss.backward();
    await optimizer.step();
    await loss.item();
    for (const buffer of net.buffers()) await buffer.data();
    const after = defaultRuntime().statistics;
    assertEquals(after.runs - before.runs, 1);
    if (step > 1) assertEquals(after.compiled, before.compiled);
  }
  const norm = net[1] as torch.nn.BatchNorm1d;
  assertEquals(await norm.numBatchesTracked!.item(), 4);
  net.eval();
  const stay = await norm.runningMean!.tolist();
  await net(x).data();
  assertEquals(await norm.runningMean!.tolist(), stay);
});

Deno.test("batch norm with momentum null keeps the mean over all batches, with one program", async () => {
  const norm = new nn.BatchNorm1d(1, { momentum: null, affine: false });
  const batches = [[1, 3], [5, 9], [0, 2]].map(([a, b]) => torch.tensor([[a], [b]]).float());
  let compiled = 0;
  for (const batch of batches) {
    norm(batch);
    await norm.runningVar!.data();
    const { compiled: now } = defaultRuntime().statistics;
    if (batch !== batches[0]) assertEquals(now, compiled);
    compiled = now;
  }
  assertAlmostEquals((await norm.runningMean!.tolist() as number[])[0], (2 + 7 + 1) / 3, 1e-5);
  assertAlmostEquals((await norm.runningVar!.tolist() as number[])[0], (2 + 8 + 2) / 3, 1e-5);
});

Deno.test("dropout of channels drops whole channels and scales the rest", async () => {
  torch.manualSeed(2);
  const dropped = await new nn.Dropout2d(0.25)(torch.ones([40, 50, 2, 2])).tolist();
  const channels = (dropped as number[][][][]).flat();
  assert(channels.every((channel) => new Set(channel.flat()).size === 1));
  const share = channels.filter((channel) => channel[0][0] === 0).length / channels.length;
  assertAlmostEquals(share, 0.25, 0.03);
  assert(channels.every(([[value]]) => value === 0 || Math.abs(value - 4 / 3) < 1e-6));
});

Deno.test("channels are dropped for each sample of (N, C, L) by dropout2d, without a batch by the others, as in PyTorch", async () => {
  torch.manualSeed(4);
  const { dropout1d, dropout2d, dropout3d } = F;
  const cases: [(x: torch.Tensor) => torch.Tensor, shape: number[], channels: number][] = [
    [dropout2d, [6, 8, 5], 48],
    [(x) => new nn.Dropout2d()(x), [6, 8, 5], 48],
    [dropout1d, [48, 5], 48],
    [dropout1d, [6, 8, 5], 48],
    [dropout3d, [48, 2, 2, 2], 48],
    [dropout2d, [6, 8, 2, 2], 48],
  ];
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    for (const [drop, shape, channels] of cases) {
      const rows = await drop(torch.ones(shape)).reshape([channels, -1]).tolist() as number[][];
      assert(rows.every((row) => new Set(row).size === 1), `${shape}`);
      // Not all channels of a sample alike.
      const kept = rows.map(([value]) => value > 0);
      const alike = Array.from({ length: 6 }, (_, n) => new Set(kept.slice(8 * n, 8 * n + 8)).size);
      assert(alike.includes(2), `${shape}`);
    }
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "dropout2d: takes an input of size [6, 8, 5] as (N, C, L)");
});

Deno.test("alpha dropout keeps mean and variance of normal numbers", async () => {
  torch.manualSeed(3);
  const data = Array.from(await new nn.AlphaDropout(0.3)(torch.randn([20000])).data(), Number);
  const mean = data.reduce((a, b) => a + b) / data.length;
  const square = data.reduce((sum, v) => sum + v * v, 0) / data.length;
  assertAlmostEquals(mean, 0, 0.03);
  assertAlmostEquals(square, 1, 0.04);
});

Deno.test("random leaky relu has slopes within its bounds while training", async () => {
  torch.manualSeed(4);
  const data = Array.from(await new nn.RReLU(0.2, 0.4)(torch.full([2000], -1)).data(), Number);
  assert(data.every((v) => v <= -0.2 + 1e-6 && v >= -0.4));
  assertAlmostEquals(data.reduce((a, b) => a + b) / data.length, -0.3, 0.01);
});

Deno.test("Gumbel softmax chooses by probability; hard choices have soft gradients", async () => {
  torch.manualSeed(5);
  const logits = torch.tensor([Math.log(0.7), Math.log(0.3)]).expand([4000, 2]);
  const choices = F.gumbelSoftmax(logits, { hard: true });
  const [share] = await choices.mean(0).tolist() as number[];
  assertAlmostEquals(share, 0.7, 0.03);
  const x = torch.tensor([0.5, 0.1], { requiresGrad: true });
  F.gumbelSoftmax(x, { tau: 0.5, hard: true }).mul(torch.tensor([1, 3])).sum().backward();
  const [a, b] = await x.grad!.tolist() as number[];
  assert(a !== 0);
  assertAlmostEquals(a, -b, 1e-6);
});

Deno.test("inplace activations change their input, and gradients are those of the function", async () => {
  const gradientOf = async (inplace: boolean) => {
    const layers = [
      new nn.ReLU({ inplace }),
      new nn.SiLU({ inplace }),
      new nn.ELU(1, { inplace }),
      new nn.LeakyReLU(0.1, { inplace }),
      new nn.Hardtanh(-1, 1, { inplace }),
    ];
    const x = torch.tensor([-1.5, 0.25, 2], { requiresGrad: true });
    const values: unknown[] = [];
    for (const layer of layers) {
      const hidden = x.mul(2);
      const y = layer(hidden);
      y.mul(y).sum().backward();
      values.push(await hidden.equal(y));
    }
    return [await x.grad!.tolist(), values];
  };
  const [plain, kept] = await gradientOf(false);
  const [overwriting, changed] = await gradientOf(true);
  assertEquals(plain, overwriting);
  assertEquals([kept, changed].flat(), [...new Array(5).fill(false), ...new Array(5).fill(true)]);
});

Deno.test("gradients of gradients through many layers are PyTorch's", async () => {
  for (const { state, input, gradient, inputGradient, parameters } of recorded.penalties) {
    const net = new nn.Sequential(
      new nn.Conv2d(2, 3, 3, { padding: 1, paddingMode: "reflect" }),
      new nn.BatchNorm2d(3),
      new nn.GELU(),
      new nn.AvgPool2d(2),
      new nn.ConvTranspose2d(3, 2, 2),
      new nn.GroupNorm(2, 2),
      new nn.SiLU(),
      new nn.MaxPool2d(2, { stride: 1 }),
      new nn.Flatten(),
      new nn.LayerNorm(32),
      new nn.Linear(32, 4),
      new nn.Softplus(),
    );
    const saved = Object.entries(state).map(([name, flat]) => [name, tensorOf(flat)]);
    net.loadStateDict(Object.fromEntries(saved));
    const x = tensorOf(input);
    const y = F.crossEntropy(net(x), torch.tensor([1, 3, 0]), { labelSmoothing: 0.1 });
    const [first] = torch.autograd.grad([y], [x], { createGraph: true });
    first!.square().sum().mul(100).backward();
    await assertAll([
      { what: "gradient", actual: first, expected: gradient },
      { what: "gradient of the penalty", actual: x.grad, expected: inputGradient },
      ...Object.entries(parameters).map(([name, expected]) => ({
        what: name,
        actual: net.getParameter(name).grad,
        expected,
      })),
    ]);
  }
});

Deno.test("clipping gives PyTorch's gradients and norms", async () => {
  for (const { kind, bound, p, before, after, total, dtypes, totalType } of recorded.clips) {
    const parameters = before.map((flat, i) => {
      const dtype = dtypes?.[i] ?? "float32";
      const parameter = new nn.Parameter(torch.zeros(flat.shape).to(dtype));
      parameter.grad = tensorOf(flat).detach().to(dtype);
      return parameter;
    });
    if (kind === "norm") {
      const norm = nn.clipGradNorm_(parameters, bound, { normType: Number(p) });
      assertEquals(norm.dtype, totalType ?? "float32");
      assertAlmostEquals(await norm.item(), total, 1e-4);
    } else nn.clipGradValue_(parameters, bound);
    parameters.forEach(({ grad, dtype }) => assertEquals(grad!.dtype, dtype));
    await assertAll(after.map((expected, i) => ({
      what: `${kind} ${p} ${dtypes ?? ""} #${i}`,
      actual: parameters[i].grad!.to("float32"),
      expected,
    })));
  }
});

Deno.test("a norm that is not finite is refused where that is asked for, and nothing is scaled", async () => {
  const given = (value: number) => {
    const parameter = new nn.Parameter(torch.zeros([2]));
    parameter.grad = torch.tensor([3, value]).float();
    return parameter;
  };
  const fine = given(4);
  const norm = await nn.clipGradNorm_([fine], 1, { errorIfNonfinite: true });
  assertEquals(await norm.item(), 5);
  const clipped = await fine.grad!.tolist();
  assertAlmostEquals(await fine.grad!.norm().item(), 1, 1e-6);
  const odd = given(Infinity);
  await assertRejects(
    () => nn.clipGradNorm_([odd, fine], 1, Infinity, true),
    Error,
    "The total norm of order Infinity for gradients from `parameters` is non-finite",
  );
  assertEquals(await odd.grad!.tolist(), [3, Infinity]);
  assertEquals(await fine.grad!.tolist(), clipped);
  nn.clipGradNorm_([odd], 1);
  assertEquals(await odd.grad!.tolist(), [0, NaN]);
});

Deno.test("clipping joins the step's one call, its norm included", async () => {
  const layer = new nn.Linear(4, 2);
  const optimizer = new torch.optim.RMSprop(layer.parameters());
  for (let step = 0; step < 3; step++) {
    const { runs } = defaultRuntime().statistics;
    optimizer.zeroGrad();
    const loss = layer(torch.ones([500, 4])).square().sum();
    loss.backward();
    const norm = nn.clipGradNorm_(layer.parameters(), 0.1);
    await optimizer.step();
    assert(await norm.item() > 0.1);
    assertEquals(defaultRuntime().statistics.runs - runs, 1);
  }
});

Deno.test("convolutions over images use the tuned ops, others the general ones, with equal results", async () => {
  torch.manualSeed(6);
  const flat = new nn.Conv1d(3, 4, 3, { padding: 1 });
  const square = new nn.Conv2d(3, 4, [1, 3], { padding: [0, 1] });
  square.loadStateDict({
    weight: flat.weight.detach().unsqueeze(2),
    bias: flat.bias!.detach(),
  });
  const x = torch.randn([2, 3, 9]);
  const [a, b] = [flat(x), square(x.unsqueeze(2)).squeeze(2)];
  assert(await torch.allclose(a, b, { rtol: 1e-5, atol: 1e-6 }));
});

Deno.test("requiresGrad_ freezes, zeroGrad forgets or zeroes", async () => {
  const layer = new nn.Linear(2, 2).requiresGrad_(false);
  assert(!layer(torch.ones([1, 2])).requiresGrad);
  layer.requiresGrad_();
  layer(torch.ones([1, 2])).sum().backward();
  layer.zeroGrad({ setToNone: false });
  assertEquals(await layer.bias!.grad!.tolist(), [0, 0]);
  layer.zeroGrad();
  assertEquals(layer.bias!.grad, null);
});

Deno.test("a pretrained embedding is frozen unless told otherwise", () => {
  const table = torch.randn([3, 2]);
  assert(!nn.Embedding.fromPretrained(table).weight.requiresGrad);
  assert(nn.Embedding.fromPretrained(table, { freeze: false }).weight.requiresGrad);
  assertThrows(() => nn.Embedding.fromPretrained(torch.ones([3])), Error, "2-dimensional");
});
