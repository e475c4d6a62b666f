/** Optimizers and schedules against PyTorch's values (tests/golden/torch_optim.py). */
import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_optim.json" with { type: "json" };
import { assertSame, type Flat } from "../golden.ts";

const { lrScheduler: S, swaUtils } = torch.optim;

function parameters(): torch.Tensor[] {
  return [
    torch.arange(6).float().sin().reshape(3, 2).clone().requiresGrad_(),
    torch.arange(4).float().cos().clone().requiresGrad_(),
  ];
}

/** 0.5 p + cos(0 + step), cos(1 + step), ... */
function setGradients(params: readonly torch.Tensor[], step: number): void {
  using _ = torch.noGrad();
  for (const p of params) {
    const wave = Float32Array.from({ length: p.numel() }, (_, i) => Math.cos(i + step));
    p.grad = p.mul(0.5).add(torch.fromArray(wave, p.shape));
  }
}

// deno-lint-ignore no-explicit-any
type AnyOptions = any;

function make(name: string, params: AnyOptions, options: AnyOptions): torch.optim.Optimizer {
  // deno-lint-ignore no-explicit-any
  return new (torch.optim as any)[name](params, options);
}

for (const run of golden.runs) {
  Deno.test(`${run.name} ${JSON.stringify(run.options)} moves as PyTorch's`, async () => {
    const params = parameters();
    const groups = [{ params: [params[0]] }, { params: [params[1]], ...run.second }];
    const optimizer = make(run.name, groups, run.options);
    for (let step = 0; step < run.steps; step++) {
      setGradients(params, step);
      await optimizer.step();
    }
    for (const [i, expected] of run.parameters.entries()) {
      await assertSame(params[i], expected as Flat, `parameter ${i}`);
    }
  });
}

Deno.test("a step is one call, and a schedule makes no new graph", async () => {
  for (
    const name of [
      "SGD",
      "Adam",
      "AdamW",
      "RMSprop",
      "Adagrad",
      "Adadelta",
      "Adamax",
      "NAdam",
      "ASGD",
      "Rprop",
      "Adafactor",
    ]
  ) {
    // Large enough not to be computed in JavaScript.
    const w = torch.rand([64, 64]).requiresGrad_();
    const momentum = name === "SGD" ? { momentum: 0.9 } : {};
    const optimizer = make(name, [w], { lr: 0.1, ...momentum });
    const scheduler = new S.LambdaLR(optimizer, (epoch) => 1 / (epoch + 1));
    let compiled = 0;
    for (let step = 0; step < 6; step++) {
      optimizer.zeroGrad();
      w.mul(w).sum().backward();
      const before = defaultRuntime().statistics;
      await optimizer.step();
      scheduler.step();
      assertEquals(defaultRuntime().statistics.runs - before.runs, 1, name);
      if (step >= 2) compiled += defaultRuntime().statistics.compiled - before.compiled;
    }
    assertEquals(compiled, 0, name);
  }
});

const makers: Record<string, (o: torch.optim.Optimizer) => torch.optim.lrScheduler.LRScheduler> = {
  StepLR: (o) => new S.StepLR(o, 5, 0.3),
  MultiStepLR: (o) => new S.MultiStepLR(o, [3, 4, 12], 0.5),
  ExponentialLR: (o) => new S.ExponentialLR(o, 0.9),
  CosineAnnealingLR: (o) => new S.CosineAnnealingLR(o, 10, 0.01),
  "CosineAnnealingLR back again": (o) => new S.CosineAnnealingLR(o, 3, 0.01),
  LambdaLR: (o) => new S.LambdaLR(o, (e) => 1 / (1 + e)),
  "LambdaLR of each": (o) => new S.LambdaLR(o, [(e) => 0.95 ** e, (e) => 1 - e / 50]),
  LinearLR: (o) => new S.LinearLR(o, { startFactor: 0.1, endFactor: 0.8, totalIters: 7 }),
  OneCycleLR: (o) => new S.OneCycleLR(o, { maxLr: 1, totalSteps: 24 }),
  "OneCycleLR of each": (o) =>
    new S.OneCycleLR(o, {
      maxLr: [1, 0.3],
      totalSteps: 24,
      pctStart: 0.4,
      annealStrategy: "linear",
      divFactor: 10,
      finalDivFactor: 100,
    }),
  SequentialLR: (o) =>
    new S.SequentialLR(o, [
      new S.LinearLR(o, { startFactor: 0.1, endFactor: 1, totalIters: 4 }),
      new S.CosineAnnealingLR(o, 20),
    ], [4]),
  ConstantLR: (o) => new S.ConstantLR(o, 0.2, 7),
  PolynomialLR: (o) => new S.PolynomialLR(o, 15, 2),
  MultiplicativeLR: (o) => new S.MultiplicativeLR(o, (e) => e % 2 ? 0.95 : 1.02),
  CosineAnnealingWarmRestarts: (o) => new S.CosineAnnealingWarmRestarts(o, 5, { etaMin: 0.01 }),
  "CosineAnnealingWarmRestarts longer": (o) => new S.CosineAnnealingWarmRestarts(o, 3, 2),
  CyclicLR: (o) => new S.CyclicLR(o, 0.01, 0.2, 4),
  "CyclicLR halved": (o) =>
    new S.CyclicLR(o, [0.01, 0.02], [0.2, 0.5], 3, 5, { mode: "triangular2" }),
  "CyclicLR falling": (o) =>
    new S.CyclicLR(o, 0.01, 0.2, {
      stepSizeUp: 4,
      mode: "exp_range",
      gamma: 0.9,
      cycleMomentum: false,
    }),
  ChainedScheduler: (o) =>
    new S.ChainedScheduler([
      new S.ConstantLR(o, 0.1, 4),
      new S.ExponentialLR(o, 0.9),
      new S.CosineAnnealingLR(o, 30),
    ]),
  "OneCycleLR in three phases": (o) =>
    new S.OneCycleLR(o, { maxLr: 1, totalSteps: 24, pctStart: 0.4, threePhase: true }),
  "OneCycleLR by epochs": (o) => new S.OneCycleLR(o, { maxLr: 1, epochs: 4, stepsPerEpoch: 6 }),
  SWALR: (o) => new swaUtils.SWALR(o, 0.05, { annealEpochs: 8 }),
  "SWALR along a line": (o) => new swaUtils.SWALR(o, [0.05, 0.02], 5, "linear"),
};

