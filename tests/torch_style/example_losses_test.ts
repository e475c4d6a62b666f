/** Examples' losses of the first five steps are PyTorch's, from the same weights (tests/golden/torch_examples.py). */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import * as charRnn from "../../torch_style/examples/char_rnn.ts";
import * as cifar from "../../torch_style/examples/cifar_tutorial.ts";
import * as dcgan from "../../torch_style/examples/dcgan.ts";
import * as mnist from "../../torch_style/examples/mnist.ts";
import * as resnet from "../../torch_style/examples/resnet18.ts";
import * as vae from "../../torch_style/examples/vae.ts";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_examples.json" with { type: "json" };

/** Values from -0.5 to 0.5 that only look random. */
function noise(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x) - 0.5;
  });
}

function data(seed: number, ...shape: number[]): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return torch.fromArray(Float32Array.from(noise(count, seed), (x) => 2 * x), shape);
}

function labels(batch: number, count: number): torch.Tensor {
  return torch.tensor(Array.from({ length: count }, (_, i) => (7 * i + batch) % 10));
}

function fill<M extends torch.nn.AnyModule>(module: M, seed = 0): M {
  for (const [k, [name, parameter]] of module.namedParameters().entries()) {
    const [numel, rows] = [parameter.numel(), parameter.shape[0]];
    const bound = 2 * Math.sqrt(3 / (numel / rows));
    const one = name.endsWith("weight") ? 1 : 0;
    const values = noise(numel, seed + k + 1).map((x) =>
      parameter.ndim > 1 ? x * bound : x * 0.2 + one
    );
    torch.noGrad(() =>
      parameter.copy_(torch.fromArray(Float32Array.from(values), parameter.shape))
    );
  }
  return module;
}

const BATCHES = [0, 1, 2, 3, 4];

async function classify(net: torch.nn.TensorModule, shape: number[]): Promise<number[]> {
  const parts = cifar.training(fill(net), 0.01);
  const losses: number[] = [];
  for (const batch of BATCHES) {
    losses.push(
      await cifar.step(net, parts, data(1000 + batch, ...shape), labels(batch, shape[0])),
    );
  }
  return losses;
}

const runs: Record<keyof typeof golden.losses, () => Promise<(number | number[])[]>> = {
  mnist: async () => {
    const net = fill(new mnist.Net([0, 0]));
    const { optimizer } = mnist.training(net);
    const losses: number[] = [];
    for (const batch of BATCHES) {
      losses.push(
        await mnist.step(net, optimizer, data(1000 + batch, 4, 1, 28, 28), labels(batch, 4)),
      );
    }
    return losses;
  },
  cifarTutorial: () => classify(new cifar.Net(), [4, 3, 32, 32]),
  resnet18: () => classify(new resnet.ResNet18(10), [4, 3, 64, 64]),
  charRnn: async () => {
    const net = fill(new charRnn.CharRNN(12, 16, 2, 0));
    const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.02 });
    let state: charRnn.State | null = null;
    const losses: number[] = [];
    for (const batch of BATCHES) {
      const text = torch.tensor(
        Array.from({ length: 7 }, (_, t) => [0, 1, 2].map((i) => (3 * t + 5 * i + batch) % 12)),
      );
      const [loss, next]: [number, charRnn.State] = await charRnn.step(
        net,
        optimizer,
        text.narrow(0, 0, 6),
        text.narrow(0, 1, 6),
        state,
      );
      losses.push(loss);
      state = next;
    }
    return losses;
  },
  vae: async () => {
    const net = fill(new vae.VAE());
    const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
    const losses: number[] = [];
    for (const batch of BATCHES) {
      losses.push(
        await vae.step(
          net,
          optimizer,
          data(1000 + batch, 4, 784).mul(0.5).add(0.5),
          data(2000 + batch, 4, 20),
        ),
      );
    }
    return losses;
  },
  dcgan: async () => {
    const parts = dcgan.training(fill(dcgan.generator()), fill(dcgan.discriminator(), 100));
    const losses: number[][] = [];
    for (const batch of BATCHES) {
      losses.push(
        await dcgan.step(parts, data(1000 + batch, 4, 3, 32, 32), data(2000 + batch, 4, 16, 1, 1)),
      );
    }
    return losses;
  },
};

for (const [name, run] of Object.entries(runs)) {
  Deno.test(`${name}: the first five losses are PyTorch's`, async () => {
    const losses = (await run()).flat();
    const expected = (golden.losses[name as keyof typeof golden.losses] as (number | number[])[])
      .flat();
    assertEquals(losses.length, expected.length);
    expected.forEach((value, i) =>
      assertAlmostEquals(losses[i], value, 2e-4 * Math.max(1, Math.abs(value)), `step ${i}`)
    );
  });
}

Deno.test("the examples learn", async () => {
  const quiet = () => {};
  assertLess(await mnist.main(quiet), 1);
  assertLess(await cifar.main(quiet), 1.8);
  assertLess(await charRnn.main(quiet), 1);
  assertLess(await vae.main(quiet), 300);
  assertLess(await dcgan.main(quiet), 1.4);
});
