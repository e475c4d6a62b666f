/**
 * The report: everything that a run measured, as plain data. `report.schema.json` describes it.
 * @module
 */
import type { ImageDataset, ImageSplit } from "../../fixtures/mod.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import type { BenchOptions } from "../cli/options.ts";
import type { Cell, GridCommand, Layout } from "../runner/plan.ts";
import type { RungName } from "../experiments/ablation.ts";
import type { Shard } from "../runner/shard.ts";
import type { Comparison, GroupFigures } from "./configurations.ts";
import type { ParityReport } from "../parity/mod.ts";
import { summarizeTimes, type TimeSummary } from "./statistics_mod.ts";
import type { EpochRecord, StyleName, StyleOutcome } from "../styles/style.ts";

/** Raised when a field changes its meaning or goes away; new fields may come without it. */
export const schemaVersion = 2;

/** The images that a run was about. */
export interface ReportDataset {
  /** Of the data set that was really used. */
  name: string;
  title: string;
  /** In the order of their numbers. */
  classNames: string[];
  /** Why another data set stands in for the one asked for; null when it is that one. */
  notice: string | null;
  trainImages: number;
  validationImages: number;
  testImages: number;
}

/** A frequent mistake with images of it. */
export interface ShownConfusion {
  actual: string;
  predicted: string;
  count: number;
  /** Images of class `actual` taken for `predicted`: PNG files in base64. */
  images: string[];
}

/** What one training measured; null is "not measured". Field by field in README.md. */
export interface StyleResult {
  /** The training's name in the plan. */
  cell: string;
  style: StyleName;
  seed: number;
  rung: RungName | null;
  layout: Layout | null;
  engine: string | null;
  provider: string | null;
  dataset: string;
  parameters: number | null;
  fitSeconds: number | null;
  compileSeconds: number | null;
  engineSeconds: number | null;
  /** The rest of the fit: the framework and the loop, in JavaScript. */
  javascriptSeconds: number | null;
  stepMs: TimeSummary | null;
  /** The part of a step that is not the engine's. */
  frameworkMs: TimeSummary | null;
  /** The steps left out of the two above: the first ones. */
  warmupMs: number[];
  history: EpochRecord[];
  testLoss: number | null;
  testAccuracy: number | null;
  inferenceSeconds: number | null;
  onnxInferenceSeconds: number | null;
  onnxAgreement: number | null;
  peakMemoryMiB: number | null;
  /** Rows: the classes of the test images; columns: the predicted ones. */
  confusion: number[][] | null;
  /** The most frequent mistakes; of the first seed only, for their images are large. */
  worst: ShownConfusion[];
  notes: string[];
  /** Whether everything was measured that the options ask for. */
  complete: boolean;
  /** One line; null when nothing failed. */
  error: string | null;
}

/** A part that a report was joined from. */
export interface ReportPart {
  shard: Shard | null;
  environment: Environment;
}

/** A run. */
export interface Report {
  schemaVersion: typeof schemaVersion;
  /** Which grid was trained. */
  command: GridCommand;
  /** Whether every training that was to be run here is there and complete. */
  complete: boolean;
  /** Whether the run was stopped by Ctrl-C. */
  interrupted: boolean;
  environment: Environment;
  options: BenchOptions;
  dataset: ReportDataset;
  /** Every training of the whole experiment, also those of other shards. */
  plan: Cell[];
  /** What `merge` joined; empty for a report that it did not make. */
  parts: ReportPart[];
  results: StyleResult[];
  /** The figures over the seeds, one entry a style (and rung, and layout). */
  groups: GroupFigures[];
  /** Groups against each other, seed by seed. */
  comparisons: Comparison[];
  /** The two idioms step by step; null but in mode parity. */
  parity: ParityReport | null;
}

/** What became of one training, beside its outcome. */
export interface StyleEnd {
  stepMilliseconds: readonly number[];
  frameworkMilliseconds: readonly number[];
  /** How many steps at the beginning are left out of the summaries. */
  warmup: number;
  peakMemoryMiB: number | null;
  confusion: number[][] | null;
  worst: ShownConfusion[];
  error: string | null;
}

/** Fields of an outcome without which a training is incomplete. */
const needed = [
  "engine",
  "provider",
  "parameters",
  "fitSeconds",
  "testLoss",
  "testAccuracy",
  "inferenceSeconds",
] as const;

/** A training's entry in the report. */
export function toResult(
  { id, style, seed, rung, layout }: Cell,
  dataset: string,
  outcome: StyleOutcome,
  end: StyleEnd,
  epochs: number,
): StyleResult {
  const {
    history,
    notes,
    engine,
    provider,
    predictions: _,
    stepFlops: __,
    split: ___,
    ...figures
  } = outcome;
  const { warmup, stepMilliseconds, frameworkMilliseconds, ...others } = end;
  const measured = needed.every((field) => outcome[field] !== null) && history.length === epochs;
  return {
    cell: id,
    style,
    seed,
    rung,
    layout,
    engine,
    provider,
    dataset,
    ...figures,
    javascriptSeconds: javascriptSeconds(outcome),
    stepMs: summarizeTimes(stepMilliseconds.slice(warmup)),
    frameworkMs: summarizeTimes(frameworkMilliseconds.slice(warmup)),
    warmupMs: stepMilliseconds.slice(0, warmup),
    history: [...history],
    notes: [...notes],
    ...others,
    complete: measured && end.error === null,
  };
}

function javascriptSeconds(outcome: StyleOutcome): number | null {
  const { fitSeconds, compileSeconds, engineSeconds } = outcome;
  if (fitSeconds === null || compileSeconds === null || engineSeconds === null) return null;
  return Math.max(0, fitSeconds - compileSeconds - engineSeconds);
}

/** The report's part on the images. */
export function toReportDataset(
  dataset: ImageDataset,
  { train, validation }: { readonly train: ImageSplit; readonly validation: ImageSplit },
): ReportDataset {
  return {
    name: dataset.name,
    title: dataset.title,
    classNames: [...dataset.classNames],
    notice: dataset.notice ?? null,
    trainImages: train.count,
    validationImages: validation.count,
    testImages: dataset.test.count,
  };
}

/** A report in which nothing is measured yet, made now on this machine. */
export async function emptyReport(
  command: GridCommand,
  options: BenchOptions,
  dataset: ReportDataset,
  plan: Cell[],
): Promise<Report> {
  return {
    schemaVersion,
    command,
    complete: false,
    interrupted: false,
    environment: await readEnvironment(),
    options,
    dataset,
    plan,
    parts: [],
    results: [],
    groups: [],
    comparisons: [],
    parity: null,
  };
}
