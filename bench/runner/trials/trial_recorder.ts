/**
 * Writes down what a training tells of itself, and joins it with what an interrupted run of the same training measured.
 * @module
 */
import { DivergedError, type StyleOutcome, type TrialProgress } from "../../styles/style.ts";
import type { Checkpoint, TrainingProgress } from "./checkpoint.ts";
import type { StepClock } from "../measuring/step_clock.ts";
import type { EpochMetrics, StepLogs, TrialEvent } from "./trial.ts";

/** What a {@linkcode TrialRecorder} needs. */
export interface RecorderOptions {
  readonly outcome: StyleOutcome;
  readonly clock: StepClock;
  readonly epochs: number;
  /** Validation accuracy at which the training ends; null: it runs through. */
  readonly untilAccuracy: number | null;
  readonly send: (event: TrialEvent) => void;
}

/** One training's record. */
export class TrialRecorder implements TrialProgress {
  /** Training time until the accuracy that was asked for was reached; null: not asked for, or not reached. */
  secondsToAccuracy: number | null = null;
  readonly #options: RecorderOptions;
  #epoch = 0;
  #epochStarted = 0;
  #fitStarted: number | null = null;
  #before: TrainingProgress | null = null;
  #spentMilliseconds: () => number = () => 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Begins with what an earlier run measured; keeping the state is not part of the training. */
  resume(checkpoint: Checkpoint): void {
    this.#spentMilliseconds = () => checkpoint.spentMilliseconds;
    const before = checkpoint.progress;
    if (before === null) return;
    const { outcome, clock } = this.#options;
    this.#before = before;
    outcome.history.push(...before.history);
    clock.resume(before);
    const { valAccuracy } = before.history.at(-1)!;
    if (this.#isReached(valAccuracy)) this.secondsToAccuracy = before.fitSeconds;
    const epochs = before.history.length;
    outcome.notes.push(`went on after epoch ${epochs} of an interrupted run`);
    this.note(`going on after epoch ${epochs}`);
  }

  epochStart(epoch: number, steps: number): void {
    this.#epoch = epoch;
    this.#epochStarted = performance.now();
    this.#fitStarted ??= this.#epochStarted;
    const { epochs, send } = this.#options;
    send({ type: "epochStart", epoch, epochs, steps });
  }

  step(step: number, logs: StepLogs = {}): void {
    if (logs.loss !== undefined) this.#checkFinite(logs.loss, "loss", `step ${step} of `);
    this.#options.send({ type: "step", step, logs });
  }

  epochEnd(metrics: EpochMetrics): void {
    const { outcome, send } = this.#options;
    this.#checkFinite(metrics.loss, "loss");
    this.#checkFinite(metrics.valLoss, "validation loss");
    const seconds = (performance.now() - this.#epochStarted) / 1000;
    const record = { epoch: this.#epoch, seconds, ...metrics };
    outcome.history.push(record);
    if (this.#isReached(metrics.valAccuracy)) {
      this.secondsToAccuracy ??= this.#times().fitSeconds;
    }
    send({ type: "epochEnd", record });
  }

  #checkFinite(loss: number, what: string, step = ""): void {
    if (Number.isFinite(loss)) return;
    throw new DivergedError(`the ${what} is ${loss} after ${step}epoch ${this.#epoch}`);
  }

  #isReached(valAccuracy: number): boolean {
    const { untilAccuracy } = this.#options;
    return untilAccuracy !== null && valAccuracy >= untilAccuracy;
  }

  note(text: string): void {
    this.#options.send({ type: "note", text });
  }

  isOver(): boolean {
    return this.secondsToAccuracy !== null;
  }

  /** Everything up to now, to be kept beside the state. */
  measured(): TrainingProgress {
    const { outcome, clock } = this.#options;
    return { history: outcome.history, ...clock.times, ...this.#times() };
  }

  #times(): Times {
    const { clock } = this.#options;
    const engine = clock.engine?.() ?? null;
    const begin = this.#fitStarted;
    const fitMilliseconds = begin === null
      ? 0
      : performance.now() - begin - this.#spentMilliseconds();
    return withEarlier(this.#before, {
      fitSeconds: fitMilliseconds / 1000,
      compileSeconds: engine && engine.compileMs / 1000,
      engineSeconds: engine && engine.runMs / 1000,
    });
  }

  /** Puts the whole training's times into the outcome. */
  complete(): void {
    const { outcome } = this.#options;
    const { fitSeconds, compileSeconds, engineSeconds } = outcome;
    if (fitSeconds === null) return;
    const own = fitSeconds - this.#spentMilliseconds() / 1000;
    const times = { fitSeconds: own, compileSeconds, engineSeconds };
    Object.assign(outcome, withEarlier(this.#before, times));
  }
}

type Times = Pick<TrainingProgress, "fitSeconds" | "compileSeconds" | "engineSeconds">;

function withEarlier(before: Times | null, now: Times): Times {
  const sum = (a: number | null, b: number | null) => a === null || b === null ? null : a + b;
  if (before === null) return now;
  return {
    fitSeconds: before.fitSeconds + now.fitSeconds,
    compileSeconds: sum(before.compileSeconds, now.compileSeconds),
    engineSeconds: sum(before.engineSeconds, now.engineSeconds),
  };
}
