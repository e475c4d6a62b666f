/** What is kept can be read, nothing is computed twice, a failed step is over. Sizes are those of real layers. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { defaultRuntime } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";
import { setUp } from "./small_training.ts";

const { nn, optim } = torch;
const F = nn.functional;
type Tensor = torch.Tensor;

type Setting = ReturnType<typeof setUp>;
type Made = Awaited<ReturnType<Setting["step"]>>;

const keeping: Record<string, (setting: Setting, made: Made) => Tensor> = {
  "weight.detach().clone()": ({ weight }) => weight.detach().clone(),
  "a state dict's clone": ({ model }) => model.stateDict()["0.weight"].clone(),
  "weight.norm()": ({ weight }) => weight.norm(),
  "weight.sub(1)": ({ weight }) => weight.sub(1),
  "new Parameter(weight)": ({ weight }) => new nn.Parameter(weight.detach()),
  "a row of the weight": ({ weight }) => weight.detach().index(3).clone(),
  "grad.clone()": ({ weight }) => weight.grad!.clone(),
  "grad.norm()": ({ weight }) => weight.grad!.norm(),
  "a part of the loss": (_, { part }) => part,
  "the loss": (_, { loss }) => loss,
  "loss.detach().mul(2)": (_, { loss }) => loss.detach().mul(2),
  "argmax of the output": (_, { output }) => output.detach().argmax(1),
  "a twin's weight": ({ model }) => {
    const twin = new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 100));
    twin.loadStateDict(model.stateDict());
    return (twin[0] as torch.nn.Linear).weight;
  },
  "the optimizer's momentum": ({ optimizer }) => optimizer.stateDict().state[0].momentumBuffer,
};

for (const [what, keep] of Object.entries(keeping)) {
  Deno.test(`${what}, kept in step 2, reads the same at once and five steps later`, async () => {
    const values = async (later: number) => {
      const setting = setUp();
      await setting.step();
      const kept = keep(setting, await setting.step());
      for (let i = 0; i < later; i++) await setting.step();
      return [...await kept.data()];
    };
    assertEquals(await values(5), await values(0));
  });
}

Deno.test("look-ahead: slow weights follow every five steps, as in plain numbers", async () => {
  const { weight, step } = setUp({ momentum: 0 });
  const slow = weight.detach().clone();
  const expected = Float64Array.from(await slow.data(), Number);
  for (let i = 1; i <= 20; i++) {
    await step();
    if (i % 5 !== 0) continue;
    torch.noGrad(() => {
      slow.lerp_(weight.detach(), 0.5);
      weight.copy_(slow);
    });
    const now = await weight.data();
    expected.forEach((_, k) => expected[k] = Number(now[k]));
    assertEquals([...now], [...await slow.data()]);
  }
  assertAlmostEquals(Number((await slow.data())[7]), expected[7], 1e-6);
});

Deno.test("a list of losses keeps nothing but numbers", async () => {
  const { step } = setUp();
  const losses: Tensor[] = [];
  for (let i = 0; i < 300; i++) losses.push((await step()).loss);
  const runs = defaultRuntime().statistics.runs;
  for (const loss of losses) await loss.item();
  assertEquals(defaultRuntime().statistics.runs, runs);
});

/** How many calls into ONNX Runtime something takes. */
async function runsOf(body: () => Promise<unknown>): Promise<number> {
  const before = defaultRuntime().statistics.runs;
  await body();
  return defaultRuntime().statistics.runs - before;
}

Deno.test("a step with its loss read is one call; gradients read one by one are one more", async () => {
  const { model, optimizer, x, y } = setUp();
  const pass = () => {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(model(x), y);
    loss.backward();
    return loss;
  };
  const readGradients = async () => {
    for (const p of model.parameters()) await p.grad!.data();
  };
  for (let i = 0; i < 2; i++) {
    assertEquals(
      await runsOf(async () => {
        const loss = pass();
        await optimizer.step();
        await loss.item();
      }),
      1,
    );
  }
  // Read before the step: the pass, then the update.
  pass();
  assertEquals(await runsOf(readGradients), 1);
  assertEquals(await runsOf(() => optimizer.step()), 1);
  const loss = pass();
  assertEquals(await runsOf(() => loss.item()), 1);
  assertEquals(await runsOf(readGradients), 0);
  await optimizer.step();
  // Read after the step: once more the first time, from then on handed out by the step.
  pass();
  await optimizer.step();
  assertEquals(await runsOf(readGradients), 1);
  pass();
  assertEquals(await runsOf(() => optimizer.step()), 1);
  assertEquals(await runsOf(readGradients), 0);
});

