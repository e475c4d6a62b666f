/**
 * Memory of arrays that nobody holds any more but a run may still read: it is used again once every run
 * that can read it has ended.
 * @module
 */
import type { LazyArray } from "../../onnx/mod.ts";

/** An array whose memory is free once so many runs have ended. */
interface Retired {
  readonly array: LazyArray;
  readonly afterRuns: number;
}

/** Counts runs, which end in the order they were issued, and frees memory behind them. */
export class RetiredMemory {
  /** Arrays that an operation recorded, but not yet part of any run, may read. */
  #unscheduled: LazyArray[] = [];
  #scheduled: Retired[] = [];
  /** Runs that were issued and have not ended, oldest first. */
  readonly #running: Promise<unknown>[] = [];
  #issued = 0;
  #ended = 0;

  constructor(readonly free: (array: LazyArray) => void) {}

  /** Runs that were issued and have not ended. */
  get running(): number {
    return this.#running.length;
  }

  /** Takes an array that no tensor stands for any more. */
  retire(array: LazyArray): void {
    this.#unscheduled.push(array);
  }

  /** Follows a run to its end. */
  async during<T>(run: Promise<T>): Promise<T> {
    this.#issued++;
    this.#running.push(run);
    try {
      return await run;
    } finally {
      this.#ended++;
      this.#running.splice(this.#running.indexOf(run), 1);
      this.sweep(false);
    }
  }

  /** Waits until at most so many runs have not ended. Errors of the runs are left to their readers. */
  async synchronize(allowed: number): Promise<void> {
    while (this.#running.length > allowed) {
      await this.#running[this.#running.length - 1 - allowed].catch(() => {});
    }
  }

  /** Frees what can be freed. @param allScheduled whether everything recorded is part of a run by now */
  sweep(allScheduled: boolean): void {
    if (allScheduled && this.#unscheduled.length > 0) {
      for (const array of this.#unscheduled) {
        this.#scheduled.push({ array, afterRuns: this.#issued });
      }
      this.#unscheduled = [];
    }
    let freed = 0;
    while (freed < this.#scheduled.length && this.#scheduled[freed].afterRuns <= this.#ended) {
      this.free(this.#scheduled[freed++].array);
    }
    if (freed > 0) this.#scheduled.splice(0, freed);
  }

  /** Leaves everything to the garbage collector. */
  clear(): void {
    this.#unscheduled = [];
    this.#scheduled = [];
  }
}
