/**
 * What a trial's record comes to.
 * @module
 */
import { hasStopped } from "../../styles/training/early_stopping.ts";
import type { StyleOutcome } from "../../styles/style.ts";
import { type StepTimes, withoutWarmup } from "../measuring/step_clock.ts";
import { summarizeTimes } from "../measuring/times.ts";
import type { TrialRequest, TrialResult, TrialState } from "./trial.ts";

/** How a trial ended. */
export interface TrialEnd {
  readonly state: TrialState;
  readonly error: string | null;
}

/** What was measured beside the style's own outcome. */
export interface TrialMeasures {
  readonly times: StepTimes;
  readonly secondsToAccuracy: number | null;
  readonly peakMemoryMiB: number | null;
  readonly confusion: TrialResult["confusion"];
  readonly worst: TrialResult["worst"];
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

/** Whether everything was measured that was asked for. */
export function isWhole(outcome: StyleOutcome, { recipe, untilAccuracy }: TrialRequest): boolean {
  const { history } = outcome;
  const reached = untilAccuracy !== null &&
    (history.at(-1)?.valAccuracy ?? 0) >= untilAccuracy;
  return needed.every((field) => outcome[field] !== null) &&
    (history.length === recipe.epochs || reached || hasStopped(history, recipe.earlyStopping));
}

/** A trial's entry in the report. */
export function toTrialResult(
  request: TrialRequest,
  outcome: StyleOutcome,
  measures: TrialMeasures,
  end: TrialEnd,
): TrialResult {
  const { trial: { id, configuration, axes, seed }, data, warmup } = request;
  const { predictions: _, history, notes, ...figures } = outcome;
  const { times, ...others } = measures;
  const steps = withoutWarmup(times.stepMilliseconds, times, warmup);
  const summary = (milliseconds: readonly number[]) =>
    summarizeTimes(withoutWarmup(milliseconds, times, warmup).rest);
  return {
    trial: id,
    configuration,
    axes,
    seed,
    dataset: data.name,
    ...figures,
    javascriptSeconds: javascriptSeconds(outcome),
    stepMs: summarizeTimes(steps.rest),
    frameworkMs: summary(times.frameworkMilliseconds),
    inputMs: summary(times.inputMilliseconds),
    warmupMs: steps.first,
    ...speeds(request, outcome, times),
    history: [...history],
    notes: [...notes],
    ...others,
    ...end,
  };
}

function javascriptSeconds(outcome: StyleOutcome): number | null {
  const { fitSeconds, compileSeconds, engineSeconds } = outcome;
  if (fitSeconds === null || compileSeconds === null || engineSeconds === null) return null;
  return Math.max(0, fitSeconds - compileSeconds - engineSeconds);
}

/** Images a second of step and input time together; operations a second of the median step. */
function speeds(
  { data, recipe, warmup, peakFlops }: TrialRequest,
  { stepFlops }: StyleOutcome,
  times: StepTimes,
) {
  const { rest: steps } = withoutWarmup(times.stepMilliseconds, times, warmup);
  const { rest: inputs } = withoutWarmup(times.inputMilliseconds, times, warmup);
  const milliseconds = sum(steps) + sum(inputs);
  // The last batch of an epoch is smaller.
  const perStep = data.train.count / Math.ceil(data.train.count / recipe.batchSize);
  const median = summarizeTimes(steps)?.median ?? null;
  const flopsPerSecond = stepFlops === null || !median ? null : stepFlops / (median / 1000);
  return {
    imagesPerSecond: milliseconds > 0 ? perStep * steps.length / (milliseconds / 1000) : null,
    flopsPerSecond,
    peakShare: flopsPerSecond === null || peakFlops === null ? null : flopsPerSecond / peakFlops,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
