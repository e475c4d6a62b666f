/**
 * The charts of a report.
 * @module
 */
import { renderChart, themeColours, type ThemeName } from "../../../plotting/mod.ts";
import type { Report } from "../../results/report.ts";
import { accuracyAgainstTime } from "./accuracy_against_time.ts";
import type { Chart, DrawnChart } from "./chart.ts";
import { confusionChartName, confusionMatrices } from "./confusion_matrix.ts";
import { learningCurves } from "./learning_curves.ts";
import { parityLosses } from "./parity_losses.ts";
import { stepTimes } from "./step_times.ts";
import { stepWaterfall } from "./step_waterfall.ts";
import { throughput } from "./throughput.ts";
import { timeBars } from "./time_bars.ts";

export type { Chart, ChartTable, DrawnChart } from "./chart.ts";

/** All charts for which a report has figures, in the order in which they are shown. */
export function chartsFor(report: Report): Chart[] {
  const charts = [
    ...parityLosses(report),
    ...stepWaterfall(report),
    ...learningCurves(report),
    ...accuracyAgainstTime(report),
    ...timeBars(report),
    ...stepTimes(report),
    ...throughput(report),
    ...confusionMatrices(report),
  ];
  const lead = report.experiment.lead?.chart;
  return [
    ...charts.filter(({ name }) => name === lead),
    ...charts.filter(({ name }) => name !== lead),
  ];
}

/** Names of all charts that the report of an experiment may have. */
export function chartNames(configurations: readonly { readonly name: string }[]): string[] {
  return [
    ...["parity", "steps", "validation-accuracy", "validation-loss", "accuracy-against-time"],
    ...["fit-time", "step-time", "throughput"],
    ...configurations.map(({ name }) => confusionChartName(name)),
  ];
}

/**
 * Draws the charts of a report, on light and on dark ground.
 *
 * @example
 * ```ts
 * import { chartsOf } from "./mod.ts";
 * import { readReport } from "../../results/read_report.ts";
 * for (const { name, light } of await chartsOf(await readReport("report"))) {
 *   await Deno.writeTextFile(`${name}.svg`, light);
 * }
 * ```
 */
export async function chartsOf(report: Report): Promise<DrawnChart[]> {
  const drawn: DrawnChart[] = [];
  for (const chart of chartsFor(report)) {
    const { spec: _, ...words } = chart;
    drawn.push({ ...words, light: await draw(chart, "light"), dark: await draw(chart, "dark") });
  }
  return drawn;
}

async function draw({ name, spec, description }: Chart, theme: ThemeName): Promise<string> {
  return await renderChart(
    // The marks are not named one by one: the image has a name as a whole, and a table behind it.
    { ...spec(themeColours(theme)), description, config: { aria: false } },
    { theme, idPrefix: `${name}-${theme}-` },
  );
}
