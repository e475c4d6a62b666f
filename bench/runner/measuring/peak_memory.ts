/**
 * Peak memory of a trial, by sampling the process' resident set.
 *
 * @module
 */

/** Between two samples taken by the timer. */
const intervalMilliseconds = 50;

/**
 * Watches the process' resident memory while a trial runs.
 *
 * A timer alone would miss the peaks: it does not fire while native code keeps the thread, which is when memory is at
 * its highest. So `sample` is called at every training step too. A trial has a process of its own, so the figure is its
 * own too.
 *
 * @example
 * ```ts
 * using watch = new PeakMemory();
 * watch.sample();
 * console.log(watch.peakMiB > 0); // true
 * ```
 */
export class PeakMemory implements Disposable {
  #peakBytes = 0;
  #timer: ReturnType<typeof setInterval>;
  #readBytes: () => number;

  /** @param readBytes the resident memory now, in bytes; for tests */
  constructor(readBytes: () => number = () => Deno.memoryUsage().rss) {
    this.#readBytes = readBytes;
    this.sample();
    this.#timer = setInterval(() => this.sample(), intervalMilliseconds);
    Deno.unrefTimer(this.#timer);
  }

  /** Highest sample so far, in MiB (2^20 bytes). */
  get peakMiB(): number {
    return this.#peakBytes / 2 ** 20;
  }

  /** Takes a sample now; about 10 microseconds. */
  sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.#readBytes());
  }

  /** Takes a last sample and stops the timer. */
  [Symbol.dispose](): void {
    this.sample();
    clearInterval(this.#timer);
  }
}