Deno.test("gradients are those of central differences, whenever they are read", async () => {
  for (const when of ["before", "after"] as const) {
    const { model, optimizer, x, y } = setUp();
    const head = model[2] as torch.nn.Linear;
    const lossAt = (by: number) =>
      torch.noGrad(() => {
        const moved = head.weight.detach().clone();
        moved.index(5, 7).add_(by);
        const hidden = model[1](model[0](x));
        return F.crossEntropy(F.linear(hidden, moved, head.bias), y).item();
      });
    const difference = (await lossAt(1e-2) - await lossAt(-1e-2)) / 2e-2;
    F.crossEntropy(model(x), y).backward();
    if (when === "after") await optimizer.step();
    assertAlmostEquals(await head.weight.grad!.index(5, 7).item(), difference, 1e-4);
  }
});

Deno.test("accumulation: a call a micro-batch and one for the step, one graph for all of them", async () => {
  // Another test's update of read gradients is the same program.
  await defaultRuntime().clear();
  const accumulate = async (batches: number) => {
    const { model, optimizer, x, y, weight } = setUp();
    const before = defaultRuntime().statistics;
    for (let i = 0; i < batches; i++) F.crossEntropy(model(x), y).backward();
    await optimizer.step();
    const after = defaultRuntime().statistics;
    const runs = after.runs - before.runs;
    return { sum: await weight.grad!.data(), runs, compiled: after.compiled - before.compiled };
  };
  const one = await accumulate(1);
  const eight = await accumulate(8);
  assertEquals([one.runs, eight.runs], [1, 9]);
  eight.sum.forEach((value, i) => assertAlmostEquals(Number(value), 8 * Number(one.sum[i]), 1e-5));
  // The micro-batch and the update by its sum.
  assertEquals([eight.compiled, (await accumulate(12)).compiled], [2, 0]);
});

/** Ways to begin a step without the last one's gradients. */
const zeroings: Record<string, (model: torch.nn.AnyModule, optimizer: torch.optim.SGD) => void> = {
  "null by the optimizer": (_, optimizer) => optimizer.zeroGrad(),
  "zero by the optimizer": (_, optimizer) => optimizer.zeroGrad({ setToNone: false }),
  "zero by the module": (model) => model.zeroGrad({ setToNone: false }),
  "zero, one by one": (model) => model.parameters().forEach(({ grad }) => grad?.zero_()),
};

for (const batches of [1, 3]) {
  Deno.test(`gradients of ${batches} passes set to zero or null: the same calls, programs and weights`, async () => {
    const train = async (zero: (typeof zeroings)[string]) => {
      await defaultRuntime().clear();
      const { model, optimizer, x, y, weight } = setUp();
      const before = defaultRuntime().statistics;
      for (let step = 0; step < 4; step++) {
        zero(model, optimizer as torch.optim.SGD);
        for (let i = 0; i < batches; i++) F.crossEntropy(model(x), y).backward();
        await optimizer.step();
      }
      const after = defaultRuntime().statistics;
      const [runs, compiled] = [after.runs - before.runs, after.compiled - before.compiled];
      return { runs, compiled, weights: await weight.data(), grad: await weight.grad!.data() };
    };
    const expected = await train(zeroings["null by the optimizer"]);
    assertEquals(expected.runs, batches === 1 ? 4 : 4 * (batches + 1));
    for (const [name, zero] of Object.entries(zeroings)) {
      assertEquals(await train(zero), expected, name);
    }
  });
}

Deno.test("two passes over one retained graph stay one computation", async () => {
  const { model, x, weight } = setUp();
  const loss = model(x).square().mean();
  loss.backward({ retainGraph: true });
  loss.backward();
  assertEquals(await runsOf(() => weight.grad!.data()), 1);
});

interface Failing {
  readonly modules: () => torch.nn.Module;
  readonly good: () => Tensor[];
  readonly bad: () => Tensor[];
}

class Words extends nn.Module {
  body = new nn.Embedding(300, 32);
  norm = new nn.BatchNorm1d(32);
  drop = new nn.Dropout(0.3);
  head = new nn.Linear(32, 64);
  override forward(values: Tensor) {
    // Through arithmetic: so the values are not on the host, and are checked by ONNX Runtime.
    return this.head(this.drop(this.norm(this.body(values.mul(2).sub(values)))));
  }
}

class Picked extends nn.Module {
  body = new nn.Linear(64, 128);
  norm = new nn.BatchNorm1d(128);
  override forward(x: Tensor, rows: Tensor) {
    return this.norm(this.body(x)).indexSelect(0, rows);
  }
}

