/**
 * The charts of a report.
 * @module
 */
import { visibleText } from "../../../onnx/mod.ts";
import {
  element,
  escapeXml,
  renderChart,
  svgDocument,
  type Theme,
  themeColours,
  type ThemeName,
} from "../../../plotting/mod.ts";
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

/** Wider or higher charts are drawn nowhere, in pixels. */
const MOST_WIDTH = 4_000;
const MOST_HEIGHT = 16_000;
/** More rows, points or lines than anybody can tell apart are not drawn. */
const MOST_ROWS = 2_000;

async function draw(chart: Chart, theme: ThemeName): Promise<string> {
  const { name, spec, description, table } = chart;
  const ground = themeColours(theme);
  if (table.rows.length > MOST_ROWS) return notDrawn(chart, `${table.rows.length} rows`, ground);
  const svg = await renderChart(
    // The marks are not named one by one: the image has a name as a whole, and a table behind it.
    {
      ...visible(spec(ground)),
      description: visibleText(description.slice(0, MOST_CHARACTERS)),
      config: { aria: false },
    },
    { theme, idPrefix: `${name}-${theme}-` },
  );
  const [, width, height] = /^<svg[^>]* width="([\d.e+]+)" height="([\d.e+]+)"/.exec(svg) ?? [];
  if (Number(width) <= MOST_WIDTH && Number(height) <= MOST_HEIGHT) return svg;
  return notDrawn(chart, `${width} x ${height} pixels`, ground);
}

/** Of the description, which names every configuration. */
const MOST_CHARACTERS = 2_000;

/** A specification whose texts hide nothing: names come from reports. */
function visible<T>(value: T): T {
  if (typeof value === "string") return visibleText(value) as T;
  if (Array.isArray(value)) return value.map(visible) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visible(one)])) as T;
}

/** Stands where a chart would be too large to be looked at. */
function notDrawn({ title }: Chart, size: string, { ink, ground }: Theme): string {
  const words = `${
    visibleText(title.slice(0, 80))
  } would have ${size}; the values are in the table.`;
  return svgDocument({ width: 640, height: 40, name: words }, [
    element("rect", { width: 640, height: 40, fill: ground }),
    element("text", { x: 8, y: 24, fill: ink, "font-size": 11 }, escapeXml(words)),
  ]);
}
