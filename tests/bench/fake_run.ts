/** Runs of the bench without training: runners that fill in given figures. */
import { createShapes10 } from "../../fixtures/shapes10/shapes10.ts";
import { type BenchOptions, defaultOptions } from "../../bench/cli/mod.ts";
import type { GridCommand } from "../../bench/runner/mod.ts";
import { silentProgress } from "../../bench/output/progress.ts";
import type { Report } from "../../bench/results/report.ts";
import { runBench, type RunSettings } from "../../bench/runner/run.ts";
import type { StyleRunner, StyleRunners } from "../../bench/styles/style.ts";

/** A runner that measures made-up figures, two steps an epoch. */
export const fakeRunner: StyleRunner = ({ outcome, recipe, progress, clock, signal }) => {
  Object.assign(outcome, { engine: "fake", provider: "cpu", parameters: 430_102 });
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    progress.epochStart(epoch, 2);
    for (let step = 1; step <= 2; step++) {
      signal.throwIfAborted();
      clock.record(10 * step);
      progress.step(step);
    }
    const accuracy = epoch / 10;
    progress.epochEnd({ loss: 2, accuracy, valLoss: 2.5, valAccuracy: accuracy / 2 });
  }
  Object.assign(outcome, {
    fitSeconds: 12.345,
    testLoss: 1.5,
    testAccuracy: 0.25,
    inferenceSeconds: 0.5,
  });
  outcome.notes.push("figures are made up");
  return Promise.resolve();
};

/** As the one above, with figures that differ from seed to seed, the parts of its time, and predictions with mistakes. */
export const variedRunner: StyleRunner = async (context) => {
  await fakeRunner(context);
  const { outcome, trial, test } = context;
  const shift = trial.seed / 100 + trial.id.length / 200;
  for (const record of outcome.history) {
    record.valAccuracy += shift;
    record.valLoss -= shift * record.epoch;
    record.seconds = 3 + shift;
  }
  Object.assign(outcome, {
    fitSeconds: 12 + shift,
    compileSeconds: 0.5 + shift,
    engineSeconds: 9,
    testAccuracy: 0.4 + shift,
    predictions: Int32Array.from(test.labels, (label, i) => i % 3 === 0 ? (label + 1) % 10 : label),
  });
};

/** All styles by that runner. */
export function variedRunners() {
  return fakeRunners({ keras: variedRunner, "keras-advanced": variedRunner, torch: variedRunner });
}

/** The same runner for all styles, but for those given. */
export function fakeRunners(others: Partial<Record<keyof StyleRunners, StyleRunner>> = {}) {
  const choose = (style: keyof StyleRunners) => () => Promise.resolve(others[style] ?? fakeRunner);
  return {
    keras: choose("keras"),
    "keras-advanced": choose("keras-advanced"),
    torch: choose("torch"),
  };
}

/** Runs on 40 procedural images. */
export function fakeRun(
  options: Partial<BenchOptions> = {},
  settings: Partial<RunSettings> = {},
  command: GridCommand = "run",
): Promise<Report> {
  const dataset = { ...createShapes10({ limit: 40 }), notice: "instead of CIFAR-10" };
  const all = { ...defaultOptions(command), epochs: 2, warmup: 0, ...options };
  return runBench(all, dataset, {
    runners: fakeRunners(),
    display: silentProgress,
    signal: new AbortController().signal,
    ...settings,
  }, command);
}
