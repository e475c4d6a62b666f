/** Parameters of every floating dtype train with every optimizer, through a loss whose gradient is a scatter. */
import { assert, assertEquals } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { nn, optim } = torch;

type Closure = () => torch.Tensor;
type Optimizer = { zeroGrad(): void; step(closure?: Closure): Promise<unknown> };
type OptimizerClass = new (
  parameters: Iterable<torch.nn.Parameter>,
  options: { lr: number },
) => Optimizer;

const CLASSES = Object.entries(optim).filter(([name, value]) =>
  /^[A-Z]/.test(name) && typeof value === "function" && name !== "Optimizer"
) as unknown as [string, OptimizerClass][];

async function lossesOf(Class: OptimizerClass, name: string, dtype: "float16" | "float64") {
  torch.manualSeed(1);
  // Muon takes matrices only.
  const bias = name !== "Muon";
  const net = new nn.Sequential(
    new nn.Linear(40, 64, { bias }),
    new nn.ReLU(),
    new nn.Linear(64, 4, { bias }),
  ).to(dtype);
  const optimizer = new Class(net.parameters(), { lr: name === "Adadelta" ? 1 : 0.01 });
  const x = torch.randn(16, 40).to(dtype);
  const y = torch.randint(0, 4, [16]);
  const pass = () => {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(net(x), y);
    loss.backward();
    return loss;
  };
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    const loss = pass();
    losses.push(await loss.item());
    await optimizer.step(pass);
  }
  assertEquals(
    [...net.parameters()].map((parameter) => parameter.dtype).every((t) => t === dtype),
    true,
  );
  return losses;
}

for (const dtype of ["float64", "float16"] as const) {
  Deno.test(`${CLASSES.length} optimizers train parameters of ${dtype}`, async () => {
    for (const [name, Class] of CLASSES) {
      const losses = await lossesOf(Class, name, dtype);
      assert(losses.every(Number.isFinite), `${name}: ${losses}`);
      assert(losses.at(-1)! < losses[0], `${name}: ${losses}`);
    }
  });
}

const positions = torch.tensor([0, 2, 2, 1]);

/** Functions that fold several values into one place, forward or in their gradient. */
const FOLDING: Record<string, (x: torch.Tensor) => torch.Tensor> = {
  gather: (x) => x.gather(0, positions.unsqueeze(1).expand(4, 6)),
  indexSelect: (x) => x.indexSelect(0, positions),
  index: (x) => x.index(positions, positions),
  indexAdd: (x) => x.indexAdd(0, positions, x.narrow(0, 0, 4)),
  scatterAdd: (x) => x.scatterAdd(0, positions.unsqueeze(1).expand(4, 6), x.narrow(0, 0, 4)),
  scatterReduce: (x) =>
    x.scatterReduce(0, positions.unsqueeze(1).expand(4, 6), x.narrow(0, 0, 4), "amax"),
  embedding: (x) => nn.functional.embedding(positions, x),
  maxPool2d: (x) => nn.functional.maxPool2d(x.reshape(1, 1, 6, 6), 3, { stride: 1 }),
};

for (const [name, run] of Object.entries(FOLDING)) {
  Deno.test(`${name} of float16 is that of float32, forward and gradient`, async () => {
    // Eighths are exact in float16.
    const values = () => torch.arange(36).remainder(13).div(8).reshape(6, 6);
    const results = await Promise.all((["float32", "float16"] as const).map(async (dtype) => {
      const x = values().to(dtype).requiresGrad_();
      const y = run(x);
      y.sum().backward();
      return [await y.float().tolist(), await x.grad!.float().tolist()];
    }));
    assertEquals(results[1], results[0]);
  });
}
