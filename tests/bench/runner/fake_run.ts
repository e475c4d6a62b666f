/** Runs of the bench without training: launchers that fill in given figures. */
import { createShapes10 } from "../../../fixtures/shapes10/shapes10.ts";
import { defaultOptions, toArguments } from "../../../bench/cli/options.ts";
import { type Experiment, experiments } from "../../../bench/experiments/mod.ts";
import { resolveExperiment } from "../../../bench/experiments/resolve.ts";
import type { Report } from "../../../bench/results/report.ts";
import {
  emptyReport,
  type ReportRunSettings,
  runReport,
} from "../../../bench/results/run_report.ts";
import { resultWithout, type TrialLauncher } from "../../../bench/runner/processes/launch.ts";
import type { BenchOptions } from "../../../bench/runner/options.ts";
import { silentProgress } from "../../../bench/runner/progress_display.ts";
import type { StyleName, TrialRequest, TrialResult } from "../../../bench/runner/trials/trial.ts";
import { confusionMatrix } from "../../../bench/runner/trials/confusion.ts";
import { shownConfusions } from "../../../bench/runner/trials/shown_confusions.ts";

/** Made-up figures of a trial that is done, two steps an epoch. */
function fakeResult(request: TrialRequest): TrialResult {
  const history = Array.from({ length: request.recipe.epochs }, (_, i) => ({
    ...{ epoch: i + 1, seconds: 3, loss: 2, accuracy: (i + 1) / 10 },
    ...{ valLoss: 2.5, valAccuracy: (i + 1) / 20 },
  }));
  const figures = {
    engine: "fake",
    provider: "cpu",
    parameters: 430_102,
    fitSeconds: 12.345,
    stepMs: { median: 15, p95: 20, mean: 15, count: 2 * history.length },
    inputMs: { median: 1, p95: 2, mean: 1, count: 2 * history.length },
    imagesPerSecond: 2000,
    stepFlops: 1.5e9,
    flopsPerSecond: 1e11,
    peakShare: 0.25,
    testLoss: 1.5,
    testAccuracy: 0.25,
    inferenceSeconds: 0.5,
    peakMemoryMiB: 321,
    state: "done" as const,
  };
  const rest = resultWithout(request, { history, notes: ["figures are made up"], error: null });
  return { ...rest, ...figures };
}

/** Launches nothing. */
export const fakeLauncher: TrialLauncher = (request, _, { onEvent }) => {
  const result = fakeResult(request);
  for (const record of result.history) {
    onEvent({ type: "epochStart", epoch: record.epoch, epochs: result.history.length, steps: 2 });
    for (const step of [1, 2]) onEvent({ type: "step", step, logs: {} });
    onEvent({ type: "epochEnd", record });
  }
  return Promise.resolve(result);
};

/** As the one above, with figures that differ from seed to seed, the parts of its time, and predictions with mistakes. */
export const variedLauncher: TrialLauncher = async (request, data, watch) => {
  const result = await fakeLauncher(request, data, watch);
  const shift = request.trial.seed / 100 + request.trial.id.length / 200;
  for (const record of result.history) {
    record.valAccuracy += shift;
    record.valLoss -= shift * record.epoch;
    record.seconds = 3 + shift;
  }
  const { labels } = data.test;
  const predictions = Int32Array.from(
    labels,
    (label, i) => i % 3 === 0 ? (label + 1) % 10 : label,
  );
  const confusion = confusionMatrix(labels, predictions, 10);
  return {
    ...result,
    fitSeconds: 12 + shift,
    compileSeconds: 0.5 + shift,
    engineSeconds: 9,
    javascriptSeconds: 2.5,
    testAccuracy: 0.4 + shift,
    confusion,
    worst: request.showsMistakes
      ? await shownConfusions(confusion, data.test, predictions, request.data)
      : [],
  };
};

/** The fake one for all styles, but for those given, whose results are changed. */
export function launcherOf(
  others: Partial<Record<StyleName, (result: TrialResult) => Partial<TrialResult>>>,
): TrialLauncher {
  return async (request, data, watch) => {
    const result = await fakeLauncher(request, data, watch);
    return { ...result, ...others[request.trial.axes.style]?.(result) };
  };
}

/** What a trial that failed gives. */
export function failing(error: string): (result: TrialResult) => Partial<TrialResult> {
  return () => ({
    ...{ state: "failed", error, fitSeconds: null, testAccuracy: null, testLoss: null },
    ...{ stepMs: null, history: [], notes: [] },
  });
}

/** Settings of a fake run. */
export type FakeSettings = Partial<ReportRunSettings> & {
  finished?: ReadonlyMap<string, TrialResult>;
};

/** An experiment by its name. */
export function experimentNamed(name: string): Experiment {
  return experiments.find((experiment) => experiment.name === name)!;
}

/** Runs an experiment on 40 procedural images. */
export async function fakeRun(
  options: Partial<BenchOptions> = {},
  { finished = new Map(), ...settings }: FakeSettings = {},
  name = "compare",
): Promise<Report> {
  const experiment = experimentNamed(name);
  const all = {
    ...defaultOptions(),
    ...{ epochs: 2, warmup: 0, dataset: ["shapes10"] },
    ...options,
  };
  const datasets = new Map(
    all.dataset.map((
      name,
    ) => [name, { ...createShapes10({ limit: 40 }), notice: "instead of CIFAR-10" }]),
  );
  const { input, notes } = await resolveExperiment(experiment, all);
  const configurations = experiment.configurations(input);
  const report = await emptyReport({
    ...{ experiment, options: all, input, notes, configurations, datasets },
    arguments: toArguments(all, experiment),
  });
  await runReport(report, { configurations, datasets, finished }, {
    launch: fakeLauncher,
    display: silentProgress,
    signal: new AbortController().signal,
    stateFolder: () => Promise.resolve(null),
    ...settings,
  });
  return report;
}
