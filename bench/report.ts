/**
 * The report: everything that a run measured, as plain data. `report.schema.json` describes it.
 * @module
 */
import type { ImageDataset, ImageSplit } from "../fixtures/mod.ts";
import type { Environment } from "./environment.ts";
import type { BenchOptions } from "./options.ts";
import { summarizeTimes, type TimeSummary } from "./statistics.ts";
import type { EpochRecord, StyleName, StyleOutcome } from "./style.ts";

/** Raised when a field changes its meaning or goes away; new fields may come without it. */
export const schemaVersion = 1;

/** The pictures that a run was about. */
export interface ReportDataset {
  /** Of the data set that was really used. */
  name: string;
  title: string;
  /** Why another data set stands in for the one asked for; null when it is that one. */
  notice: string | null;
  trainPictures: number;
  validationPictures: number;
  testPictures: number;
}

/** What one style measured; null is "not measured". Field by field in README.md. */
export interface StyleResult {
  style: StyleName;
  engine: string | null;
  provider: string | null;
  dataset: string;
  parameters: number | null;
  fitSeconds: number | null;
  compileSeconds: number | null;
  stepMs: TimeSummary | null;
  history: EpochRecord[];
  testLoss: number | null;
  testAccuracy: number | null;
  inferenceSeconds: number | null;
  onnxInferenceSeconds: number | null;
  onnxAgreement: number | null;
  peakMemoryMiB: number | null;
  notes: string[];
  /** Whether everything was measured that the options ask for. */
  complete: boolean;
  /** One line; null when nothing failed. */
  error: string | null;
}

/** A run. */
export interface Report {
  schemaVersion: typeof schemaVersion;
  /** Whether every style asked for is there and complete. */
  complete: boolean;
  /** Whether the run was stopped by Ctrl-C. */
  interrupted: boolean;
  environment: Environment;
  options: BenchOptions;
  dataset: ReportDataset;
  results: StyleResult[];
}

/** What became of one style, beside its outcome. */
export interface StyleEnd {
  stepMilliseconds: readonly number[];
  peakMemoryMiB: number | null;
  error: string | null;
}

/** Fields of an outcome without which a style is incomplete. */
const needed = [
  "engine",
  "provider",
  "parameters",
  "fitSeconds",
  "testLoss",
  "testAccuracy",
  "inferenceSeconds",
] as const;

/** A style's entry in the report. */
export function toResult(
  style: StyleName,
  dataset: string,
  outcome: StyleOutcome,
  end: StyleEnd,
  epochs: number,
): StyleResult {
  const { history, notes, engine, provider, ...figures } = outcome;
  const measured = needed.every((field) => outcome[field] !== null) && history.length === epochs;
  return {
    style,
    engine,
    provider,
    dataset,
    ...figures,
    stepMs: summarizeTimes(end.stepMilliseconds),
    history: [...history],
    peakMemoryMiB: end.peakMemoryMiB,
    notes: [...notes],
    complete: measured && end.error === null,
    error: end.error,
  };
}

/** The report's part on the pictures. */
export function toReportDataset(
  dataset: ImageDataset,
  train: ImageSplit,
  validation: ImageSplit,
): ReportDataset {
  return {
    name: dataset.name,
    title: dataset.title,
    notice: dataset.notice ?? null,
    trainPictures: train.count,
    validationPictures: validation.count,
    testPictures: dataset.test.count,
  };
}
