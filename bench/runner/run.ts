/**
 * Runs trials, one after the other.
 * @module
 */
import { resolve } from "node:path";
import { type ImageDataset, trainValidationSplit } from "../../fixtures/mod.ts";
import { describeSplit } from "./processes/piped_images.ts";
import type { TrialData, TrialLauncher } from "./processes/launch.ts";
import type { BenchOptions } from "./options.ts";
import type { PlannedConfiguration } from "./plan.ts";
import type { ProgressDisplay } from "./progress_display.ts";
import type { DataDescription, Trial, TrialRequest, TrialResult } from "./trials/trial.ts";

/** What a run is made of. */
export interface RunInput {
  /** Those to be run here, in order. */
  trials: readonly Trial[];
  configurations: readonly PlannedConfiguration[];
  /** The data sets by the names that were asked for. */
  datasets: ReadonlyMap<string, ImageDataset>;
  options: Pick<
    BenchOptions,
    | "seed"
    | "warmup"
    | "untilAccuracy"
    | "profile"
    | "strictDevice"
    | "device"
    | "kerasEngine"
    | "stepsPerCall"
    | "threads"
    | "weights"
    | "skipWeights"
  >;
  /** Whether to measure each trial's exported file in several precisions; no unless given. */
  measuresForms?: boolean;
  /** What each configuration depends on, by its name. */
  fingerprints: ReadonlyMap<string, string>;
  /** Floating-point operations a second of this machine's matrix product; null where unknown. */
  peakFlops: number | null;
  /** Results of an interrupted run that need not be trained again, by the names of their trials. */
  finished: ReadonlyMap<string, TrialResult>;
}

/** Around the trials of a run. */
export interface RunSettings {
  launch: TrialLauncher;
  display: ProgressDisplay;
  /** Aborted at Ctrl-C. */
  signal: AbortSignal;
  /** Where a trial keeps its state; null: nowhere. */
  stateFolder: (trial: Trial) => Promise<string | null>;
  /** Called after every trial. */
  onResult: (result: TrialResult) => Promise<void>;
}

/** Runs the trials; one that fails is a result, and the next one runs; after an abort no further one starts. */
export async function runTrials(input: RunInput, settings: RunSettings): Promise<void> {
  const { trials, finished } = input;
  const { display, signal, onResult } = settings;
  display.plan(trials.map(({ id }) => id));
  for (const [i, trial] of trials.entries()) {
    if (signal.aborted) break;
    const before = finished.get(trial.id);
    if (!before) display.trialStart(trial.id, i + 1, trials.length);
    const result = before ?? await run(trial, input, settings);
    display.trialEnd(result);
    await onResult(result);
  }
}

async function run(trial: Trial, input: RunInput, settings: RunSettings): Promise<TrialResult> {
  const { configurations, datasets, options, fingerprints, peakFlops } = input;
  const { launch, display, signal } = settings;
  const configuration = configurations.find(({ name }) => name === trial.configuration)!;
  const { model, recipe } = configuration;
  const dataset = datasets.get(trial.axes.dataset)!;
  const data = {
    ...trainValidationSplit(dataset.train, recipe.validationShare),
    test: dataset.test,
  };
  const { device, strictDevice, kerasEngine, stepsPerCall, threads } = options;
  const { warmup, untilAccuracy, profile, weights, skipWeights } = options;
  const request: TrialRequest = {
    ...{ trial, model, recipe, device, strictDevice, kerasEngine, stepsPerCall, threads },
    ...{ warmup, untilAccuracy, profile, peakFlops, skipWeights },
    measuresForms: input.measuresForms ?? false,
    weights: weights === null ? null : resolve(weights),
    stateFolder: await settings.stateFolder(trial),
    fingerprint: fingerprints.get(trial.configuration)!,
    showsMistakes: trial.seed === options.seed,
    data: descriptionOf(dataset, data),
  };
  const result = await launch(request, data, {
    signal,
    onEvent: (event) => {
      if (event.type === "epochStart") {
        display.epochStart(event.epoch, event.epochs, event.steps, data.train.count);
      } else if (event.type === "step") display.step(event.step, event.logs);
      else if (event.type === "epochEnd") display.epochEnd(event.record);
      else display.note(event.text);
    },
  });
  display.close();
  if (result.error !== null) display.note(`${trial.id} ${result.state}: ${result.error}`);
  return result;
}

function descriptionOf(
  { name, title, classNames, imageShape, notice }: ImageDataset,
  data: TrialData,
): DataDescription {
  const splits = Object.entries(data).map(([name, split]) => [name, describeSplit(split)]);
  return {
    name,
    title,
    classNames: [...classNames],
    imageShape: [...imageShape],
    notice: notice ?? null,
    ...Object.fromEntries(splits),
  };
}
