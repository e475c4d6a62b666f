/**
 * The outcome of every trial as JUnit XML, which CI systems show.
 * @module
 */
import junit, { type Builder } from "junit-report-builder";
import { xmlText } from "./escape.ts";
import { isDone, missingTrials, type Report } from "../results/report.ts";

/** One suite; a test case a trial: failed with its error, skipped where it is missing. */
export function formatJUnit(report: Report): string {
  // Its types describe another default export than Deno finds.
  const builder = (junit as unknown as { newBuilder(): Builder }).newBuilder();
  const suite = builder.testSuite().name(xmlText(`tandem.${report.experiment.name}`))
    .property(
      "engine",
      xmlText([...new Set(report.results.map(({ engine }) => engine))].join(", ")),
    );
  const date = new Date(report.environment.date);
  if (!Number.isNaN(date.getTime())) suite.timestamp(date);
  for (const result of report.results) {
    const { trial, axes, fitSeconds, testAccuracy, error, state } = result;
    const test = suite.testCase().name(xmlText(trial)).className(`tandem.${axes.style}`).time(
      fitSeconds ?? 0,
    );
    if (testAccuracy !== null) test.standardOutput(`test accuracy ${testAccuracy.toFixed(4)}`);
    if (error !== null || state === "diverged") test.failure(xmlText(error ?? state));
    else if (!isDone(result)) test.skipped();
  }
  const there = new Set(report.results.map(({ trial }) => trial));
  const missing = missingTrials(report).filter((id) => !there.has(id));
  for (const { id, axes } of report.plan.filter(({ id }) => missing.includes(id))) {
    suite.testCase().name(xmlText(id)).className(`tandem.${axes.style}`).skipped();
  }
  return builder.build();
}
