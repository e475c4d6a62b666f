/**
 * The table of a report: one row a figure, one column a configuration.
 * @module
 */
import { markdownTable } from "markdown-table";
import type { AxisName } from "../experiments/experiment.ts";
import { countedResults, withResults } from "../results/configurations.ts";
import { differencesFromPublished } from "../results/published.ts";
import { type PublishedFigures, publishedFigures } from "../results/published_figures.ts";
import type { ConfigurationFigures, Report } from "../results/report.ts";
import { meanInterval } from "../results/statistics.ts";
import type { TrialResult } from "../runner/trials/trial.ts";
import { type Escape, markdownText } from "./escape.ts";

/** A row of values: how one is read off a result and how it is written. */
interface NumberRow {
  name: string;
  read: (result: TrialResult) => number | null | undefined;
  format: (value: number) => string;
}

/** A row of words, one of each. */
interface WordRow {
  name: string;
  words: (result: TrialResult) => string | null | undefined;
}

type Row = NumberRow | WordRow;

type Measured = ReturnType<typeof withResults>;

/** What stands for a figure that was not measured. */
const none = "–";

/** A table of a report. */
export interface FigureTable {
  /** What its columns have in common; null where it is the only one. */
  title: string | null;
  /** Headers first: names of the figures, then a column a configuration. */
  rows: string[][];
}

/** More columns than these are no table to read. */
const MOST_COLUMNS = 6;

/** Axes that make tables of their own where there are many columns. */
const outerAxes: readonly AxisName[] = ["model", "dataset", "recipe"];

/**
 * The tables of a report: a single one, or where it would be too wide, one for every combination of model, data set and
 * recipe. Several seeds are written as mean ± half the interval.
 */
export function figureTables(report: Report): FigureTable[] {
  const measured = withResults(report);
  const varied = outerAxes.filter((axis) =>
    new Set(measured.map(({ configuration }) => configuration.axes[axis])).size > 1
  );
  if (measured.length <= MOST_COLUMNS || varied.length === 0) {
    return [{ title: null, rows: rowsOf(report, measured) }];
  }
  const titleOf = ({ axes }: ConfigurationFigures) => varied.map((axis) => axes[axis]).join(", ");
  const titles = [...new Set(measured.map(({ configuration }) => titleOf(configuration)))];
  return titles.map((title) => ({
    title,
    rows: rowsOf(report, measured.filter(({ configuration }) => titleOf(configuration) === title)),
  }));
}

/** The only table of a report, or the first one. */
export function tableRows(report: Report): string[][] {
  return figureTables(report)[0].rows;
}

/** Of a report with several tables: a row a configuration with what is looked at first; null where one table says it all. */
export function overviewRows(report: Report): string[][] | null {
  const measured = withResults(report);
  if (measured.length <= MOST_COLUMNS) return null;
  const rows = [...testRows, ...timeRows, ...throughputRows, ...machineRows]
    .filter(({ name }) => overview.includes(name))
    .sort((a, b) => overview.indexOf(a.name) - overview.indexOf(b.name));
  return [
    ["", ...rows.map(({ name }) => name)],
    ...measured.map(({ configuration, results }) => [
      configuration.name,
      ...rows.map((row) => cell(row, results)),
    ]),
  ];
}

const overview = ["test accuracy", "fit time", "step, median", "images a second", "state"];

/**
 * The tables in GitHub's Markdown, which is readable on a terminal too.
 *
 * @param escape makes each cell fit for where the tables are shown
 */
export function formatTables(report: Report, escape: Escape = markdownText): string[] {
  const overview = overviewRows(report);
  const tables = figureTables(report).map(({ title, rows }) => {
    const table = markdownTable(rows.map((row) => row.map(escape)), {
      align: ["l", ...rows[0].slice(1).map(() => "r")],
    });
    return title === null ? table : `### ${escape(title)}\n\n${table}`;
  });
  if (overview === null) return tables;
  const align = ["l", ...overview[0].slice(1).map(() => "r")];
  return [markdownTable(overview.map((row) => row.map(escape)), { align }), ...tables];
}

function rowsOf(report: Report, measured: Measured): string[][] {
  const { options } = report;
  const results = measured.flatMap(({ results }) => results);
  const epochs = Math.max(0, ...results.map(({ history }) => history.length));
  const rows: Row[] = [
    ...timeRows,
    ...(options.profile ? profileRows : []),
    ...throughputRows,
    ...(options.device === "cpu" ? [] : deviceRows),
    ...Array.from({ length: epochs }, (_, i) => epochRow(i)),
    ...(options.untilAccuracy === null ? [] : [accuracyTimeRow(options.untilAccuracy)]),
    ...testRows,
    ...machineRows,
    ...(isPublishedExperiment(report) ? publishedRows : []),
  ];
  const filled = rows.map((row) => [
    row.name,
    ...measured.map(({ results }) => cell(row, results)),
  ]);
  return [["", ...measured.map(({ configuration }) => configuration.name)], ...filled];
}

