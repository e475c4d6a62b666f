/**
 * Takes the time of training steps.
 *
 * @module
 */

/**
 * Collects the milliseconds of every training step of one style.
 *
 * @example
 * ```ts
 * const clock = new StepClock();
 * clock.start();
 * clock.stop();
 * console.log(clock.milliseconds.length); // 1
 * ```
 */
export class StepClock {
  #milliseconds: number[] = [];
  #started: number | null = null;
  #now: () => number;
  #onStep: () => void;

  /**
   * @param now the time in milliseconds; for tests
   * @param onStep called after every recorded step
   */
  constructor(now: () => number = () => performance.now(), onStep: () => void = () => {}) {
    this.#now = now;
    this.#onStep = onStep;
  }

  /** Milliseconds of every step so far, in order. */
  get milliseconds(): readonly number[] {
    return this.#milliseconds;
  }

  /** A step begins. A step begun before and not stopped (its step failed) is forgotten. */
  start(): void {
    this.#started = this.#now();
  }

  /**
   * The step ends; its time is recorded.
   *
   * @returns its milliseconds
   * @throws Error when no step was started
   */
  stop(): number {
    if (this.#started === null) throw new Error("StepClock.stop(): no step was started");
    const milliseconds = this.#now() - this.#started;
    this.#started = null;
    this.record(milliseconds);
    return milliseconds;
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
}
