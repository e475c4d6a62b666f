/** Fractional pooling, adaptive softmax and Muon against PyTorch's (tests/golden/torch_rarer.py). */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_rarer.json" with { type: "json" };

const { nn, optim } = torch;
const F = nn.functional;

function wave(...shape: number[]): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i) * 2);
  return torch.fromArray(values, shape);
}

async function assertNear(
  actual: torch.Tensor,
  expected: readonly (number | null)[],
  tolerance = 2e-5,
): Promise<void> {
  const data = await actual.data();
  assertEquals(data.length, expected.length);
  expected.forEach((value, i) => {
    if (value === null) assertEquals(Number(data[i]), NaN);
    else assertAlmostEquals(Number(data[i]), value, tolerance, `value ${i}`);
  });
}

type Pooled = typeof golden.pool2d;

async function assertPooled(
  x: torch.Tensor,
  pool: (x: torch.Tensor) => torch.nn.functional.WithIndices,
  expected: Pooled,
): Promise<void> {
  const leaf = x.requiresGrad_();
  const [values, indices] = pool(leaf);
  const upstream = torch.arange(1, values.numel() + 1).float().reshape(values.shape);
  values.backward({ gradient: upstream });
  assertEquals([...values.shape], expected.shape);
  await assertNear(values, expected.y);
  assertEquals(Array.from(await indices.data(), Number), expected.indices);
  await assertNear(leaf.grad!, expected.gradient);
}

Deno.test("fractional pooling of images, with NaN, and of volumes is PyTorch's", async () => {
  const samples = torch.tensor([[[0.1, 0.8], [0.55, 0.3]]]);
  const data = await wave(1, 2, 7, 6).data() as Float32Array;
  const withNaN = torch.fromArray(data.with(14, NaN), [1, 2, 7, 6]);
  await assertPooled(
    withNaN,
    (x) =>
      F.fractionalMaxPool2dWithIndices(x, [2, 3], { outputSize: [4, 3], _randomSamples: samples }),
    golden.pool2d,
  );
  await assertPooled(
    wave(1, 1, 6, 7, 5),
    (x) =>
      F.fractionalMaxPool3dWithIndices(x, 2, {
        outputRatio: [0.5, 0.6, 0.5],
        _randomSamples: torch.tensor([[[0.9, 0.2, 0.5]]]),
      }),
    golden.pool3d,
  );
});

Deno.test("fractional pooling draws its windows: another each time, the same from the same seed", async () => {
  const pool = new nn.FractionalMaxPool2d(2, { outputRatio: 0.6 });
  const x = wave(2, 3, 20, 20);
  const drawn = async (seed: number) => {
    torch.manualSeed(seed);
    return [...await pool(x).data()];
  };
  assertEquals(pool(x).shape, [2, 3, 12, 12]);
  assertEquals(await drawn(1), await drawn(1));
  assertEquals((await drawn(1)).join() === (await drawn(2)).join(), false);
  assertThrows(() => F.fractionalMaxPool2d(x, 2), Error, "output size or a pooling ratio");
  assertThrows(() => F.fractionalMaxPool2d(x, 2, { outputSize: 20 }), Error, "too large");
});

Deno.test("adaptive log-softmax is PyTorch's: names, values, gradients", async () => {
  const { softmax } = golden;
  const layer = new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], { divValue: 2, headBias: true });
  const state = Object.entries(softmax.shapes).map(([name, shape]) =>
    [name, wave(...shape).mul(0.5)] as const
  );
  assertEquals(Object.keys(layer.stateDict()), Object.keys(softmax.shapes));
  await layer.loadStateDict(Object.fromEntries(state));
  const x = wave(5, 8).requiresGrad_();
  const { output, loss } = layer(x, torch.tensor([0, 2, 4, 8, 11]));
  loss.backward();
  await assertNear(output, softmax.output);
  assertAlmostEquals(await loss.item(), softmax.loss, 2e-5);
  assertEquals(Array.from(await layer.predict(x).data(), Number), softmax.predicted);
  await assertNear(x.grad!, softmax.gradient);
  await assertNear(layer.head.weight.grad!, softmax.headGradient);
  assertThrows(() => new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [7, 3]), Error, "increasing order");
});

Deno.test("Muon steps as PyTorch's, whose iteration is in bfloat16", async () => {
  const options = [{}, { adjustLrFn: "match_rms_adamw", nesterov: false }] as const;
  for (const [i, { shape, weight: expected }] of golden.muon.entries()) {
    const weight = new nn.Parameter(wave(...shape));
    const optimizer = new optim.Muon([weight], { lr: 0.1, ...options[i] });
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      weight.mul(weight).mul(wave(...shape).mul(0.2).add(1)).sum().backward();
      await optimizer.step();
    }
    await assertNear(weight, expected, 5e-3);
  }
  const bias = new nn.Parameter(wave(3));
  assertThrows(() => new optim.Muon([bias]), Error, "Muon only supports 2D parameters");
});

Deno.test("in-place methods are functions too", async () => {
  const x = wave(2, 3);
  assertEquals(torch.exp_(x) === x, true);
  await assertNear(x, [...await wave(2, 3).exp().data()].map(Number));
  torch.clamp_(x, { min: 1, max: 2 });
  assertEquals((await x.data()).every((value) => value >= 1 && value <= 2), true);
  assertThrows(() => torch.abs_(3 as unknown as torch.Tensor), TypeError, "abs_: input is 3");
});

Deno.test("gradient is PyTorch's, with spacings and ends of both orders", async () => {
  const x = torch.tensor([[1, 4, 9, 16], [2, 3, 5, 7], [0, 1, 4, 1]]).float();
  const [rows, columns] = torch.gradient(x, { spacing: [2, 0.5] });
  await assertNear(rows, [0.5, -0.5, -2, -4.5, -0.25, -0.75, -1.25, -3.75, -1, -1, -0.5, -3]);
  await assertNear(columns, [6, 8, 12, 14, 2, 3, 4, 4, 2, 4, 0, -6]);
  const [parabolas] = torch.gradient(x, { dim: 1, edgeOrder: 2 });
  await assertNear(parabolas, [2, 4, 6, 8, 0.5, 1.5, 2, 2, 0, 2, 0, -6]);
});
