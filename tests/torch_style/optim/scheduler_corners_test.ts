/** Learning rate schedules with a phase of no length: a clear error, or rates that are finite. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { optim, zeros } from "../../../torch_style/mod.ts";

const { lrScheduler } = optim;
type Optimizer = optim.SGD;

function sgd(): Optimizer {
  return new optim.SGD([zeros([2], { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
}

const refused: Record<string, [(optimizer: Optimizer) => unknown, message: string]> = {
  StepLR: [(o) => new lrScheduler.StepLR(o, 0), "stepSize is 0, expected at least 1"],
  LinearLR: [
    (o) => new lrScheduler.LinearLR(o, { totalIters: 0 }),
    "totalIters is 0, expected at least 1",
  ],
  PolynomialLR: [
    (o) => new lrScheduler.PolynomialLR(o, { totalIters: 0 }),
    "totalIters is 0, expected at least 1",
  ],
  CosineAnnealingLR: [
    (o) => new lrScheduler.CosineAnnealingLR(o, 0),
    "tMax is 0, expected at least 1",
  ],
  CyclicLR: [
    (o) => new lrScheduler.CyclicLR(o, 0.1, 1, { stepSizeUp: 0 }),
    "stepSizeUp is 0, expected at least 1",
  ],
  CosineAnnealingWarmRestarts: [
    (o) => new lrScheduler.CosineAnnealingWarmRestarts(o, 0),
    "Expected positive integer T_0, but got 0",
  ],
};

for (const [name, [make, message]] of Object.entries(refused)) {
  Deno.test(`${name} refuses a phase of no length`, () => {
    assertThrows(() => make(sgd()), Error, message);
  });
}

/** Rates of PyTorch 2.15 where it has any; of OneCycleLR it divides by the phase's length, 0. */
const finite: Record<string, [(o: Optimizer) => { step(): void }, expected: number[]]> = {
  "CyclicLR that falls at once": [
    (o) => new lrScheduler.CyclicLR(o, 0.1, 1, { stepSizeUp: 2, stepSizeDown: 0 }),
    [0.1, 0.55, 0.1, 0.55],
  ],
  "ExponentialLR with gamma 0": [(o) => new lrScheduler.ExponentialLR(o, 0), [0.1, 0, 0, 0]],
  "MultiStepLR with a milestone twice": [
    (o) => new lrScheduler.MultiStepLR(o, [0, 0, 2]),
    [0.001, 0.001, 0.0001, 0.0001],
  ],
  "OneCycleLR whose warm-up is one step": [
    (o) => new lrScheduler.OneCycleLR(o, { maxLr: 1, totalSteps: 4, pctStart: 0.25 }),
    [1, 0.750001, 0.250003, 0.000004],
  ],
  "OneCycleLR of one step": [
    (o) => new lrScheduler.OneCycleLR(o, { maxLr: 1, totalSteps: 1, pctStart: 1 }),
    [1, 4e-6],
  ],
  "OneCycleLR, stepped once behind each of its steps": [
    (o) => new lrScheduler.OneCycleLR(o, { maxLr: 5e-3, totalSteps: 4 }),
    [0.0002, 0.0040587, 0.0014153, 2e-8, 0.0014153],
  ],
};

for (const [name, [make, expected]] of Object.entries(finite)) {
  Deno.test(`${name} has finite rates`, () => {
    const optimizer = sgd();
    const scheduler = make(optimizer);
    const rates = expected.map((_, i) => {
      if (i > 0) scheduler.step();
      return optimizer.paramGroups[0].lr as number;
    });
    assertEquals(rates.length, expected.length);
    rates.forEach((rate, i) => assert(Math.abs(rate - expected[i]) < 1e-6, `${rates}`));
  });
}

Deno.test("OneCycleLR refuses a step more than it has, as PyTorch does", () => {
  const scheduler = new lrScheduler.OneCycleLR(sgd(), { maxLr: 1, totalSteps: 2 });
  scheduler.step();
  scheduler.step();
  assertThrows(
    () => scheduler.step(),
    Error,
    "Tried to step 3 times. The specified number of total steps is 2",
  );
});

/** What PyTorch 2.15 gives after one step, and what it still gives when another rate was set by hand. */
const last: Record<
  string,
  [(o: Optimizer) => { step(metric: number): void; getLastLr(): number[] }, number]
> = {
  StepLR: [(o) => new lrScheduler.StepLR(o, 1, { gamma: 0.5 }), 0.05],
  ChainedScheduler: [
    (o) =>
      new lrScheduler.ChainedScheduler([
        new lrScheduler.StepLR(o, 1, { gamma: 0.5 }),
        new lrScheduler.ExponentialLR(o, 0.1),
      ]),
    0.005,
  ],
  SequentialLR: [
    (o) =>
      new lrScheduler.SequentialLR(o, [
        new lrScheduler.StepLR(o, 1, { gamma: 0.5 }),
        new lrScheduler.ExponentialLR(o, 0.1),
      ], [2]),
    0.05,
  ],
  ReduceLROnPlateau: [(o) => new lrScheduler.ReduceLROnPlateau(o), 0.1],
  LambdaLR: [(o) => new lrScheduler.LambdaLR(o, (epoch) => 1 / (1 + epoch)), 0.05],
  OneCycleLR: [(o) => new lrScheduler.OneCycleLR(o, { maxLr: 1, totalSteps: 2, pctStart: 1 }), 1],
};

for (const [name, [make, expected]] of Object.entries(last)) {
  Deno.test(`${name}: the last rate is that of its own step, whatever is set since`, () => {
    const optimizer = sgd();
    const scheduler = make(optimizer);
    scheduler.step(1);
    assertEquals(scheduler.getLastLr().map((rate) => +rate.toFixed(6)), [expected]);
    optimizer.paramGroups[0].lr = 7;
    assertEquals(scheduler.getLastLr().map((rate) => +rate.toFixed(6)), [expected]);
  });
}
