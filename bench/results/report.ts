/**
 * The report: everything that a run measured, as plain data. `report.schema.json` describes it.
 * @module
 */
import type { ImageDataset, ImageSplit } from "../../fixtures/mod.ts";
import type { Presentation } from "../experiments/experiment.ts";
import type { ParityReport } from "../parity/report/report.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { Shard } from "../runner/plan.ts";
import type { Configuration, Trial, TrialResult } from "../runner/trials/trial.ts";
import type { Environment } from "./environment.ts";
import type { MeanInterval } from "./statistics.ts";

/** Raised when a field changes its meaning or goes away; new fields may come without it. */
export const schemaVersion = 3;

/** A data set that a run was about. */
export interface ReportDataset {
  /** As it was asked for: the name in the axes. */
  asked: string;
  /** Of the data set that was really used. */
  name: string;
  title: string;
  /** In the order of their values. */
  classNames: string[];
  /** Why another data set stands in for the one asked for; null when it is that one. */
  notice: string | null;
  /** Height, width, channels; not there in older reports. */
  imageShape?: number[];
  trainImages: number;
  validationImages: number;
  testImages: number;
  /** Where recipes keep different shares for validation: of each; the counts above are the first one's. */
  byRecipe?: RecipeImages[];
}

/** How a recipe divides the training images. */
export interface RecipeImages {
  recipe: string;
  trainImages: number;
  validationImages: number;
}

/** A model that a run was about. */
export interface ReportModel {
  name: string;
  title: string;
  /** A page where the network is described. */
  source: string | null;
}

/** A figure that is summed up over seeds. */
export const figureNames = [
  "testAccuracy",
  "testLoss",
  "validationAccuracy",
  "fitSeconds",
  "stepMs",
  "frameworkMs",
  "inputMs",
  "imagesPerSecond",
  "flopsPerSecond",
  "peakShare",
  "secondsToAccuracy",
  "peakMemoryMiB",
] as const;

/** A figure that is summed up over seeds. */
export type FigureName = (typeof figureNames)[number];

/** A configuration and its figures over the seeds. */
export interface ConfigurationFigures extends Configuration {
  /** What sets it apart, in words; null where its name says it all. */
  title: string | null;
  /** The configuration that it is a single change of. */
  before: string | null;
  /** A hash of all that its trials depend on; null where it is not known. */
  fingerprint: string | null;
  /** The seeds whose trials are done. */
  seeds: number[];
  figures: Record<FigureName, MeanInterval | null>;
}

/** Two configurations against each other, over the seeds that both have. */
export interface Comparison {
  first: string;
  second: string;
  figure: "testAccuracy" | "stepMs";
  /** `difference`: first less second. `ratio`: first over second; tested on its logarithm. */
  kind: "difference" | "ratio";
  /** How many seeds both have. */
  pairs: number;
  /** The difference or ratio, with its 95 % interval; the ends are null for a single pair. */
  value: number;
  low: number | null;
  high: number | null;
  p: number | null;
  /** A sentence; null where the interval allows none. */
  verdict: string | null;
}

/** A part that a report was joined from. */
export interface ReportPart {
  shard: Shard | null;
  environment: Environment;
}

/** Which experiment a report is of, and how its results are presented. */
export interface ReportExperiment extends Presentation {
  name: string;
}

/** A run. */
export interface Report {
  schemaVersion: typeof schemaVersion;
  experiment: ReportExperiment;
  /** What follows `deno task bench` to get this report again. */
  arguments: string[];
  /** Whether every trial that was to be run here is there and done. */
  complete: boolean;
  /** Whether the run was stopped by Ctrl-C. */
  interrupted: boolean;
  environment: Environment;
  options: BenchOptions;
  models: ReportModel[];
  /** With what flags set. */
  recipes: Recipe[];
  datasets: ReportDataset[];
  /** Floating-point operations a second of this machine's matrix product; null where it was not measured. */
  peakFlops: number | null;
  /** Steps of PyTorch and Keras, where they were asked for; not there in older reports. */
  peers?: PeerStep[];
  /** Remarks on the whole run. */
  notes: string[];
  /** Every trial of the whole experiment, also those of other shards. */
  plan: Trial[];
  /** What `merge` joined; empty for a report that it did not make. */
  parts: ReportPart[];
  results: TrialResult[];
  /** In the order of tables. */
  configurations: ConfigurationFigures[];
  /** Configurations against each other, seed by seed. */
  comparisons: Comparison[];
  /** The two idioms step by step; only of `bench parity`. */
  parity: ParityReport | null;
}

/** A training step of another framework, as `bench:peers` timed it on the same machine. */
export interface PeerStep {
  model: string;
  batch: number;
  /** Such as "PyTorch eager". */
  title: string;
  /** Median of the rounds. */
  stepMs: number;
}

/** The report's part on a data set. */
export function toReportDataset(
  asked: string,
  dataset: ImageDataset,
  { train, validation }: { readonly train: ImageSplit; readonly validation: ImageSplit },
): ReportDataset {
  return {
    asked,
    name: dataset.name,
    title: dataset.title,
    classNames: [...dataset.classNames],
    notice: dataset.notice ?? null,
    imageShape: [...dataset.imageShape],
    trainImages: train.count,
    validationImages: validation.count,
    testImages: dataset.test.count,
  };
}

/** The trials of the plan that a report has no result of that is done. */
export function missingTrials({ plan, results, options }: Report): string[] {
  const done = new Set(results.filter(isDone).map(({ trial }) => trial));
  const missing = plan.map(({ id }) => id).filter((id) => !done.has(id));
  if (options.shard === null) return missing;
  // Of a shard's report only its own trials are asked for.
  const { index, count } = options.shard;
  const own = new Set(plan.filter((_, i) => i % count === index - 1).map(({ id }) => id));
  return missing.filter((id) => own.has(id));
}

/** Whether a trial came to its end with all that was to be measured. */
export function isDone({ state }: Pick<TrialResult, "state">): boolean {
  return state === "done";
}
