/**
 * The list of tests that are known to fail, and how a run is compared with it.
 * @module
 */
import type { SpecResult } from "./jasmine_run.ts";

/** Tests that fail for one reason. */
export interface KnownFailures {
  /** Why they fail, and why that is right or bearable. */
  readonly reason: string;
  /** The tests' names. One that ends in ` *` stands for all tests whose names begin like it. */
  readonly tests: readonly string[];
}

/** How a run differs from the list. */
export interface Comparison {
  /** Tests that failed and are not on the list. */
  readonly unexpected: readonly SpecResult[];
  /** Tests on the list that passed. */
  readonly passing: readonly string[];
  /** Entries of the list that no test of the whole suite bears. */
  readonly unknown: readonly string[];
  /** Tests on the list that failed. */
  readonly expected: readonly SpecResult[];
}

function covers(entry: string, name: string): boolean {
  return entry.endsWith(" *") ? name.startsWith(entry.slice(0, -1)) : entry === name;
}

/**
 * Compares a run with the list: every failure must be on it, and everything on it must fail.
 *
 * @param complete whether all tests were run, so that an entry without a test is a mistake
 *
 * @example
 * ```ts
 * import { compare } from "./known_failures.ts";
 *
 * const list = [{ reason: "fails on purpose", tests: ["add wrong *"] }];
 * const { unexpected } = compare(list, [
 *   { name: "add wrong dtype", outcome: "failed", messages: ["no"] },
 *   { name: "add right", outcome: "failed", messages: ["1 is not 2"] },
 * ], true);
 * console.log(unexpected.map(({ name }) => name)); // ["add right"]
 * ```
 */
export function compare(
  list: readonly KnownFailures[],
  results: readonly SpecResult[],
  complete: boolean,
): Comparison {
  const entries = list.flatMap(({ tests }) => tests);
  const listed = (name: string) => entries.some((entry) => covers(entry, name));
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const passed = results.filter(({ outcome }) => outcome === "passed");
  const borne = (entry: string) => results.some(({ name }) => covers(entry, name));
  return {
    unexpected: failed.filter(({ name }) => !listed(name)),
    expected: failed.filter(({ name }) => listed(name)),
    passing: passed.map(({ name }) => name).filter(listed),
    unknown: complete ? entries.filter((entry) => !borne(entry)) : [],
  };
}

/**
 * The checked-in list.
 *
 * @throws {TypeError} if an entry has no reason or no tests, or names a test twice
 */
export function parseKnownFailures(text: string): KnownFailures[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new TypeError("the known failures are no list");
  const seen = new Set<string>();
  for (const { reason, tests } of list as Partial<KnownFailures>[]) {
    if (typeof reason !== "string" || reason.trim() === "") {
      throw new TypeError(`the known failures ${JSON.stringify(tests)} have no reason`);
    }
    if (!Array.isArray(tests) || tests.length === 0) {
      throw new TypeError(`the known failures with reason "${reason}" name no tests`);
    }
    for (const name of tests) {
      if (seen.has(name)) throw new TypeError(`the known failure "${name}" is listed twice`);
      seen.add(name);
    }
  }
  return list as KnownFailures[];
}
