/**
 * The outcome of every training as JUnit XML, which CI systems show.
 * @module
 */
import junit, { type Builder } from "junit-report-builder";
import type { Report } from "../results/report.ts";
import { missingCells } from "../results/merge.ts";

/** One suite; a test case a training: failed with its error, skipped where it is missing. */
export function formatJUnit(report: Report): string {
  // Its types describe another default export than Deno finds.
  const builder = (junit as unknown as { newBuilder(): Builder }).newBuilder();
  const suite = builder.testSuite().name(`tandem.${report.command}`)
    .timestamp(new Date(report.environment.date))
    .property("engine", [...new Set(report.results.map(({ engine }) => engine))].join(", "));
  for (const { cell, style, fitSeconds, testAccuracy, error, complete } of report.results) {
    const test = suite.testCase().name(cell).className(`tandem.${style}`).time(fitSeconds ?? 0);
    if (testAccuracy !== null) test.standardOutput(`test accuracy ${testAccuracy.toFixed(4)}`);
    if (error !== null) test.failure(error);
    else if (!complete) test.skipped();
  }
  const there = new Set(report.results.map(({ cell }) => cell));
  for (const id of missingCells(report).filter((id) => !there.has(id))) {
    suite.testCase().name(id).className(`tandem.${id.split("/")[0]}`).skipped();
  }
  return builder.build();
}
