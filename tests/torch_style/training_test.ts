import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { defaultRuntime } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";

const { nn } = torch;

class SeedNet extends nn.Module {
  conv1 = new nn.Conv2d(3, 32, 3, { padding: "same" });
  conv2 = new nn.Conv2d(32, 64, 3, { padding: "same" });
  pool = new nn.MaxPool2d(2);
  dense1 = new nn.Linear(4096, 100);
  dense2 = new nn.Linear(100, 10);
  override forward(x: torch.Tensor): torch.Tensor {
    x = this.pool(this.conv1(x).relu());
    x = this.pool(this.conv2(x).relu());
    return this.dense2(nn.functional.dropout(this.dense1(x.flatten(1)).relu(), 0.5, this.training));
  }
}

Deno.test("the published network has 430,102 parameters under PyTorch's names", () => {
  const net = new SeedNet();
  assertEquals(net.countParameters(), 430_102);
  assertEquals(net.namedParameters().map(([name]) => name), [
    "conv1.weight",
    "conv1.bias",
    "conv2.weight",
    "conv2.bias",
    "dense1.weight",
    "dense1.bias",
    "dense2.weight",
    "dense2.bias",
  ]);
});

Deno.test("a training step is one call into ONNX Runtime, and the loss falls", async () => {
  torch.manualSeed(1);
  const net = new SeedNet();
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.RMSprop(net.parameters(), { lr: 0.001 });
  const labels = torch.tensor(Array.from({ length: 16 }, (_, i) => i % 10));
  // Images of one class are equally bright, with noise.
  const noise = torch.rand([16, 3, 32, 32]).mul(0.1);
  const images = noise.add(labels.float().div(10).reshape(16, 1, 1, 1));
  const losses: number[] = [];
  for (let step = 0; step < 12; step++) {
    const before = defaultRuntime().statistics;
    optimizer.zeroGrad();
    const scores = net(images);
    const loss = criterion(scores, labels);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
    await scores.data();
    const after = defaultRuntime().statistics;
    assertEquals(after.runs - before.runs, 1);
    // The first two steps differ: the optimizer's state is new in the first.
    if (step > 1) assertEquals(after.compiled, before.compiled);
  }
  assertAlmostEquals(losses[0], Math.log(10), 0.1);
  assertLess(losses.at(-1)!, losses[0] * 0.8);
});

Deno.test("gradients of a small expression are those of calculus", async () => {
  const x = torch.tensor([1.5, -2, 3.25], { requiresGrad: true });
  x.mul(x).add(x.relu()).sum().backward();
  const gradient = await x.grad!.tolist();
  assertEquals(gradient, [4, -4, 7.5]);
});

Deno.test("a detached twin takes no gradient", async () => {
  const x = torch.tensor([2.5], { requiresGrad: true });
  x.mul(x.detach()).sum().backward();
  assertEquals(await x.grad!.tolist(), [2.5]);
});

Deno.test("changing a leaf in place outside noGrad is PyTorch's error", () => {
  const x = torch.ones([2], { requiresGrad: true });
  assertThrows(() => x.add_(1), Error, "a leaf Variable that requires grad");
  {
    using _ = torch.noGrad();
    x.add_(1);
  }
  assert(x.requiresGrad);
});
