/** Optimizers and schedules against PyTorch's numbers (tests/golden/torch_optim.py). */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_optim.json" with { type: "json" };
import { assertSame, type Flat } from "../golden.ts";

const { lrScheduler: S } = torch.optim;

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
  for (const name of ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]) {
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
