/**
 * The table of a report: one row a figure, one column a style (or rung, or layout).
 * @module
 */
import { markdownTable } from "markdown-table";
import { type PublishedFigures, publishedFigures } from "../results/published_figures.ts";
import { type Group, groupName, groupsOf } from "../runner/plan.ts";
import { differencesFromPublished } from "../results/published.ts";
import type { Report, StyleResult } from "../results/report.ts";
import { spreadOf } from "../results/statistics_mod.ts";

/** A row of numbers: how one is read off a result and how it is written. */
interface NumberRow {
  name: string;
  read: (result: StyleResult) => number | null | undefined;
  format: (value: number) => string;
}

/** A row of words, one of each. */
interface WordRow {
  name: string;
  words: (result: StyleResult) => string | null | undefined;
}

type Row = NumberRow | WordRow;

/** What stands for a figure that was not measured. */
const none = "–";

/** The groups of a report that have results, with them; in the order of columns. */
export function groupsWithResults(report: Report): { group: Group; results: StyleResult[] }[] {
  return groupsOf(report.command, report.options.styles)
    .map((group) => ({
      group,
      results: report.results.filter((result) => groupName(result) === groupName(group)),
    }))
    .filter(({ results }) => results.length > 0);
}

/** The table, headers first: names of the figures, then a column a group; several seeds as mean ± half the interval. */
export function tableRows(report: Report): string[][] {
  const groups = groupsWithResults(report);
  const epochs = Math.max(0, ...report.results.map((result) => result.history.length));
  const rows: Row[] = [
    ...timeRows,
    ...Array.from({ length: epochs }, (_, i) => epochRow(i)),
    ...testRows,
    ...machineRows,
    ...(isPublishedExperiment(report) ? publishedRows : []),
  ];
  const filled = rows.map((row) => [row.name, ...groups.map(({ results }) => cell(row, results))]);
  return [["", ...groups.map(({ group }) => groupName(group))], ...filled];
}

/** The table in GitHub's Markdown, which is readable on a terminal too. */
export function formatTable(report: Report): string {
  const rows = tableRows(report);
  return markdownTable(rows, { align: ["l", ...rows[0].slice(1).map(() => "r")] });
}

function cell(row: Row, results: readonly StyleResult[]): string {
  if ("words" in row) {
    const words = results.map(row.words).filter((word) => word !== null && word !== undefined);
    return [...new Set(words)].join(", ") || none;
  }
  const whole = results.filter(({ complete }) => complete);
  // A training that was cut short would lower the mean of the times; alone it shows how far it came.
  const values = (whole.length > 0 ? whole : results).map(row.read)
    .filter((value) => value !== null && value !== undefined);
  const broken = values.find((value) => !Number.isFinite(value));
  if (broken !== undefined) return String(broken);
  const spread = spreadOf(values);
  if (spread === null) return none;
  const half = (spread.high ?? spread.mean) - spread.mean;
  return row.format(spread.mean) + (half === 0 ? "" : ` ± ${row.format(half)}`);
}

/** Whether the published figures may stand beside the measured ones. */
function isPublishedExperiment({ command, options, dataset }: Report): boolean {
  return command === "run" && differencesFromPublished(options, dataset.name).length === 0;
}

const seconds = (value: number) => `${value.toFixed(2)} s`;
const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
const share = (value: number) => value.toFixed(4);
const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
const count = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

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
    format: (value) => `${value.toFixed(2)} ms`,
  },
];

function epochRow(index: number): Row {
  return {
    name: `validation accuracy, epoch ${index + 1}`,
    read: (r) => r.history[index]?.valAccuracy,
    format: share,
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
  {
    name: "state",
    words: (r) => r.error !== null ? "failed" : r.complete ? "done" : "incomplete",
  },
];

const publishedRows: Row[] = [
  publishedRow("fit time", (p) => `${seconds(p.fitSeconds)} (${p.device})`),
  publishedRow("first validation accuracy", (p) => share(p.firstValidationAccuracy)),
  publishedRow("last validation accuracy", (p) => share(p.lastValidationAccuracy)),
  publishedRow("test loss", (p) => p.testLoss === null ? undefined : share(p.testLoss)),
  publishedRow("test accuracy", (p) => share(p.testAccuracy)),
];

function publishedRow(name: string, words: (p: PublishedFigures) => string | undefined): Row {
  return { name: `published: ${name}`, words: (r) => words(publishedFigures[r.style]) };
}
