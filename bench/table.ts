/**
 * The table of a report: one row a figure, one column a style.
 * @module
 */
import { markdownTable } from "markdown-table";
import { type SeedFigures, seedFigures } from "../fixtures/mod.ts";
import { differencesFromPublished } from "./published.ts";
import type { Report, StyleResult } from "./report.ts";

/** A row's name and how it is read off a result; undefined leaves a cell empty. */
interface Row {
  name: string;
  read: (result: StyleResult) => string | undefined;
}

/** What stands for a figure that was not measured. */
const none = "–";

/** The table, headers first: names of the figures, then a column a style. */
export function tableRows(report: Report): string[][] {
  const epochs = Math.max(0, ...report.results.map((result) => result.history.length));
  const rows = [
    ...timeRows,
    ...Array.from({ length: epochs }, (_, i) => epochRow(i)),
    ...testRows,
    ...machineRows,
    ...(isPublishedExperiment(report) ? publishedRows : []),
  ];
  const filled = rows.map(({ name, read }) => [
    name,
    ...report.results.map((result) => read(result) ?? none),
  ]);
  return [["", ...report.results.map((result) => result.style)], ...filled];
}

/** The table in GitHub's Markdown, which is readable on a terminal too. */
export function formatTable(report: Report): string {
  const rows = tableRows(report);
  return markdownTable(rows, { align: ["l", ...report.results.map(() => "r")] });
}

/** Whether the published figures may stand beside the measured ones. */
function isPublishedExperiment({ options, dataset }: Report): boolean {
  return differencesFromPublished(options, dataset.name).length === 0;
}

const timeRows: Row[] = [
  { name: "fit time", read: (r) => seconds(r.fitSeconds) },
  { name: "of it compiling", read: (r) => seconds(r.compileSeconds) },
  { name: "step, median", read: (r) => milliseconds(r.stepMs?.median) },
  { name: "step, p95", read: (r) => milliseconds(r.stepMs?.p95) },
];

function epochRow(index: number): Row {
  return {
    name: `validation accuracy, epoch ${index + 1}`,
    read: (r) => share(r.history[index]?.valAccuracy),
  };
}

const testRows: Row[] = [
  { name: "test loss", read: (r) => fixed(r.testLoss, 4) },
  { name: "test accuracy", read: (r) => share(r.testAccuracy) },
  { name: "inference, test set", read: (r) => seconds(r.inferenceSeconds) },
  { name: "inference, exported ONNX", read: (r) => seconds(r.onnxInferenceSeconds) },
  { name: "same classes by ONNX", read: (r) => percent(r.onnxAgreement) },
];

const machineRows: Row[] = [
  { name: "parameters", read: (r) => r.parameters?.toLocaleString("en-US") },
  { name: "peak memory", read: (r) => withUnit(fixed(r.peakMemoryMiB, 0), "MiB") },
  { name: "engine", read: (r) => r.engine ?? undefined },
  { name: "provider", read: (r) => r.provider ?? undefined },
  { name: "state", read: (r) => r.error !== null ? "failed" : r.complete ? "done" : "incomplete" },
];

const publishedRows: Row[] = [
  publishedRow("fit time", (p) => `${seconds(p.fitSeconds)} (${p.device})`),
  publishedRow("first validation accuracy", (p) => share(p.firstValidationAccuracy)),
  publishedRow("last validation accuracy", (p) => share(p.lastValidationAccuracy)),
  publishedRow("test loss", (p) => fixed(p.testLoss, 4)),
  publishedRow("test accuracy", (p) => share(p.testAccuracy)),
];

function publishedRow(name: string, read: (p: SeedFigures) => string | undefined): Row {
  return { name: `published: ${name}`, read: (r) => read(seedFigures[r.style]) };
}

type Figure = number | null | undefined;

function fixed(value: Figure, digits: number): string | undefined {
  if (value === null || value === undefined) return undefined;
  return Number.isFinite(value) ? value.toFixed(digits) : String(value);
}

function withUnit(text: string | undefined, unit: string): string | undefined {
  return text && `${text} ${unit}`;
}

function seconds(value: Figure): string | undefined {
  return withUnit(fixed(value, 2), "s");
}

function milliseconds(value: Figure): string | undefined {
  return withUnit(fixed(value, 1), "ms");
}

function share(value: Figure): string | undefined {
  return fixed(value, 4);
}

function percent(value: Figure): string | undefined {
  return value === null || value === undefined ? undefined : `${(value * 100).toFixed(2)} %`;
}