const plateaus: Record<string, torch.optim.lrScheduler.ReduceLROnPlateauOptions> = {
  ReduceLROnPlateau: { patience: 2, factor: 0.5 },
  "ReduceLROnPlateau max": {
    mode: "max",
    patience: 1,
    cooldown: 2,
    threshold: 0.05,
    thresholdMode: "abs",
    minLr: 0.02,
  },
};

function optimizerOf(name: string): torch.optim.Optimizer {
  const [a, b] = parameters();
  const options = { lr: 0.1, ...(name === "SGD" ? { momentum: 0.9 } : {}) };
  return make(name, [{ params: [a] }, { params: [b], lr: 0.5 }], options);
}

for (const item of golden.schedules) {
  Deno.test(`${item.title} sets PyTorch's rates`, () => {
    const optimizer = optimizerOf(item.optimizer);
    const plateau = plateaus[item.title] &&
      new S.ReduceLROnPlateau(optimizer, plateaus[item.title]);
    const scheduler = plateau ? undefined : makers[item.title](optimizer);
    for (const [step, rates] of item.rates.entries()) {
      rates.forEach((rate, i) => {
        const group = optimizer.paramGroups[i];
        assertAlmostEquals(group.lr, rate, 1e-12, `epoch ${step}, group ${i}`);
        const momentum = group.momentum ?? group.betas[0];
        assertAlmostEquals(momentum, item.momenta[step][i], 1e-12, `momentum at ${step}`);
      });
      if (step === item.rates.length - 1) break;
      if (plateau) plateau.step(item.metrics![step]);
      else scheduler!.step();
    }
    assertLess(new Set(item.rates.map(String)).size, 25);
  });
}

for (const [title, make] of Object.entries(makers)) {
  Deno.test(`${title} goes on from a saved state`, () => {
    const optimizer = title.includes("each") && title.startsWith("One") ? "Adam" : "SGD";
    const [unbroken, stopped] = [make(optimizerOf(optimizer)), make(optimizerOf(optimizer))];
    for (let epoch = 0; epoch < 9; epoch++) [unbroken, stopped].forEach((one) => one.step());
    const resumed = make(optimizerOf(optimizer));
    resumed.loadStateDict(structuredClone(stopped.stateDict()));
    assertEquals(resumed.getLastLr(), unbroken.getLastLr());
    for (let epoch = 0; epoch < 9; epoch++) [unbroken, resumed].forEach((one) => one.step());
    assertEquals(resumed.getLastLr(), unbroken.getLastLr());
  });
}

type Scheduler = torch.optim.lrScheduler.LRScheduler;

const mixes: Record<string, (o: torch.optim.Optimizer, title: string) => Scheduler[]> = {
  combined: (o, title) => [makers[title](o), new S.ExponentialLR(o, 0.9)],
  behind: (o, title) => [new S.SequentialLR(o, [new S.StepLR(o, 2, 0.5), makers[title](o)], [3])],
  before: (o, title) => [new S.SequentialLR(o, [makers[title](o), new S.StepLR(o, 2, 0.5)], [4])],
};

