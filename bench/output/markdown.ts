/**
 * The report as a page to read: GitHub's Markdown.
 * @module
 */
import { markdownTable } from "markdown-table";
import type { Environment } from "../results/environment.ts";
import { formatParity } from "../parity/report/format.ts";
import { differencesFromPublished } from "../results/published.ts";
import { missingTrials, type Report } from "../results/report.ts";
import { type Escape, markdownCode, markdownText, shellWord } from "./escape.ts";
import { formatNetworks } from "./network_table.ts";
import { formatSteps } from "./step_table.ts";
import { formatTables } from "./table.ts";
import { verdictLines } from "./verdicts.ts";

/** The whole of report.md. */
export function formatMarkdown(report: Report): string {
  return fitted(
    [
      `# Tandem: ${markdownText(titleOf(report))}`,
      state(report),
      ...notices(report).map((notice) => `> **Note:** ${markdownText(notice)}`),
      images(report).map(markdownText).join("\n"),
      ...markdownTables(report),
      comparison(report),
      ...section("What the intervals say", verdictLines(report).map(markdownText)),
      ...section("Remarks", remarks(report).map(markdownRemark)),
      "## Environment",
      environment(report.environment),
      ...otherMachines(report),
      "## Reproduce",
      markdownCode(commandLine(report), "sh"),
    ].filter((part) => part).join("\n\n") + "\n",
  );
}

/** Bytes; of a job's summary GitHub takes 1 MiB at most, and shows nothing of a longer one. */
const MOST_BYTES = 1_000_000;

/** The text, or as many of its lines as fit a job's summary. */
function fitted(text: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= MOST_BYTES) return text;
  const lines: string[] = [];
  let bytes = 0;
  for (const line of text.split("\n")) {
    bytes += encoder.encode(line).length + 1;
    if (bytes > MOST_BYTES - 100) break;
    lines.push(line);
  }
  // A block of code would swallow the last line.
  const isOpen = lines.filter((line) => line.startsWith("```")).length % 2 === 1;
  return [...lines, ...(isOpen ? ["```"] : []), "", "Cut off here; the rest is in report.json.", ""]
    .join("\n");
}

/** What a report is about, in a few words. */
export function titleOf({ experiment, datasets, configurations }: Report): string {
  const seeds = Math.max(0, ...configurations.map((one) => one.seeds.length));
  const times = seeds > 1 ? `, ${seeds} seeds` : "";
  return `${experiment.title} on ${datasets.map(({ name }) => name).join(" and ")}${times}`;
}

/** The command that brings a report about, as a shell takes it. */
export function commandLine(report: Report): string {
  return ["deno task bench", ...report.arguments.map(shellWord)].join(" ");
}

function markdownTables(report: Report): string[] {
  return report.parity
    ? [markdownCode(formatParity(report.parity), "text")]
    : tables(report, markdownText);
}

/** The tables of a report, of the figures or of the steps; Markdown, which is readable on a terminal too. */
export function tables(report: Report, escape: Escape = markdownText): string[] {
  if (report.experiment.table === "steps") return [formatSteps(report, escape)];
  const figures = formatTables(report, escape);
  return report.experiment.table === "networks"
    ? [...formatNetworks(report, escape), ...figures]
    : figures;
}

/** Why other data sets stand in for those asked for. */
export function notices({ datasets }: Report): string[] {
  return datasets.flatMap(({ notice }) => notice === null ? [] : [notice]);
}

function markdownRemark({ label, text }: Remark): string {
  const words = markdownText(text);
  return label === null ? words : `**${markdownText(label)}:** ${words}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.map((line) => `- ${line}`).join("\n")];
}

/** A line a data set above the table on a terminal. */
export function images({ datasets }: Report): string[] {
  const count = (value: number) => value.toLocaleString("en-US");
  return datasets.map(({ title, trainImages, validationImages, testImages, byRecipe }) => {
    const test = `${count(testImages)} test images`;
    if (!byRecipe) {
      return `${title}: ${count(trainImages)} training, ${
        count(validationImages)
      } validation and ${test}.`;
    }
    const own = byRecipe.map(({ recipe, ...images }) =>
      `by ${recipe} ${count(images.trainImages)} training and ` +
      `${count(images.validationImages)} validation images`
    );
    return `${title}: ${[...own, test].join("; ")}.`;
  });
}

function state(report: Report): string {
  const missing = missingTrials(report);
  if (report.complete && missing.length === 0) return "";
  const why = report.interrupted ? "the run was interrupted" : "not everything could be measured";
  const which = missing.length === 0 ? "" : `; missing: ${markdownText(missing.join(", "))}`;
  return `> **Incomplete:** ${why}${which}.`;
}

function comparison(report: Report): string {
  if (report.experiment.table !== "figures" || report.experiment.lead !== null) return "";
  const differences = differencesFromPublished(report);
  if (differences.length === 0 || report.parity) return "";
  return `Not compared with the published figures, because it is another experiment: ${
    markdownText(differences.join("; "))
  }.`;
}

/** Something to be said of a run; an error has a label that says whose it is. */
export interface Remark {
  readonly label: string | null;
  readonly text: string;
}

/** A remark as plain text. */
export function remarkLine({ label, text }: Remark): string {
  return label === null ? text : `${label}: ${text}`;
}

/** Errors and notes of the trials, and of the run; a note that several share stands once. */
export function remarks({ results, notes }: Report): Remark[] {
  const errors = results.filter(({ error }) => error !== null)
    .map(({ trial, state, error }) => ({ label: `${trial} ${state}`, text: error! }));
  const byNote = new Map<string, string[]>();
  for (const { trial, notes } of results) {
    for (const note of notes) byNote.set(note, [...byNote.get(note) ?? [], trial]);
  }
  const note = (text: string) => ({ label: null, text });
  return [
    ...notes.map(note),
    ...errors,
    ...[...byNote].map(([text, trials]) => note(`${trials.join(", ")}: ${text}`)),
  ];
}

/** Facts about the machine, a row each. */
export function environmentRows(e: Environment): string[][] {
  const packages = Object.entries(e.packages).map(([name, version]) => `${name} ${version}`);
  return [
    ["date", e.date],
    ["processor", `${e.cpuModel ?? "unknown"}, ${e.cores ?? "unknown"} cores`],
    ["memory", e.memoryGiB === null ? "unknown" : `${e.memoryGiB} GiB`],
    ["system", e.os],
    ["Deno", `${e.deno} (V8 ${e.v8})`],
    ["packages", packages.join(", ")],
    ["commit", e.gitCommit ?? "unknown"],
  ];
}

function environment(e: Environment): string {
  return markdownTable([["", ""], ...environmentRows(e).map((row) => row.map(markdownText))]);
}

/** The parts of a joined report: who trained what. */
function otherMachines({ parts }: Report): string[] {
  if (parts.length === 0) return [];
  const rows = parts.map(({ shard, environment: e }) => [
    shard ? `${shard.index}/${shard.count}` : "whole",
    markdownText(`${e.cpuModel ?? "unknown"}, ${e.cores ?? "unknown"} cores`),
    markdownText(e.date),
  ]);
  return ["Joined from:", markdownTable([["shard", "processor", "date"], ...rows])];
}