class Gathered extends nn.Module {
  body = new nn.Linear(64, 128);
  override forward(x: Tensor, columns: Tensor) {
    return this.body(x).gather(1, columns);
  }
}

const values = (count: number, ...odd: number[]) =>
  torch.tensor([...Array.from({ length: count - odd.length }, (_, i) => i % 50), ...odd]);

const failing: Record<string, Failing> = {
  embedding: {
    modules: () => new Words(),
    good: () => [values(2000)],
    bad: () => [values(2000, 300)],
  },
  indexSelect: {
    modules: () => new Picked(),
    good: () => [torch.randn([100, 64]), values(40)],
    bad: () => [torch.randn([100, 64]), values(40, 100)],
  },
  gather: {
    modules: () => new Gathered(),
    good: () => [torch.randn([60, 64]), values(60).reshape([60, 1])],
    bad: () => [torch.randn([60, 64]), values(60, 128).reshape([60, 1])],
  },
};

for (const [what, { modules, good, bad }] of Object.entries(failing)) {
  Deno.test(`a step that fails in ${what} leaves nothing behind`, async () => {
    const train = async (fails: boolean) => {
      torch.manualSeed(3);
      const model = modules();
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
      const inputs = [good(), good(), good()];
      const wrong = bad();
      const step = async (given: Tensor[]) => {
        optimizer.zeroGrad();
        const loss = model(...given).square().mean();
        loss.backward();
        await optimizer.step();
        return loss;
      };
      await step(inputs[0]);
      if (fails) {
        const before = await stateOf(model);
        await assertRejects(() => step(wrong), Error, "ind");
        assertEquals(await torch.tensor([1, 2]).sum().item(), 3);
        assertEquals(await stateOf(model), before);
        assertEquals(optimizer.stateDict().state[0].step.numel(), 1);
      }
      await step(inputs[1]);
      await step(inputs[2]);
      return [await stateOf(model), await optimizer.stateDict().state[0].step.item()];
    };
    assertEquals(await train(true), await train(false));
  });
}

async function stateOf(model: torch.nn.Module): Promise<Record<string, number[]>> {
  const state: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(model.stateDict())) {
    state[name] = Array.from(await tensor.data(), Number);
  }
  return state;
}

Deno.test("steps that are not awaited and fail take nothing else along", async () => {
  torch.manualSeed(3);
  const model = new Picked();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const x = torch.randn([100, 64]);
  const step = (rows: Tensor) => {
    optimizer.zeroGrad();
    // Through arithmetic: so the values are not on the host when the step is recorded.
    model(x, rows.mul(2).sub(rows)).square().mean().backward();
    return optimizer.step();
  };
  await step(values(2000));
  const before = await stateOf(model);
  const results = await Promise.allSettled([step(values(2000, 100)), step(values(2000))]);
  assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(await stateOf(model), before);
  await step(values(2000));
  assert((await stateOf(model))["body.weight"].every(Number.isFinite));
});

Deno.test("what fails in the background does not fail what has nothing to do with it", async () => {
  const lost = new nn.Conv2d(1, 1, 1).to("float64"); // ONNX Runtime's CPU has no float64 Conv
  lost(torch.ones([1, 1, 80, 80], { dtype: "float64" })).sum().backward();
  const counter = torch.zeros([5000]);
  counter.add_(1);
  assertEquals(await torch.ones([5000]).sum().item(), 5000);
  assertEquals((await counter.data())[4999], 1);
});

Deno.test("a mask is looked at where nobody can wait, whatever its size", async () => {
  const x = torch.arange(20_000).float().sub(10_000);
  const positive = x.index(x.gt(0));
  assertEquals(positive.shape, [9_999]);
  assertEquals(await positive.sum().item(), 9_999 * 10_000 / 2);
  const matrix = torch.ones([1200, 1200]);
  const late = matrix.matmul(matrix).gt(0);
  assertThrows(() => x.index(late.flatten()), Error, "await mask.data() first");
});

Deno.test("a transform of tensors stands before a built-in one", async () => {
  const { transforms: T } = torch;
  const grey = new T.Compose([
    new T.ToTensor(),
    new T.Lambda((x: Tensor) => x.mean(0, { keepdim: true })),
    new T.Normalize([0.5], [0.5]),
  ]);
  const data = new Uint8Array(3 * 96 * 96).fill(51);
  const image = grey({ data, height: 96, width: 96, channels: 3 });
  assertEquals(image.shape, [1, 96, 96]);
  assertAlmostEquals(Number((await image.data())[7]), (0.2 - 0.5) / 0.5, 1e-6);
});