/** Checks a run in which a rate is cut by hand and a group is added, taken up again after some steps from saved states. */
function followMixed(item: (typeof golden.mixes)[number], resumedAt: readonly number[]): void {
  const steps = item.mix === "combined" ? 10 : 8;
  const grow = () =>
    optimizer.addParamGroup({ params: [torch.zeros([2]).requiresGrad_()], lr: 0.3 });
  let optimizer = optimizerOf("SGD");
  const together = () =>
    item.title in plateaus
      ? [
        new S.ReduceLROnPlateau(optimizer, plateaus[item.title]),
        new S.ExponentialLR(optimizer, 0.9),
      ]
      : mixes[item.mix](optimizer, item.title);
  let schedulers = together();
  for (let step = 0; step < steps; step++) {
    optimizer.paramGroups.forEach((group, i) =>
      assertAlmostEquals(group.lr, item.rates[step][i], 1e-10, `epoch ${step}, group ${i}`)
    );
    if (step === steps - 1) return;
    if (resumedAt.includes(step)) {
      const states = structuredClone(schedulers.map((one) => one.stateDict()));
      const groups = optimizer.paramGroups.length;
      optimizer = optimizerOf("SGD");
      schedulers = together();
      if (groups === 3) grow();
      schedulers.forEach((one, i) => one.loadStateDict(states[i]));
    }
    for (const one of schedulers) one instanceof S.ReduceLROnPlateau ? one.step(1) : one.step();
    if (step === 3) optimizer.paramGroups[0].lr *= 0.5;
    if (step === 6 && item.mix === "combined") grow();
  }
}

const mixNames: Record<string, string> = {
  combined: "after another schedule, a cut by hand and a group added later",
  behind: "behind a milestone",
  before: "before a milestone",
};

for (const item of golden.mixes) {
  const { title, mix, refused } = item;
  Deno.test(`${title} ${refused ? "is refused as by" : "sets the rates of"} PyTorch ${mixNames[mix]}`, () => {
    for (const resumedAt of [[], [2, 5, 8]]) {
      if (!refused) followMixed(item, resumedAt);
      else {
        const message = mix === "combined"
          ? "has rates for 2 parameter groups"
          : "cannot start at a";
        assertThrows(() => followMixed(item, resumedAt), Error, message);
      }
    }
  });
}

Deno.test("states of schedulers that were saved by earlier versions are taken up", () => {
  for (const title of ["CosineAnnealingWarmRestarts longer", "ChainedScheduler", "SWALR"]) {
    const [unbroken, resumed] = [
      makers[title](optimizerOf("SGD")),
      makers[title](optimizerOf("SGD")),
    ];
    for (let epoch = 0; epoch < 5; epoch++) unbroken.step();
    const { tCur: _, tI: __, ...state } = unbroken.stateDict();
    resumed.loadStateDict({ ...state, own: [[0.1, 0.5], [0.1, 0.5], [0.1, 0.5]] });
    for (let epoch = 0; epoch < 9; epoch++) [unbroken, resumed].forEach((one) => one.step());
    assertEquals(resumed.getLastLr(), unbroken.getLastLr(), title);
  }
});

Deno.test("CosineAnnealingWarmRestarts goes on by whole epochs from a fraction, saved or not", () => {
  // PyTorch 2.15: T_0 = 3, step(1.5), then step() thrice; rates of a base of 0.5.
  const expected = [0.25, 0.03349364905389038, 0.49148145657226706, 0.4267766952966369];
  const make = () => makers["CosineAnnealingWarmRestarts longer"](optimizerOf("SGD"));
  let scheduler = make() as torch.optim.lrScheduler.CosineAnnealingWarmRestarts;
  scheduler.step(1.5);
  expected.forEach((rate, i) => {
    if (i > 0) scheduler.step();
    assertAlmostEquals(scheduler.getLastLr()[1], rate, 1e-12);
    const state = structuredClone(scheduler.stateDict());
    scheduler = make() as typeof scheduler;
    scheduler.loadStateDict(state);
  });
});

for (const item of golden.searches) {
  Deno.test(`LBFGS ${JSON.stringify(item.options)} moves as PyTorch's`, async () => {
    const x = torch.tensor([-1.5, 2], { requiresGrad: true });
    const optimizer = new torch.optim.LBFGS([x], item.options as { maxIter?: number });
    const closure = () => {
      optimizer.zeroGrad();
      const [a, b] = x.unbind();
      const loss = a.neg().add(1).square().add(b.sub(a.square()).square().mul(10));
      loss.backward();
      return loss;
    };
    for (const [i, expected] of item.losses.entries()) {
      const loss = await (await optimizer.step(closure)).item();
      assertAlmostEquals(loss, expected, 1e-3 * Math.abs(expected) + 1e-5, `loss of step ${i}`);
      const place = await x.tolist() as number[];
      item.places[i].forEach((value, k) => assertAlmostEquals(place[k], value, 2e-3));
    }
  });
}

