/**
 * What tests are about, and how many of each kind passed.
 * @module
 */
import { markdownTable } from "markdown-table";
import type { SpecResult } from "./jasmine_run.ts";

/** What a test is about that the engine does not aim at, told by its name. */
const SUBJECTS = {
  WebGL: /webgl|texture|gpgpu/i,
  strings: /string|ngrams|regex/i,
  "complex numbers": /complex|fft|stft/i,
  "synchronous reads": /dataSync|arraySync|\bsync\b/i,
} as const;

/** A kind of tests. */
export type Subject = keyof typeof SUBJECTS | "everything else";

/** How many tests of a kind there are, and how many passed. */
export interface Tally {
  readonly subject: Subject | "all";
  readonly passed: number;
  readonly total: number;
}

/** What a test is about. */
export function subjectOf(name: string): Subject {
  const found = Object.entries(SUBJECTS).find(([, pattern]) => pattern.test(name));
  return found ? found[0] as Subject : "everything else";
}

/** Counts by subject, then all. Tests that do not run on this platform (pending) are left out. */
export function tally(results: readonly SpecResult[]): Tally[] {
  const run = results.filter(({ outcome }) => outcome !== "pending");
  const count = (subject: Tally["subject"], of: readonly SpecResult[]): Tally => ({
    subject,
    passed: of.filter(({ outcome }) => outcome === "passed").length,
    total: of.length,
  });
  const subjects = [...Object.keys(SUBJECTS), "everything else"] as Subject[];
  return [
    ...subjects.map((subject) =>
      count(subject, run.filter(({ name }) => subjectOf(name) === subject))
    ),
    count("all", run),
  ].filter(({ total }) => total > 0);
}

/** The counts as a table. */
export function showTable(tallies: readonly Tally[]): string {
  const rows = tallies.map(({ subject, passed, total }) => [
    subject,
    `${passed}`,
    `${total}`,
    `${(100 * passed / total).toFixed(1)} %`,
  ]);
  return markdownTable([["tests about", "passed", "of", "share"], ...rows], {
    align: ["l", "r", "r", "r"],
  });
}
