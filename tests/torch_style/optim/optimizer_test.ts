import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { optim } = torch;

function leaf(...values: number[]): torch.Tensor {
  return torch.tensor(values, { dtype: "float32", requiresGrad: true });
}

Deno.test("a saved and loaded optimizer continues bit for bit", async () => {
  const kinds = [
    (p: torch.Tensor[]) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
    (p: torch.Tensor[]) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
    (p: torch.Tensor[]) => new optim.RMSprop(p, { centered: true, momentum: 0.5 }),
    (p: torch.Tensor[]) => new optim.Adagrad(p, { lrDecay: 0.1 }),
  ];
  for (const make of kinds) {
    const steps = async (w: torch.Tensor, optimizer: torch.optim.Optimizer, count: number) => {
      for (let i = 0; i < count; i++) {
        optimizer.zeroGrad();
        w.mul(w).mul(w).sum().backward();
        await optimizer.step();
      }
    };
    const unbroken = leaf(1, -2, 3);
    const first = make([unbroken] as torch.Tensor[]) as torch.optim.Optimizer;
    await steps(unbroken, first, 3);
    const saved = first.stateDict();
    const copy = unbroken.detach().clone().requiresGrad_();
    await steps(unbroken, first, 3);
    const second = make([copy]) as torch.optim.Optimizer;
    await second.loadStateDict(saved);
    await steps(copy, second, 3);
    assertEquals([...await copy.data()], [...await unbroken.data()]);
  }
});

Deno.test("stateDict is laid out as PyTorch's", async () => {
  const [a, b] = [leaf(1, 2), leaf(3)];
  const optimizer = new optim.Adam([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1 });
  a.mul(2).sum().backward();
  await optimizer.step();
  const { state, paramGroups } = optimizer.stateDict();
  assertEquals(Object.keys(state), ["0"]);
  assertEquals(Object.keys(state[0]).sort(), ["expAvg", "expAvgSq", "step"]);
  assertEquals(await state[0].step.item(), 1);
  assertEquals(paramGroups.map((group) => [group.lr, group.params]), [[0.1, [0]], [0.5, [1]]]);
  const smaller = new optim.Adam([a]);
  await assertRejects(
    () => smaller.loadStateDict({ state, paramGroups }),
    Error,
    "got groups of 1, 1, expected 1",
  );
});

Deno.test("groups can be added, rates changed, gradients left out", async () => {
  const [a, b, c] = [leaf(1), leaf(1), leaf(1)];
  const optimizer = new optim.SGD([a], { lr: 1 });
  optimizer.addParamGroup({ params: [b], lr: 0.5 });
  optimizer.addParamGroup({ params: [c] });
  a.add(b).sum().backward();
  await optimizer.step();
  assertEquals([await a.item(), await b.item(), await c.item()], [0, 0.5, 1]);
  optimizer.paramGroups[0].lr = 0.25;
  await optimizer.step();
  assertEquals(await a.item(), -0.25);
  assertThrows(
    () => optimizer.addParamGroup({ params: [a] }),
    Error,
    "more than one parameter group",
  );
});

Deno.test("zeroGrad forgets gradients, or sets them to zero, also those that are not finite or have a graph", async () => {
  const net = new torch.nn.Linear(2, 1, { bias: false });
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  for (const zeroed of [net, optimizer]) {
    net.weight.mul(torch.tensor([[NaN, Infinity]])).sum().backward();
    zeroed.zeroGrad({ setToNone: false });
    assertEquals(await net.weight.grad!.tolist(), [[0, 0]]);
    net.weight.square().sum().backward({ createGraph: true });
    assertEquals(net.weight.grad!.requiresGrad, true);
    zeroed.zeroGrad({ setToNone: false });
    assertEquals(net.weight.grad!.requiresGrad, false);
    assertEquals(await net.weight.grad!.tolist(), [[0, 0]]);
    zeroed.zeroGrad();
    assertEquals(net.weight.grad, null);
  }
});

Deno.test("options out of range are PyTorch's errors", () => {
  const w = [leaf(1)];
  const faults: [() => unknown, string][] = [
    [() => new optim.SGD(w, { lr: -1 }), "Invalid learning rate: -1"],
    [() => new optim.SGD(w, { momentum: -0.1 }), "Invalid momentum value: -0.1"],
    [() => new optim.SGD(w, { nesterov: true }), "Nesterov momentum requires a momentum"],
    [() => new optim.Adam(w, { betas: [1, 0.9] }), "Invalid beta parameter at index 0: 1"],
    [() => new optim.Adam(w, { eps: -1 }), "Invalid epsilon value: -1"],
    [() => new optim.AdamW(w, { weightDecay: -1 }), "Invalid weight_decay value: -1"],
    [() => new optim.RMSprop(w, { alpha: -1 }), "Invalid alpha value: -1"],
    [() => new optim.Adagrad(w, { lrDecay: -1 }), "Invalid lr_decay value: -1"],
    [() => new optim.SGD([]), "optimizer got an empty parameter list"],
    [() => new optim.SGD([w[0].mul(2)]), "can't optimize a non-leaf Tensor"],
    [() => new optim.SGD([w[0], w[0]]), "more than one parameter group"],
    [() => new optim.lrScheduler.StepLR(new optim.SGD(w), 0), "stepSize is 0"],
    [
      () => new optim.lrScheduler.OneCycleLR(new optim.Adagrad(w), { maxLr: 1, totalSteps: 5 }),
      "must support momentum or beta1",
    ],
  ];
  for (const [run, message] of faults) assertThrows(run, Error, message);
});

Deno.test("parameters of every floating dtype train, with every optimizer, to the same numbers", async () => {
  const makers: Record<string, (p: torch.Tensor[]) => torch.optim.Optimizer> = {
    SGD: (p) => new optim.SGD(p, 0.1) as torch.optim.Optimizer,
    "SGD, momentum": (p) =>
      new optim.SGD(p, 0.1, 0.9, 0.1, 0.01, { maximize: false }) as torch.optim.Optimizer,
    Adam: (p) =>
      new optim.Adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1 }) as torch.optim.Optimizer,
    AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }) as torch.optim.Optimizer,
    RMSprop: (p) =>
      new optim.RMSprop(p, { centered: true, momentum: 0.5 }) as torch.optim.Optimizer,
    Adagrad: (p) =>
      new optim.Adagrad(p, { initialAccumulatorValue: 0.1, lrDecay: 0.1 }) as torch.optim.Optimizer,
  };
  for (const [name, make] of Object.entries(makers)) {
    const train = async (dtype: "float16" | "float32" | "float64") => {
      const w = torch.linspace(-2, 2, 1500).to(dtype).requiresGrad_();
      const optimizer = make([w]);
      for (let i = 0; i < 4; i++) {
        optimizer.zeroGrad();
        w.square().mul(w).sum().backward();
        await optimizer.step();
        assertEquals([w.dtype, w.grad!.dtype], [dtype, dtype], name);
        if (i === 1) await optimizer.loadStateDict(optimizer.stateDict());
      }
      return Array.from(await w.data(), Number);
    };
    const exact = await train("float64");
    for (const [dtype, tolerance] of [["float32", 2e-6], ["float16", 8e-3]] as const) {
      const values = await train(dtype);
      exact.forEach((value, i) =>
        assert(
          Math.abs(values[i] - value) <= tolerance * Math.max(1, Math.abs(value)),
          `${name} ${dtype} ${i}: ${values[i]} ${value}`,
        )
      );
    }
  }
});
