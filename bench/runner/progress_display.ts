/**
 * What the runner tells of trials while they run.
 * @module
 */
import type { EpochRecord, StepLogs, TrialResult } from "./trials/trial.ts";

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
  /**
   * @param epoch counted from 1
   * @param images that are trained on in it
   */
  epochStart(epoch: number, epochs: number, steps: number, images: number): void;
  step(step: number, logs?: StepLogs): void;
  epochEnd(record: EpochRecord): void;
  /** A trial has ended, here or in an earlier run that was broken off. */
  trialEnd(result: TrialResult): void;
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
  trialEnd() {},
  note() {},
  close() {},
};

/** Displays that are all told the same. */
export function toldTogether(displays: readonly ProgressDisplay[]): ProgressDisplay {
  const all = (tell: (display: ProgressDisplay) => void) => displays.forEach(tell);
  return {
    plan: (ids) => all((one) => one.plan(ids)),
    trialStart: (id, number, count) => all((one) => one.trialStart(id, number, count)),
    epochStart: (epoch, epochs, steps, images) =>
      all((one) => one.epochStart(epoch, epochs, steps, images)),
    step: (step, logs) => all((one) => one.step(step, logs)),
    epochEnd: (record) => all((one) => one.epochEnd(record)),
    trialEnd: (result) => all((one) => one.trialEnd(result)),
    note: (line) => all((one) => one.note(line)),
    close: () => all((one) => one.close()),
  };
}
