/**
 * How fast a trial goes, and how long it will still take.
 * @module
 */

/** Reads a trial's events as they come. */
export class Pace {
  epoch = 0;
  epochs = 0;
  step = 0;
  steps = 0;
  #images = 0;
  #started = 0;
  #stepSeconds = 0;
  /** Of the epochs since the process began, validation included. */
  readonly #epochSeconds: number[] = [];

  /** @param now milliseconds */
  constructor(readonly now: () => number) {}

  /** @param images in the epoch */
  epochStart(epoch: number, epochs: number, steps: number, images: number): void {
    [this.epoch, this.epochs, this.steps] = [epoch, epochs, steps];
    this.#images = images;
    this.step = 0;
    this.#stepSeconds = 0;
    this.#started = this.now();
  }

  stepEnd(step: number): void {
    this.step = step;
    this.#stepSeconds = this.#elapsed / step;
  }

  epochEnd(seconds: number): void {
    this.#epochSeconds.push(seconds);
  }

  get #elapsed(): number {
    return (this.now() - this.#started) / 1000;
  }

  /** Mean over the epoch's steps, with the preparation of their batches; 0 before the first one. */
  get secondsPerStep(): number {
    return this.#stepSeconds;
  }

  /** Training images; null before the first step. */
  get imagesPerSecond(): number | null {
    return this.#stepSeconds === 0 ? null : this.#images / this.steps / this.#stepSeconds;
  }

  /** Until the epoch's last step; null before the first one. */
  get epochSecondsLeft(): number | null {
    return this.#stepSeconds === 0 ? null : (this.steps - this.step) * this.#stepSeconds;
  }

  /**
   * Until the end of all epochs, of which the finished ones tell how long validation takes; null before the first step.
   * A training that may end early ends no later.
   */
  get secondsLeft(): number | null {
    const inEpoch = this.epochSecondsLeft;
    if (inEpoch === null) return null;
    const known = this.#epochSeconds;
    const wholeEpoch = known.length === 0
      ? this.steps * this.#stepSeconds
      : known.reduce((sum, seconds) => sum + seconds, 0) / known.length;
    const validation = Math.max(0, wholeEpoch - this.steps * this.#stepSeconds);
    return inEpoch + validation + (this.epochs - this.epoch) * wholeEpoch;
  }
}
