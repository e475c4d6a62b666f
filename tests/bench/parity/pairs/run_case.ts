/** Runs a pair and holds what parity says against what it has to say. */
import {
  defaultParityOptions,
  formatParity,
  type ParityReport,
  runParity,
} from "../../../../bench/parity/mod.ts";
import type { PairCase } from "./pair_case.ts";

/** What came of a pair. */
export interface CaseResult {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
  readonly isRight: boolean;
  /** The whole report. */
  readonly text: string;
}

/** The first row that differs, in a line; `agrees` or `losses` where none does. */
export function firstOf({ firstDifferent: row, agrees }: ParityReport): string {
  if (row) return `${row.keras || row.torch}, ${row.part}, ${row.pass} ${row.why ?? ""}`.trim();
  return agrees ? "agrees" : "losses";
}

/** An error of the comparison counts as what it found. */
export async function runCase({ name, make, finds, steps = 2 }: PairCase): Promise<CaseResult> {
  const options = { ...defaultParityOptions(), steps, batchSize: 16 };
  let [found, text, agrees] = ["", "", false];
  try {
    const report = await runParity(options, { pair: make() });
    [found, text, agrees] = [firstOf(report), formatParity(report), report.agrees];
  } catch (error) {
    found = `error: ${error instanceof Error ? error.message : error}`;
  }
  const isRight = finds === null ? agrees : !agrees && finds.test(found);
  return { name, expected: finds === null ? "agrees" : finds.source, found, isRight, text };
}
