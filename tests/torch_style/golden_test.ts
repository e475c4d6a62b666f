/** Values and gradients against PyTorch's (tests/golden/torch_golden.py). */
import { assertAlmostEquals } from "@std/assert";
import { TorchModel } from "../../bench/models/published_cnn/torch.ts";
import * as torch from "../../torch_style/mod.ts";
import { assertSame, type Flat, type GoldenCase, type Rule, testCases } from "./golden.ts";
import golden from "../golden/torch.json" with { type: "json" };

const { functional: F } = torch.nn;

const binary = (fn: (a: torch.Tensor, b: torch.Tensor) => torch.Tensor): Rule => ([a, b]) =>
  fn(a, b);
const unary = (fn: (x: torch.Tensor) => torch.Tensor): Rule => ([x]) => fn(x);

const rules: Record<string, Rule> = {
  conv2d: ([x, w, b], options) => F.conv2d(x, w, b, options),
  maxPool2d: ([x], { kernelSize, ...options }) => F.maxPool2d(x, kernelSize, options),
  linear: ([x, w, b]) => F.linear(x, w, b),
  softmax: ([x], { dim }) => F.softmax(x, dim),
  logSoftmax: ([x], { dim }) => F.logSoftmax(x, dim),
  relu: unary(F.relu),
  crossEntropy: ([x, y], options) => F.crossEntropy(x, y, options),
  add: binary(torch.add),
  sub: binary(torch.sub),
  mul: binary(torch.mul),
  div: binary(torch.div),
  pow: binary(torch.pow),
  matmul: binary((a, b) => a.matmul(b)),
  exp: unary((x) => x.exp()),
  sqrt: unary((x) => x.sqrt()),
  log: unary((x) => x.log()),
  tanh: unary((x) => x.tanh()),
  sigmoid: unary((x) => x.sigmoid()),
  abs: unary((x) => x.abs()),
  neg: unary((x) => x.neg()),
  sum: ([x], options) => x.sum(options),
  mean: ([x], options) => x.mean(options),
  amax: ([x], options) => x.amax(options),
};

testCases(golden.cases as GoldenCase[], rules);

class Net extends torch.nn.Module {
  conv1 = new torch.nn.Conv2d(3, 6, 3, { padding: "same" });
  conv2 = new torch.nn.Conv2d(6, 8, 3, { padding: "same" });
  dense1 = new torch.nn.Linear(32, 12);
  dense2 = new torch.nn.Linear(12, 10);
  override forward(x: torch.Tensor): torch.Tensor {
    x = F.maxPool2d(this.conv1(x).relu(), 2);
    x = F.maxPool2d(this.conv2(x).relu(), 2);
    return this.dense2(this.dense1(x.flatten(1)).relu());
  }
}

function sine(shape: number[], scale: number, offset: number): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from(
    { length: count },
    (_, i) => Math.sin(12.9898 * i + offset) * scale,
  );
  return torch.fromArray(values, shape);
}

for (const run of golden.training) {
  Deno.test(`30 steps of RMSprop ${JSON.stringify(run.options)} follow PyTorch's loss`, async () => {
    const net = new Net();
    torch.noGrad(() => {
      net.parameters().forEach((p, k) => p.copy_(sine([...p.shape], 0.3, k)));
    });
    const optimizer = new torch.optim.RMSprop(net.parameters(), run.options);
    for (const [step, expected] of run.losses.entries()) {
      const labels = [0, 1, 2, 3].map((i) => (3 * i + step) % 10);
      const loss = F.crossEntropy(net(sine([4, 3, 8, 8], 1, step)), torch.tensor(labels));
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      assertAlmostEquals(await loss.item(), expected, 1e-4, `step ${step}`);
    }
    await assertSame(net.dense2.bias!, run.bias as Flat, "bias after 30 steps");
  });
}

/** Values in ±scale that look random and are the same in any language. */
function noise(count: number, scale: number, offset: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(12.9898 * i + offset) * 43758.5453;
    return (wave - Math.floor(wave)) * 2 * scale - scale;
  });
}

Deno.test("100 steps of the published network without dropout follow PyTorch's loss to 1e-4", async () => {
  const net = new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).eval();
  torch.noGrad(() => {
    net.parameters().forEach((p, k) => {
      const fanIn = p.ndim > 1 ? p.numel() / p.shape[0] : 100;
      p.copy_(torch.fromArray(noise(p.numel(), fanIn ** -0.5, k), p.shape));
    });
  });
  const optimizer = new torch.optim.RMSprop(net.parameters(), { lr: 2e-5, eps: 1e-3 });
  const labels = Array.from({ length: 32 }, (_, i) => 3 * i % 10);
  for (const [step, expected] of golden.seedTraining.entries()) {
    const images = noise(32 * 3072, 0.5, step).map((value, i) =>
      value + labels[Math.floor(i / 3072)] / 5 - 1
    );
    const loss = F.crossEntropy(
      net(torch.fromArray(images, [32, 3, 32, 32])),
      torch.tensor(labels),
    );
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    assertAlmostEquals(await loss.item(), expected, 1e-4, `step ${step}`);
  }
});
