/** What weights were before a step: computed with as long as anybody may, and memory that is used again if nobody does. @module */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
import { manualSeed, nn, noGrad, ones, optim, type Tensor } from "../../torch_style/mod.ts";

const { functional: F } = nn;

/** Two layers, of which the first is too large for values to be computed in JavaScript; what it computes can be taken out. */
class Network extends nn.Module {
  readonly first = new nn.Linear(64, 96);
  readonly second = new nn.Linear(96, 4);
  seen: ((hidden: Tensor) => void) | undefined;

  override forward(x: Tensor): Tensor {
    const hidden = F.relu(this.first(x));
    this.seen?.(hidden);
    return this.second(hidden);
  }
}

interface Training {
  readonly network: Network;
  readonly x: Tensor;
  /** One forward pass, backward pass and step; in between a function is called. */
  step(between?: (loss: Tensor) => void): Promise<void>;
}

function training(): Training {
  manualSeed(3);
  const network = new Network();
  const optimizer = new optim.SGD(network.parameters(), { lr: 0.1, momentum: 0.9 });
  const x = torch.randn([16, 64]);
  return {
    network,
    x,
    step: async (between) => {
      optimizer.zeroGrad();
      const loss = F.crossEntropy(network(x), torch.zeros([16], { dtype: "int64" }));
      loss.backward();
      between?.(loss);
      await optimizer.step();
    },
  };
}

/** How somebody comes to a tensor that is not computed yet, in the second of several steps. */
const ways: Record<string, (training: Training) => Promise<Tensor>> = {
  "a gradient": async ({ network, step }) => {
    await step();
    return network.first.weight.grad!;
  },
  "a gradient before the step": async ({ network, step }) => {
    let taken: Tensor;
    await step(() => taken = network.first.weight.grad!);
    return taken!;
  },
  "what follows from a gradient": async ({ network, step }) => {
    let taken: Tensor;
    await step(() => taken = network.first.weight.grad!.mul(2).sum());
    return taken!;
  },
  "a gradient that was clipped": async ({ network, step }) => {
    let taken: Tensor;
    await step(() => {
      nn.clipGradNorm_(network.parameters(), 0.1);
      taken = network.first.weight.grad!;
    });
    return taken!;
  },
  "the norm of gradients": async ({ network, step }) => {
    let taken: Tensor;
    await step(() => taken = nn.clipGradNorm_(network.parameters(), 0.1));
    return taken!;
  },
  "a gradient that was asked for": async ({ network, x, step }) => {
    const [taken] = torch.autograd.grad(network(x).sum(), [network.first.weight]);
    await step();
    return taken!;
  },
  "what a gradient's hook saw": async ({ network, step }) => {
    let taken: Tensor;
    const hook = network.first.weight.registerHook((gradient) => void (taken = gradient));
    await step();
    hook.remove();
    return taken!;
  },
  "what a hook at a leaf saw": async ({ network, step }) => {
    let taken: Tensor;
    const { weight } = network.first;
    const hook = weight.registerPostAccumulateGradHook((leaf) => taken = leaf.grad!);
    await step();
    hook.remove();
    return taken!;
  },
  "what a module's hook saw": async ({ network, step }) => {
    let taken: Tensor;
    const hook = network.first.registerForwardHook((_module, _inputs, output) =>
      void (taken = output as Tensor)
    );
    await step();
    hook.remove();
    return taken!;
  },
  "a module's result": async ({ network, x, step }) => {
    const taken = network.first(x);
    await step();
    return taken;
  },
  "the first of more results than are kept": async ({ network, x, step }) => {
    const results = Array.from({ length: 70 }, () => noGrad(() => network.first(x)));
    await step();
    return results[0];
  },
  "a function of weights": async ({ network, x, step }) => {
    const taken = F.linear(x, network.first.weight);
    await step();
    return taken;
  },
  "a function of detached weights": async ({ network, step }) => {
    const taken = network.first.weight.detach().mul(3);
    await step();
    return taken;
  },
  "a copy of weights": async ({ network, step }) => {
    const taken = network.first.weight.clone();
    await step();
    return taken;
  },
  "a state dict's weights, copied": async ({ network, step }) => {
    const taken = network.stateDict()["first.weight"].clone();
    await step();
    return taken;
  },
  "averaged weights": async ({ network, step }) => {
    const mean = ones([96, 64]);
    noGrad(() => mean.lerp_(network.first.weight, 0.5));
    await step();
    return mean;
  },
};

for (const [title, take] of Object.entries(ways)) {
  Deno.test(`${title}, read three steps later, is what it was`, async () => {
    const [early, late] = [training(), training()];
    for (const { step } of [early, late]) await step();
    const expected = await (await take(early)).data();
    const taken = await take(late);
    for (let i = 0; i < 3; i++) await late.step();
    assertEquals(await taken.data(), expected);
  });
}

Deno.test("memory of former weights is used again, with values as without", async () => {
  const { network, step } = training();
  const places = new Set<unknown>();
  for (let i = 0; i < 12; i++) {
    await step();
    places.add(network.first.weight.array.buffer.data);
  }
  assert(places.size <= 3, `12 steps wrote weights to ${places.size} places`);
});

Deno.test("what a network's inside gave away is not read after the next step but one", async () => {
  const { network, step } = training();
  const hidden: Tensor[] = [];
  network.seen = (tensor) => hidden.push(tensor);
  for (let i = 0; i < 4; i++) await step();
  // Those of the last step are there.
  assertEquals((await hidden[3].data()).length, 16 * 96);
  await assertRejects(() => hidden[1].data(), Error, "read what is computed from it before");
});
