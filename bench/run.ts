/**
 * A run of the bench: loads the pictures, runs one style after the other, keeps the report up to date.
 * @module
 */
import { type ImageDataset, seedTraining, trainValidationSplit } from "../fixtures/mod.ts";
import { readEnvironment } from "./environment.ts";
import { PeakMemory } from "./memory.ts";
import type { BenchOptions } from "./options.ts";
import type { ProgressDisplay, StyleProgress } from "./progress.ts";
import {
  type Report,
  schemaVersion,
  type StyleResult,
  toReportDataset,
  toResult,
} from "./report.ts";
import { StepClock } from "./step_clock.ts";
import {
  emptyOutcome,
  type EpochMetrics,
  type StyleContext,
  type StyleName,
  type StyleOutcome,
  type StyleRunners,
} from "./style.ts";

/** What a run needs beside its options. */
export interface RunSettings {
  runners: StyleRunners;
  display: ProgressDisplay;
  /** Aborted at Ctrl-C. */
  signal: AbortSignal;
  /** Called with the report so far after every style. */
  onReport?: (report: Report) => Promise<void>;
}

/**
 * Runs the styles that the options name on a loaded data set.
 *
 * A style that fails is reported and the next one runs; after an abort no further one starts.
 */
export async function runBench(
  options: BenchOptions,
  dataset: ImageDataset,
  settings: RunSettings,
): Promise<Report> {
  const { train, validation } = trainValidationSplit(
    dataset.train,
    seedTraining.validationFraction,
  );
  const report: Report = {
    schemaVersion,
    complete: false,
    interrupted: false,
    environment: await readEnvironment(),
    options,
    dataset: toReportDataset(dataset, train, validation),
    results: [],
  };
  const shared = { dataset, train, validation, test: dataset.test, options };
  for (const style of options.styles) {
    if (settings.signal.aborted) break;
    report.results.push(await runStyle(style, shared, settings));
    report.interrupted = settings.signal.aborted;
    report.complete = report.results.length === options.styles.length &&
      report.results.every((result) => result.complete);
    await settings.onReport?.(report);
  }
  return report;
}

type SharedContext = Pick<
  StyleContext,
  "dataset" | "train" | "validation" | "test" | "options"
>;

async function runStyle(
  style: StyleName,
  shared: SharedContext,
  { runners, display, signal }: RunSettings,
): Promise<StyleResult> {
  const outcome = emptyOutcome();
  using memory = new PeakMemory();
  const clock = new StepClock(undefined, () => memory.sample());
  const progress = progressOf(display, outcome, shared.options.epochs);
  display.note(`\n${style}`);
  let error: string | null = null;
  try {
    const run = await runners[style]();
    await run({ ...shared, progress, signal, clock, outcome });
  } catch (cause) {
    if (!signal.aborted) error = oneLine(cause);
  }
  display.close();
  if (error !== null) display.note(`${style} failed: ${error}`);
  memory.sample();
  const end = { stepMilliseconds: clock.milliseconds, peakMemoryMiB: memory.peakMiB, error };
  return toResult(style, shared.dataset.name, outcome, end, shared.options.epochs);
}

/** An error as people read it: its message, not where it was thrown. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n")[0];
}

function progressOf(
  display: ProgressDisplay,
  outcome: StyleOutcome,
  epochs: number,
): StyleProgress {
  let epoch = 0;
  let started = 0;
  return {
    epochStart(number, steps) {
      epoch = number;
      started = performance.now();
      display.epochStart(number, epochs, steps);
    },
    step: (step, logs) => display.step(step, logs),
    epochEnd(metrics: EpochMetrics) {
      const record = { epoch, seconds: (performance.now() - started) / 1000, ...metrics };
      outcome.history.push(record);
      display.epochEnd(record);
    },
    note: (line) => display.note(line),
  };
}
