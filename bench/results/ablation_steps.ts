/**
 * The ladder read off a report: what each difference between the published PyTorch and Keras variants costs.
 * @module
 */
import { markdownTable } from "markdown-table";
import { groupName } from "../runner/plan.ts";
import { rungTitles } from "../experiments/ablation.ts";
import type { GroupFigures } from "./configurations.ts";
import type { Report } from "./report.ts";
import type { Spread } from "./statistics_mod.ts";

/** One step of the ladder. */
export interface LadderStep {
  /** Such as `torch/one-softmax`, or `keras` at the end. */
  name: string;
  title: string;
  /** Test accuracy; shares of 1. */
  accuracy: Spread;
  loss: Spread | null;
  /** Accuracy gained since the step before, with its interval; null for the first step. */
  change: { value: number; low: number | null; high: number | null } | null;
}

/** The steps of which there are results, from the published variant up to the Keras variant. */
export function ladderSteps(report: Report): LadderStep[] {
  const groups = report.groups.filter((group) => group.figures.testAccuracy !== null);
  return groups.map((group, i) => ({
    name: groupName(group),
    title: group.rung ? rungTitles[group.rung] : "the Keras variant itself",
    accuracy: group.figures.testAccuracy!,
    loss: group.figures.testLoss,
    change: i === 0 ? null : changeBetween(report, groups[i - 1], group),
  }));
}

function changeBetween(
  { comparisons }: Report,
  before: GroupFigures,
  after: GroupFigures,
): LadderStep["change"] {
  const comparison = comparisons.find(({ first, second, figure }) =>
    figure === "testAccuracy" && first === before.name && second === after.name
  );
  if (!comparison) return null;
  const { value, low, high } = comparison;
  return { value: -value, low: high === null ? null : -high, high: low === null ? null : -low };
}

/** The ladder as GitHub's Markdown; accuracies in percent, changes in percentage points. */
export function formatLadder(report: Report): string {
  const rows = ladderSteps(report).map(({ name, title, accuracy, loss, change }) => [
    name,
    title,
    withInterval(accuracy.mean, accuracy.low, accuracy.high),
    change === null ? "" : signed(change.value) + interval(change.low, change.high, signed),
    loss === null ? "–" : loss.mean.toFixed(4),
  ]);
  return markdownTable(
    [["", "taken away", "test accuracy, %", "change, points", "test loss"], ...rows],
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
