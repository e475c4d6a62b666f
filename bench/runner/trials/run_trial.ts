/**
 * Runs one trial in this process.
 * @module
 */
import type { ImageSplit } from "../../../fixtures/mod.ts";
import { loadModel } from "../../models/mod.ts";
import {
  DivergedError,
  emptyOutcome,
  type StyleContext,
  type StyleOutcome,
  type StyleRunners,
} from "../../styles/style.ts";
import { placedIn } from "../../user_module.ts";
import { Checkpoint } from "./checkpoint.ts";
import { confusionMatrix } from "./confusion.ts";
import { PeakMemory } from "../measuring/peak_memory.ts";
import { shownConfusions } from "./shown_confusions.ts";
import { StepClock } from "../measuring/step_clock.ts";
import type { TrialEvent, TrialRequest, TrialResult } from "./trial.ts";
import { TrialRecorder } from "./trial_recorder.ts";
import { isWhole, toTrialResult, type TrialEnd } from "./trial_result.ts";

/** Each is imported only when its style runs, so an engine is loaded only when needed. */
const styleRunners: StyleRunners = {
  keras: async () => (await import("../../styles/keras.ts")).run,
  "keras-advanced": async () => (await import("../../styles/keras_advanced.ts")).run,
  torch: async () => (await import("../../styles/torch.ts")).run,
};

/** The images of a trial. */
export interface TrialImages {
  readonly train: ImageSplit;
  readonly validation: ImageSplit;
  readonly test: ImageSplit;
}

/** What a trial needs beside its request. */
export interface TrialSettings {
  /** Told what goes on, all but the result. */
  readonly send: (event: TrialEvent) => void;
  /** Aborted where the step under way is to be the last. */
  readonly signal: AbortSignal;
  /** In place of the styles; for tests. */
  readonly runners?: StyleRunners;
  /** For tests. */
  readonly clock?: StepClock;
}

/** Trains, evaluates and measures; whatever goes wrong in it stands in the result. */
export async function runTrial(
  request: TrialRequest,
  images: TrialImages,
  settings: TrialSettings,
): Promise<TrialResult> {
  const outcome = emptyOutcome();
  using memory = new PeakMemory();
  const clock = settings.clock ?? new StepClock({ onStep: () => memory.sample() });
  const recorder = new TrialRecorder({
    outcome,
    clock,
    epochs: request.recipe.epochs,
    untilAccuracy: request.untilAccuracy,
    send: settings.send,
  });
  const end = await attempt(request, settings.signal, outcome, async () => {
    const checkpoint = await Checkpoint.open({
      folder: request.stateFolder,
      fingerprint: request.fingerprint,
      measure: () => recorder.measured(),
      note: (line) => recorder.note(line),
    });
    recorder.resume(checkpoint);
    const run = await (settings.runners ?? styleRunners)[request.trial.axes.style]();
    await run(
      await contextOf(request, images, {
        checkpoint,
        clock,
        outcome,
        progress: recorder,
        signal: settings.signal,
      }),
    );
  });
  recorder.complete();
  memory.sample();
  return toTrialResult(request, outcome, {
    times: clock.times,
    secondsToAccuracy: recorder.secondsToAccuracy,
    peakMemoryMiB: memory.peakMiB,
    ...await mistakes(request, images.test, outcome),
  }, end);
}

/** Runs a training and says how it ended. */
async function attempt(
  request: TrialRequest,
  signal: AbortSignal,
  outcome: StyleOutcome,
  run: () => Promise<void>,
): Promise<TrialEnd> {
  try {
    await run();
    refuseDiverged(outcome);
    return { state: isWhole(outcome, request) ? "done" : "incomplete", error: null };
  } catch (error) {
    if (error instanceof DivergedError) return { state: "diverged", error: error.message };
    if (signal.aborted) return { state: "stopped", error: null };
    return { state: "failed", error: errorLine(request, error) };
  }
}

/** The last update may have been the one too far. */
function refuseDiverged(outcome: StyleOutcome): void {
  const { testLoss } = outcome;
  if (testLoss === null || Number.isFinite(testLoss)) return;
  outcome.testLoss = null;
  throw new DivergedError(`the test loss is ${testLoss}`);
}

/** An error as people read it; what a user's model is to blame for is placed in its file. */
function errorLine({ model: { file } }: TrialRequest, error: unknown): string {
  const placed = file === null ? null : placedIn("--model", file, error);
  if (placed !== null) return placed;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n")[0];
}

async function contextOf(
  request: TrialRequest,
  images: TrialImages,
  parts: Pick<StyleContext, "checkpoint" | "clock" | "outcome" | "progress" | "signal">,
): Promise<StyleContext> {
  const { trial, model, recipe, device, strictDevice, kerasEngine, stepsPerCall } = request;
  const { profile, measuresForms, weights, skipWeights, data } = request;
  const { classNames, imageShape } = data;
  return {
    trial,
    model: await loadModel(model.file ?? model.name),
    recipe,
    device,
    kerasEngine,
    stepsPerCall,
    profile,
    measuresForms,
    strictDevice,
    weights,
    skipWeights,
    dataset: { classNames, imageShape },
    ...images,
    ...parts,
  };
}

/** The confusion matrix, and images of the worst confusions where they are asked for. */
async function mistakes(
  { data: { classNames }, showsMistakes }: TrialRequest,
  test: ImageSplit,
  { predictions }: StyleOutcome,
): Promise<Pick<TrialResult, "confusion" | "worst">> {
  if (predictions === null) return { confusion: null, worst: [] };
  const confusion = confusionMatrix(test.labels, predictions, classNames.length);
  const worst = showsMistakes
    ? await shownConfusions(confusion, test, predictions, { classNames })
    : [];
  return { confusion, worst };
}
