/** Weights that stay the same from call to call are laid out once; whatever changes them is seen by the next call. */
import { assertEquals, assertLess } from "@std/assert";
import { defaultRuntime, useProvider } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";

const { nn, optim } = torch;

function makeNetwork() {
  torch.manualSeed(3);
  const network = new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(32 * 36, 10),
  );
  return network.eval();
}

type Network = ReturnType<typeof makeNetwork>;

const second = (network: Network) => network[3] as torch.nn.Conv2d;
const norm = (network: Network) => network[1] as torch.nn.BatchNorm2d;

async function step(network: Network): Promise<void> {
  network.train();
  const optimizer = new optim.SGD(network.parameters(), { lr: 0.5 });
  network(torch.randn([8, 3, 6, 6])).square().mean().backward();
  await optimizer.step();
  network.eval();
}

const changes: Record<string, (network: Network) => unknown> = {
  "an optimizer's step": step,
  "mul_ in place": (network) => torch.noGrad(() => second(network).weight.mul_(1.5)),
  "a part in place": (network) => torch.noGrad(() => second(network).weight.index(3).fill_(0.25)),
  "copy_": (network) =>
    torch.noGrad(() => second(network).weight.copy_(torch.ones([32, 16, 3, 3]))),
  "loadStateDict": (network) => {
    const state = network.stateDict();
    network.loadStateDict({ ...state, "3.weight": torch.full([32, 16, 3, 3], 0.1) });
  },
  "another Parameter": (network) => {
    second(network).weight = new nn.Parameter(torch.full([32, 16, 3, 3], -0.1));
  },
  "a bias": (network) => torch.noGrad(() => second(network).bias!.add_(1)),
  "a batch norm's weight": (network) => torch.noGrad(() => norm(network).weight!.mul_(-2)),
  "running statistics": (network) => {
    network.train();
    torch.noGrad(() => network(torch.randn([8, 3, 6, 6])));
    network.eval();
  },
};

const images = (call: number) => torch.full([2, 3, 6, 6], 0.1 * call + 0.2);

function logits(network: Network, call: number) {
  return torch.noGrad(() => network(images(call))).data() as Promise<Float32Array>;
}

/** By how much of the largest value they differ. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) / largest;
}

Deno.test("whatever changes frozen weights is seen by the next call", async () => {
  for (const [what, change] of Object.entries(changes)) {
    const network = makeNetwork();
    const { prepared } = defaultRuntime().statistics;
    for (let call = 0; call < 5; call++) await logits(network, call);
    assertEquals(defaultRuntime().statistics.prepared, prepared + 1, what);
    const before = await logits(network, 7);
    await change(network);
    // What is changed in place is computed with the first call after it.
    const after = await logits(network, 7);
    const again = await logits(network, 7);
    assertEquals(largestDifference(before, after) > 1e-3, true, what);
    // A runtime that knows nothing of calls before.
    useProvider("cpu", { strict: !defaultRuntime().strict });
    const fresh = await logits(network, 7);
    assertLess(largestDifference(after, fresh), 1e-5, what);
    assertLess(largestDifference(again, fresh), 1e-5, what);
  }
});

Deno.test("two networks of one structure in turn keep to their own weights", async () => {
  const [one, other] = [makeNetwork(), makeNetwork()];
  await step(other);
  const expected = [await logits(one, 1), await logits(other, 1)];
  for (let call = 0; call < 5; call++) await logits(one, 1);
  for (let call = 0; call < 6; call++) {
    assertLess(largestDifference(await logits(other, 1), expected[1]), 1e-5);
    assertLess(largestDifference(await logits(one, 1), expected[0]), 1e-5);
  }
});