Deno.test("LBFGS goes on from a saved state, and misses a closure", async () => {
  const make = () => {
    const x = torch.tensor([-1.5, 2], { requiresGrad: true });
    const optimizer = new torch.optim.LBFGS([x], { maxIter: 3, lr: 0.05 });
    const step = () =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = x.square().mul(torch.tensor([1, 5])).sum();
        loss.backward();
        return loss;
      });
    return { x, optimizer, step };
  };
  const [unbroken, resumed] = [make(), make()];
  await unbroken.step();
  torch.noGrad(() => resumed.x.copy_(unbroken.x.detach()));
  await resumed.optimizer.loadStateDict(unbroken.optimizer.stateDict());
  await unbroken.step();
  await resumed.step();
  assertEquals(await resumed.x.tolist(), await unbroken.x.tolist());
  await assertRejects(() => unbroken.optimizer.step(), Error, "misses its closure");
});

for (const item of golden.averages) {
  Deno.test(`AveragedModel by ${item.kind} has PyTorch's averages`, async () => {
    const module = new torch.nn.Linear(2, 1, { bias: false });
    const avgFn = item.kind === "ema" ? swaUtils.getEmaAvgFn(0.8) : null;
    const model = new swaUtils.AveragedModel(module, { avgFn });
    assertEquals(Object.keys(model.stateDict()).sort(), item.state.toSorted());
    for (const [i, expected] of item.rows.entries()) {
      torch.noGrad(() => module.weight.copy_(torch.tensor([[(i + 1) ** 2, 2 * (i + 1)]]).float()));
      model.updateParameters(module);
      const [row] = await model.module.weight.tolist() as number[][];
      expected.forEach((value, k) => assertAlmostEquals(row[k], value, 1e-5));
    }
    assertEquals(await model.nAveraged.item(), 4);
  });
}

Deno.test("updateBn computes running statistics over a loader", async () => {
  const model = new torch.nn.Sequential(new torch.nn.BatchNorm1d(2));
  const batches = [[torch.tensor([[1, 2], [3, 6]]).float()], [
    torch.tensor([[5, 0], [7, 4]]).float(),
  ]];
  await swaUtils.updateBn(batches, model);
  assertEquals(await model.getBuffer("0.running_mean").tolist(), [4, 3]);
  assertEquals(await model.getBuffer("0.running_var").tolist(), [2, 8]);
  const norm = model.at(0) as unknown as torch.nn.BatchNorm1d;
  assertEquals(norm.momentum, 0.1);
});

Deno.test("wrong options of optimizers and schedulers are refused by name", () => {
  const x = torch.zeros([2]).requiresGrad_();
  const { optim } = torch;
  const sgd = () => new optim.SGD([x], { lr: 0.1, momentum: 0.9 });
  const faults: [() => unknown, string][] = [
    [() => new optim.Adadelta([x], { rho: 2 }), "Invalid rho value: 2"],
    [() => new optim.Adamax([x], { betas: [1, 0.9] }), "Invalid beta parameter at index 0: 1"],
    [() => new optim.NAdam([x], { momentumDecay: -1 }), "Invalid momentum_decay value: -1"],
    [() => new optim.RAdam([x], { eps: -1 }), "Invalid epsilon value: -1"],
    [() => new optim.Rprop([x], { etas: [1.5, 2] }), "Invalid eta values: 1.5, 2"],
    [() => new optim.Adafactor([x], { d: 0.5 }), "should be >= 1 but is: 0.5"],
    [
      () => new optim.LBFGS([{ params: [x] }, { params: [torch.zeros([1]).requiresGrad_()] }]),
      "per-parameter options",
    ],
    [() => new optim.NAdam([x], { momentum_decay: 1 } as never), 'did you mean "momentumDecay"'],
    [() => new S.ConstantLR(sgd(), 2), "between 0 and 1, got 2"],
    [() => new S.CosineAnnealingWarmRestarts(sgd(), 0), "positive integer T_0, but got 0"],
    [() => new S.CyclicLR(new optim.Adagrad([x]), 0.1, 0.2), "must support momentum or beta1"],
    [() => new S.CyclicLR(sgd(), [0.1, 0.1], 0.2), "expected 1 values for base_lr, got 2"],
    [() => new S.ChainedScheduler([]), "got no scheduler"],
    [() => new S.OneCycleLR(sgd(), { maxLr: 1 }), "You must define either total_steps"],
    [
      () => new swaUtils.SWALR(sgd(), 0.1, { annealStrategy: "cosine" } as never),
      'annealStrategy is "cosine"',
    ],
  ];
  for (const [make, message] of faults) assertThrows(make, Error, message);
});
