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

/** A run that was issued and has not ended. */
interface Running {
  /** 1 for the first that was issued. */
  readonly number: number;
  readonly run: Promise<unknown>;
}

/** Counts runs and frees memory behind them. */
export class RetiredMemory {
  /** Arrays that an operation recorded, but not yet part of any run, may read. */
  #unscheduled: LazyArray[] = [];
  #scheduled: Retired[] = [];
  /** Runs that were issued and have not ended, oldest first. */
  #running: readonly Running[] = [];
  #issued = 0;

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
    const number = ++this.#issued;
    this.#running = [...this.#running, { number, run }];
    try {
      return await run;
    } finally {
      this.#running = this.#running.filter((one) => one.number !== number);
      this.sweep(false);
    }
  }

  /** Waits until at most so many runs have not ended. Errors of the runs are left to their readers. */
  async synchronize(allowed: number): Promise<void> {
    while (this.#running.length > allowed) {
      await this.#running[this.#running.length - 1 - allowed].run.catch(() => {});
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
    // One that only waits for an earlier run's results ends before runs that were issued between the two.
    const ended = (this.#running[0]?.number ?? this.#issued + 1) - 1;
    let freed = 0;
    while (freed < this.#scheduled.length && this.#scheduled[freed].afterRuns <= ended) {
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
