/**
 * Takes the time of training steps.
 *
 * @module
 */

/** Milliseconds that an engine has spent, counted from some moment. */
export interface EngineTimes {
  /** Building programs and opening sessions. */
  readonly compileMs: number;
  /** Calls into the engine. */
  readonly runMs: number;
}

/** The times of a training's steps, in their order. */
export interface StepTimes {
  readonly stepMilliseconds: readonly number[];
  readonly frameworkMilliseconds: readonly number[];
  readonly inputMilliseconds: readonly number[];
  /** How many steps there were where each process of the training began: 0, and where an interrupted one was gone on with. */
  readonly beginnings: readonly number[];
}

/** Times without the first ones of each process, which compile, and those; `warmup` says how many they are. */
export function withoutWarmup(
  milliseconds: readonly number[],
  { beginnings }: Pick<StepTimes, "beginnings">,
  warmup: number,
): { rest: number[]; first: number[] } {
  const isFirst = (_: number, step: number) =>
    beginnings.some((beginning) => step >= beginning && step < beginning + warmup);
  return {
    rest: milliseconds.filter((value, step) => !isFirst(value, step)),
    first: milliseconds.filter(isFirst),
  };
}

/** Options of {@linkcode StepClock}. */
export interface StepClockOptions {
  /** The time in milliseconds; for tests. */
  readonly now?: () => number;
  /** Called after every recorded step. */
  readonly onStep?: () => void;
}

/**
 * Collects the milliseconds of every training step of one style.
 *
 * @example
 * ```ts
 * import { StepClock } from "./step_clock.ts";
 *
 * const clock = new StepClock();
 * clock.start();
 * clock.stop();
 * console.log(clock.milliseconds.length); // 1
 * ```
 */
export class StepClock {
  /** The engine's own clock, where a style can read one; what a step takes beside is the framework's share. */
  engine: (() => EngineTimes) | null = null;
  #milliseconds: number[] = [];
  #frameworkMilliseconds: number[] = [];
  #inputMilliseconds: number[] = [];
  #beginnings: number[] = [0];
  #preparing: number | null = null;
  #started: number | null = null;
  /** How many steps the call under way has. */
  #steps = 1;
  #engineStarted = 0;
  readonly #now: () => number;
  readonly #onStep: () => void;

  constructor({ now = () => performance.now(), onStep = () => {} }: StepClockOptions = {}) {
    this.#now = now;
    this.#onStep = onStep;
  }

  /** Milliseconds of every step so far, in order. */
  get milliseconds(): readonly number[] {
    return this.#milliseconds;
  }

  /** Milliseconds of every step less what the engine took of them; empty where no engine tells. */
  get frameworkMilliseconds(): readonly number[] {
    return this.#frameworkMilliseconds;
  }

  /** Milliseconds of preparing each step's batch; empty where a style does not tell. */
  get inputMilliseconds(): readonly number[] {
    return this.#inputMilliseconds;
  }

  /** Whether a step is under way. */
  get isRunning(): boolean {
    return this.#started !== null;
  }

  /**
   * The next batch is being prepared, until {@linkcode StepClock.start}.
   *
   * @param before milliseconds that its preparation took earlier
   */
  prepare(before = 0): void {
    this.#preparing = this.#now() - before;
  }

  /**
   * A step begins: its batch lies ready in the host's memory, in the engine's layout. A step begun before and not stopped
   * (its step failed) is forgotten.
   *
   * @param steps how many steps one call has: each gets its share of the call's time
   */
  start(steps = 1): void {
    this.#steps = steps;
    if (this.#preparing !== null) {
      const each = (this.#now() - this.#preparing) / steps;
      for (let step = 0; step < steps; step++) this.#inputMilliseconds.push(each);
      this.#preparing = null;
    }
    this.#engineStarted = this.#engineTime();
    this.#started = this.#now();
  }

  /**
   * The step ends, or the last one of the call; its time is recorded.
   *
   * @returns the step's milliseconds
   * @throws Error when no step was started
   */
  stop(): number {
    if (this.#started === null) throw new Error("StepClock.stop(): no step was started");
    const milliseconds = (this.#now() - this.#started) / this.#steps;
    this.#started = null;
    const engine = (this.#engineTime() - this.#engineStarted) / this.#steps;
    for (let step = 0; step < this.#steps; step++) {
      // Two clocks are read one after the other: a rest below zero is their distance.
      if (this.engine) this.#frameworkMilliseconds.push(Math.max(0, milliseconds - engine));
      this.record(milliseconds);
    }
    return milliseconds;
  }

  #engineTime(): number {
    const { compileMs, runMs } = this.engine?.() ?? { compileMs: 0, runMs: 0 };
    return compileMs + runMs;
  }

  /**
   * Records a step that was timed elsewhere.
   *
   * @throws RangeError when the time is negative or not finite
   */
  record(milliseconds: number): void {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw new RangeError(
        `StepClock.record(): a step took ${milliseconds} ms; expected a finite number, 0 or more`,
      );
    }
    this.#milliseconds.push(milliseconds);
    this.#onStep();
  }

  /** Puts the steps of an earlier part of the same training before those of this one. */
  resume(
    { stepMilliseconds, frameworkMilliseconds, inputMilliseconds, beginnings }: StepTimes,
  ): void {
    this.#beginnings = [...beginnings, stepMilliseconds.length];
    this.#milliseconds = [...stepMilliseconds, ...this.#milliseconds];
    this.#frameworkMilliseconds = [...frameworkMilliseconds, ...this.#frameworkMilliseconds];
    this.#inputMilliseconds = [...inputMilliseconds, ...this.#inputMilliseconds];
  }

  /** All times so far. */
  get times(): StepTimes {
    return {
      stepMilliseconds: [...this.#milliseconds],
      frameworkMilliseconds: [...this.#frameworkMilliseconds],
      inputMilliseconds: [...this.#inputMilliseconds],
      beginnings: [...this.#beginnings],
    };
  }
}
