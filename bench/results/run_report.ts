/**
 * The report of a run: empty at first, up to date after every trial.
 * @module
 */
import { contentHash, type ImageDataset, trainValidationSplit } from "../../fixtures/mod.ts";
import type { Experiment, ExperimentInput } from "../experiments/experiment.ts";
import type { Recipe } from "../recipes/recipe.ts";
import { fingerprintsOf } from "../runner/trials/fingerprint.ts";
import type { BenchOptions } from "../runner/options.ts";
import { type PlannedConfiguration, planTrials, trialsOf } from "../runner/plan.ts";
import { type RunInput, type RunSettings, runTrials } from "../runner/run.ts";
import type { TrialResult } from "../runner/trials/trial.ts";
import { figuresOf, sumUp } from "./configurations.ts";
import { readEnvironment } from "./environment.ts";
import { type Report, type ReportDataset, schemaVersion, toReportDataset } from "./report.ts";

/** What a report is of. */
export interface ReportInput {
  experiment: Experiment;
  /** What follows `deno task bench` to get the report again. */
  arguments: string[];
  options: BenchOptions;
  input: ExperimentInput;
  notes: string[];
  configurations: readonly PlannedConfiguration[];
  datasets: ReadonlyMap<string, ImageDataset>;
}

/** A report in which nothing is measured yet, made now on this machine. */
export async function emptyReport(
  { experiment, arguments: args, options, input, notes, configurations, datasets }: ReportInput,
): Promise<Report> {
  const environment = await readEnvironment();
  const hashes = new Map([...datasets].map(([name, data]) => [name, contentHash(data)]));
  const { packages } = environment;
  const fingerprints = await fingerprintsOf(configurations, hashes, packages, options);
  // Of an ablation those that it starts from and ends at: between them are its changes.
  const recipes = [
    ...new Map(
      configurations.filter(({ axes, before }) => axes.change === null || before === null)
        .map(({ recipe }) => [recipe.name, recipe]),
    ).values(),
  ];
  return {
    schemaVersion,
    experiment: { name: experiment.name, ...experiment.presentation(input) },
    arguments: args,
    complete: false,
    interrupted: false,
    environment,
    options,
    models: input.models.map(({ name, title, source }) => ({ name, title, source })),
    recipes,
    datasets: [...datasets].map(([asked, data]) => {
      const own = configurations.find(({ axes }) => axes.dataset === asked);
      const { validationShare } = own?.recipe ?? recipes[0];
      const split = trainValidationSplit(data.train, validationShare);
      return { ...toReportDataset(asked, data, split), ...imagesByRecipe(data, recipes) };
    }),
    peakFlops: null,
    notes: [...notes, ...skippedFiles(datasets)],
    plan: planTrials(configurations, options),
    parts: [],
    results: [],
    configurations: configurations.map(({ name, axes, title, before }) =>
      figuresOf({ name, axes, title, before, fingerprint: fingerprints.get(name)! }, [])
    ),
    comparisons: [],
    parity: null,
  };
}

/** What each recipe keeps for validation, where that is not the same. */
function imagesByRecipe(
  { train: images }: ImageDataset,
  recipes: readonly Recipe[],
): Pick<ReportDataset, "byRecipe"> {
  const byRecipe = recipes.map(({ name, validationShare }) => {
    const { train, validation } = trainValidationSplit(images, validationShare);
    return { recipe: name, trainImages: train.count, validationImages: validation.count };
  });
  return new Set(byRecipe.map(({ trainImages }) => trainImages)).size > 1 ? { byRecipe } : {};
}

/** Images that could not be decoded, by their number and the first of them. */
function skippedFiles(datasets: ReadonlyMap<string, ImageDataset>): string[] {
  return [...datasets].flatMap(([name, { skipped = [] }]) => {
    if (skipped.length === 0) return [];
    const [{ path, reason }] = skipped;
    const count = skipped.length === 1 ? "1 file was" : `${skipped.length} files were`;
    return [`${name}: ${count} left out, the first is ${path}: ${reason}`];
  });
}

/** What a run is made of, beside its report. */
export type ReportRun = Pick<RunInput, "configurations" | "datasets" | "finished">;

/** Around the trials of a report. */
export interface ReportRunSettings extends Omit<RunSettings, "onResult"> {
  /** Called after every trial, when the report holds its result. */
  onReport?: (result: TrialResult) => Promise<void>;
}

/** Runs the trials of a report that are to be run here, and keeps it up to date. */
export async function runReport(
  report: Report,
  run: ReportRun,
  { onReport, ...settings }: ReportRunSettings,
): Promise<void> {
  const { plan, options, peakFlops, configurations } = report;
  const trials = trialsOf(plan, options.shard);
  const fingerprints = new Map(configurations.map((one) => [one.name, one.fingerprint!]));
  sumUp(report, trials.length); // A part without trials is complete as it is.
  await runTrials({ ...run, trials, options, fingerprints, peakFlops }, {
    ...settings,
    onResult: async (result) => {
      report.results.push(result);
      report.interrupted = settings.signal.aborted;
      sumUp(report, trials.length);
      await onReport?.(result);
    },
  });
  report.interrupted = settings.signal.aborted;
}
