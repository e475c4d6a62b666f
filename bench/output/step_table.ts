/**
 * The table of a report in steps: a row a configuration, with what its change costs.
 * @module
 */
import { markdownTable } from "markdown-table";
import { type Escape, markdownText } from "./escape.ts";
import type { Report } from "../results/report.ts";
import { stepsOf } from "../results/steps.ts";

/** The steps as GitHub's Markdown; accuracies in percent, changes in percentage points. */
export function formatSteps(report: Report, escape: Escape = markdownText): string {
  const rows = stepsOf(report).map(({ name, title, accuracy, loss, change }) => [
    escape(name),
    escape(title),
    withInterval(accuracy.mean, accuracy.low, accuracy.high),
    change === null ? "" : signed(change.value) + interval(change.low, change.high, signed),
    loss === null ? "–" : loss.mean.toFixed(4),
  ]);
  return markdownTable(
    [["", "changed", "test accuracy, %", "change, points", "test loss"], ...rows],
    { align: ["l", "l", "r", "r", "r"] },
  );
}

function withInterval(mean: number, low: number | null, high: number | null): string {
  return points(mean) + interval(low, high, points);
}

function interval(low: number | null, high: number | null, format: (value: number) => string) {
  return low === null || high === null ? "" : ` [${format(low)}, ${format(high)}]`;
}

function points(value: number): string {
  return (value * 100).toFixed(2);
}

function signed(value: number): string {
  return value < 0 ? `−${points(-value)}` : `+${points(value)}`;
}
