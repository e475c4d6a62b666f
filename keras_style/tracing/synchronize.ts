/**
 * Keeps loops over traced functions from running ahead of the computing.
 * @module
 */
import { activeBackend } from "../engine/mod.ts";

/**
 * Begins to compute what is recorded, and waits until at most `allowed` calls are still being computed. Calls return at once; a loop that never waits
 * would keep every batch in memory until its turn comes. Errors are left to those who read the results.
 *
 * @param allowed an integer of at least 0; 1 unless given, which keeps the engine busy
 * @throws {RangeError} if it is no such number
 *
 * @example
 * ```ts
 * import { synchronize, tfFunction } from "./mod.ts";
 *
 * const step = tfFunction(() => {});
 * for (let i = 0; i < 3; i++) {
 *   step();
 *   await synchronize();
 * }
 * ```
 */
export async function synchronize(allowed = 1): Promise<void> {
  if (!Number.isInteger(allowed) || allowed < 0) {
    throw new RangeError(`synchronize: allowed is ${allowed}, expected an integer of at least 0`);
  }
  const backend = activeBackend();
  // What a loop recorded without any traced function is a step as well.
  if (backend?.hasPending && !backend.trace) backend.flush().catch(() => {});
  await backend?.synchronize(allowed);
}
