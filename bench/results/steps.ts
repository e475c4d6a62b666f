/**
 * Single changes read off a report: what each costs.
 * @module
 */
import type { ConfigurationFigures, Report } from "./report.ts";
import type { MeanInterval } from "./statistics.ts";

/** A configuration, against the one that it is a change of. */
export interface Step {
  /** Such as `torch/one-softmax`, or `keras` at the end. */
  name: string;
  title: string;
  /** Test accuracy; shares of 1. */
  accuracy: MeanInterval;
  loss: MeanInterval | null;
  /** Accuracy gained since the step before, with its interval; null where there is none. */
  change: { value: number; low: number | null; high: number | null } | null;
}

/** The steps of which there are results, in the order of tables. */
export function stepsOf(report: Report): Step[] {
  const measured = report.configurations.filter(({ figures }) => figures.testAccuracy !== null);
  return measured.map((configuration) => ({
    name: configuration.name,
    title: configuration.title ?? configuration.name,
    accuracy: configuration.figures.testAccuracy!,
    loss: configuration.figures.testLoss,
    change: changeOf(report, configuration),
  }));
}

function changeOf({ comparisons }: Report, { name, before }: ConfigurationFigures): Step["change"] {
  const comparison = comparisons.find(({ first, second, figure }) =>
    figure === "testAccuracy" && first === before && second === name
  );
  if (!comparison) return null;
  const { value, low, high } = comparison;
  return { value: -value, low: high === null ? null : -high, high: low === null ? null : -low };
}
