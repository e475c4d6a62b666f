import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { ScheduleRecipe } from "../../../bench/recipes/mod.ts";
import { rateFactor } from "../../../bench/styles/training/schedule.ts";
import * as torch from "../../../torch_style/mod.ts";

const length = { epochs: 4, stepsPerEpoch: 6 };
const steps = length.epochs * length.stepsPerEpoch;
const factors = (schedule: ScheduleRecipe) =>
  Array.from({ length: steps }, (_, step) => rateFactor(schedule, step, length));

/** The rates that one of PyTorch's schedulers, which are held against PyTorch's own elsewhere, gives. */
async function torchRates(
  make: (optimizer: torch.optim.Optimizer) => { step(): void },
  count = steps,
): Promise<number[]> {
  const optimizer = new torch.optim.SGD([torch.zeros([1], { requiresGrad: true })], { lr: 1 });
  const scheduler = make(optimizer);
  const rates: number[] = [];
  for (let step = 0; step < count; step++) {
    rates.push(optimizer.paramGroups[0].lr);
    await optimizer.step();
    if (step + 1 < count) scheduler.step();
  }
  return rates;
}

function assertClose(actual: number[], expected: number[]): void {
  assertEquals(actual.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(actual[i], value, 1e-9, `step ${i}`));
}

const { CosineAnnealingLR, OneCycleLR, StepLR } = torch.optim.lrScheduler;

Deno.test("constant is 1", () => {
  assertEquals(new Set(factors({ kind: "constant" })), new Set([1]));
});

Deno.test("cosine is CosineAnnealingLR after its warm-up", async () => {
  const cosine = factors({ kind: "cosine", warmupSteps: 4, finalFactor: 0.1 });
  assertClose(cosine.slice(0, 4), [0.25, 0.5, 0.75, 1]);
  const make = (o: torch.optim.Optimizer) => new CosineAnnealingLR(o, steps - 4, 0.1);
  assertClose(cosine.slice(4), await torchRates(make, steps - 4));
});

Deno.test("oneCycle is OneCycleLR", async () => {
  const cycle = factors({
    kind: "oneCycle",
    warmupShare: 0.3,
    startDivisor: 25,
    finalDivisor: 1e4,
  });
  const options = { maxLr: 1, totalSteps: steps, pctStart: 0.3, cycleMomentum: false };
  const rates = await torchRates((o) => new OneCycleLR(o, options));
  assertClose(cycle, rates);
});

Deno.test("step is StepLR, in epochs", async () => {
  const rates = await torchRates((o) => new StepLR(o, 2 * 6, 0.1));
  assertClose(factors({ kind: "step", epochs: 2, factor: 0.1 }), rates);
});

Deno.test("linear goes up along a line and down along another", () => {
  const schedule = {
    kind: "linear",
    warmupShare: 0.25,
    startFactor: 0.2,
    finalFactor: 0.1,
  } as const;
  const length = { epochs: 2, stepsPerEpoch: 4 };
  const factors = Array.from({ length: 8 }, (_, step) => rateFactor(schedule, step, length));
  const expected = [0.2, 0.6, 1, 0.85, 0.7, 0.55, 0.4, 0.25];
  factors.forEach((factor, i) => assertAlmostEquals(factor, expected[i], 1e-12));
});

Deno.test("the factors of every kind are finite however short the training, also where the rise is one step", () => {
  const schedules: ScheduleRecipe[] = [
    { kind: "constant" },
    { kind: "step", epochs: 1, factor: 0 },
    ...[0, 1, 8, 9].map((warmupSteps) => ({
      ...{ kind: "cosine" as const, warmupSteps, finalFactor: 0 },
    })),
    ...[0, 1 / 8, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 0.9, 0.999].flatMap((warmupShare) => [
      { kind: "linear" as const, warmupShare, startFactor: 0.2, finalFactor: 0 },
      ...warmupShare === 0
        ? []
        : [{ kind: "oneCycle" as const, warmupShare, startDivisor: 25, finalDivisor: 1e4 }],
    ]),
  ];
  for (const schedule of schedules) {
    for (let count = 1; count <= 8; count++) {
      for (let step = 0; step < count; step++) {
        const factor = rateFactor(schedule, step, { epochs: count, stepsPerEpoch: 1 });
        const what = `${JSON.stringify(schedule)}, step ${step} of ${count}: ${factor}`;
        assert(factor >= 0 && factor <= 1 + 1e-12, what);
      }
    }
  }
});
