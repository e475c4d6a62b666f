/**
 * How many threads an operator computes on.
 * @module
 */

let limit: number | undefined;

/**
 * Lets each operator compute on so many threads, in programs that are built from now on; as many as the machine has
 * cores unless called.
 */
export function limitThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`the number of threads is ${count}, expected an integer of at least 1`);
  }
  limit = count;
}

/** How many threads an operator computes on. */
export function threadLimit(): number {
  return limit ?? navigator.hardwareConcurrency;
}

/** Whether a number was asked for by {@linkcode limitThreads}. */
export function hasThreadLimit(): boolean {
  return limit !== undefined;
}