function cell(row: Row, results: readonly TrialResult[]): string {
  if ("words" in row) {
    const words = results.map(row.words).filter((word) => word !== null && word !== undefined);
    return [...new Set(words)].join(", ") || none;
  }
  const values = countedResults(results).map(row.read)
    .filter((value) => value !== null && value !== undefined);
  const broken = values.find((value) => !Number.isFinite(value));
  if (broken !== undefined) return String(broken);
  const interval = meanInterval(values);
  if (interval === null) return none;
  const half = (interval.high ?? interval.mean) - interval.mean;
  return row.format(interval.mean) + (half === 0 ? "" : ` ± ${row.format(half)}`);
}

/** Whether the published figures may stand beside the measured ones. */
function isPublishedExperiment(report: Report): boolean {
  return report.experiment.table === "figures" && report.experiment.lead === null &&
    differencesFromPublished(report).length === 0;
}

const seconds = (value: number) => `${value.toFixed(2)} s`;
const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
const fineMilliseconds = (value: number) => `${value.toFixed(2)} ms`;
const share = (value: number) => value.toFixed(4);
const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
const count = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

/** Floating-point operations, in billions. */
function billions(value: number): string {
  const size = value / 1e9;
  return `${size.toFixed(size < 10 ? 2 : 1)} GFLOP`;
}

const timeRows: Row[] = [
  { name: "fit time", read: (r) => r.fitSeconds, format: seconds },
  { name: "of it compiling", read: (r) => r.compileSeconds, format: seconds },
  { name: "of it in the engine", read: (r) => r.engineSeconds, format: seconds },
  { name: "of it in JavaScript", read: (r) => r.javascriptSeconds, format: seconds },
  { name: "step, median", read: (r) => r.stepMs?.median, format: milliseconds },
  { name: "step, p95", read: (r) => r.stepMs?.p95, format: milliseconds },
  {
    name: "of a step, the framework's",
    read: (r) => r.frameworkMs?.median,
    format: fineMilliseconds,
  },
  { name: "preparing a batch, median", read: (r) => r.inputMs?.median, format: fineMilliseconds },
];

const profileRows: Row[] = [
  { name: "of a step, forward", read: (r) => r.split?.forwardMs, format: milliseconds },
  { name: "of a step, backward", read: (r) => r.split?.backwardMs, format: milliseconds },
  { name: "of a step, update", read: (r) => r.split?.updateMs, format: milliseconds },
];

/** Where something else than the CPU was asked for. */
const deviceRows: Row[] = [
  { name: "nodes of a step on the CPU", read: (r) => r.nodesOnCpu, format: count },
  { name: "copies of a step", read: (r) => r.deviceCopies, format: count },
];

const throughputRows: Row[] = [
  { name: "images a second", read: (r) => r.imagesPerSecond, format: count },
  { name: "operations of a step", read: (r) => r.stepFlops, format: billions },
  {
    name: "operations a second",
    read: (r) => r.flopsPerSecond,
    format: (value) => `${billions(value)}/s`,
  },
  { name: "share of the machine's peak", read: (r) => r.peakShare, format: percent },
];

function epochRow(index: number): Row {
  return {
    name: `validation accuracy, epoch ${index + 1}`,
    read: (r) => r.history[index]?.valAccuracy,
    format: share,
  };
}

function accuracyTimeRow(accuracy: number): Row {
  return {
    name: `time to validation accuracy ${accuracy}`,
    read: (r) => r.secondsToAccuracy,
    format: seconds,
  };
}

const testRows: Row[] = [
  { name: "test loss", read: (r) => r.testLoss, format: share },
  { name: "test accuracy", read: (r) => r.testAccuracy, format: share },
  { name: "inference, test set", read: (r) => r.inferenceSeconds, format: seconds },
  { name: "inference, exported ONNX", read: (r) => r.onnxInferenceSeconds, format: seconds },
  { name: "same classes by ONNX", read: (r) => r.onnxAgreement, format: percent },
];

const machineRows: Row[] = [
  { name: "parameters", read: (r) => r.parameters, format: count },
  { name: "peak memory", read: (r) => r.peakMemoryMiB, format: (value) => `${count(value)} MiB` },
  { name: "engine", words: (r) => r.engine },
  { name: "provider", words: (r) => r.provider },
  { name: "state", words: (r) => r.state },
];

const publishedRows: Row[] = [
  publishedRow("fit time", (p) => `${seconds(p.fitSeconds)} (${p.device})`),
  publishedRow("first validation accuracy", (p) => share(p.firstValidationAccuracy)),
  publishedRow("last validation accuracy", (p) => share(p.lastValidationAccuracy)),
  publishedRow("test loss", (p) => p.testLoss === null ? undefined : share(p.testLoss)),
  publishedRow("test accuracy", (p) => share(p.testAccuracy)),
];

function publishedRow(name: string, words: (p: PublishedFigures) => string | undefined): Row {
  return { name: `published: ${name}`, words: (r) => words(publishedFigures[r.axes.style]) };
}
