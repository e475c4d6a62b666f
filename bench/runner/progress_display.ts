/**
 * What the runner tells of trials while they run.
 * @module
 */
import type { EpochRecord, StepLogs } from "./trial.ts";

/** Where progress is shown. */
export interface ProgressDisplay {
  /** The trials of the run, by their names in the plan. */
  plan(ids: readonly string[]): void;
  /**
   * A trial begins.
   *
   * @param id its name in the plan
   * @param number counted from 1
   * @param count of all trials of the run
   */
  trialStart(id: string, number: number, count: number): void;
  epochStart(epoch: number, epochs: number, steps: number): void;
  step(step: number, logs?: StepLogs): void;
  epochEnd(record: EpochRecord): void;
  /** Prints a line that does not disturb the bar. */
  note(line: string): void;
  /** Ends a line left open by a step, so that what follows starts on its own; harmless when there is none. */
  close(): void;
}

/** A display that shows nothing. */
export const silentProgress: ProgressDisplay = {
  plan() {},
  trialStart() {},
  epochStart() {},
  step() {},
  epochEnd() {},
  note() {},
  close() {},
};
