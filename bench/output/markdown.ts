/**
 * The report as a page to read: GitHub's Markdown.
 * @module
 */
import { markdownTable } from "markdown-table";
import { toArguments } from "../cli/options.ts";
import type { Environment } from "../results/environment.ts";
import { formatLadder } from "../results/ablation_steps.ts";
import { missingCells } from "../results/merge.ts";
import { formatParity } from "../parity/mod.ts";
import { differencesFromPublished } from "../results/published.ts";
import type { Report } from "../results/report.ts";
import { formatTable } from "./table.ts";
import { verdictLines } from "./verdicts.ts";

/** The whole of report.md. */
export function formatMarkdown(report: Report): string {
  return fitted(
    [
      `# Tandem: ${titleOf(report)}`,
      state(report),
      report.dataset.notice && `> **Note:** ${report.dataset.notice}`,
      images(report),
      ...tables(report),
      comparison(report),
      ...section("What the intervals say", verdictLines(report)),
      ...section("Remarks", remarks(report)),
      "## Environment",
      environment(report.environment),
      ...otherMachines(report),
      "## Reproduce",
      "```sh\n" + commandLine(report) + "\n```",
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
export function titleOf({ command, options, dataset, groups }: Report): string {
  const seeds = Math.max(0, ...groups.map((group) => group.seeds.length));
  const times = seeds > 1 ? `, ${seeds} seeds` : "";
  const what = {
    run: `${options.mode} experiment`,
    ladder: "ladder",
    layout: "channels-first or channels-last",
  };
  return `${what[command]} on ${dataset.name}${times}`;
}

/** The command that brings a report about. */
export function commandLine({ command, options }: Report): string {
  const { out: _, shard: __, ...asked } = options;
  const name = command === "run" ? [] : [command];
  const args = toArguments({ ...asked, out: "report", shard: null }, command);
  return ["deno task bench", ...name, ...args].join(" ");
}

/** The tables of a report: the figures, the ladder's own, or the two idioms step by step. */
export function tables(report: Report): string[] {
  if (report.parity) return ["```text\n" + formatParity(report.parity) + "\n```"];
  return report.command === "ladder" ? [formatLadder(report)] : [formatTable(report)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.map((line) => `- ${line}`).join("\n")];
}

/** One line above the table on a terminal. */
export function images({ dataset }: Report): string {
  const count = (value: number) => value.toLocaleString("en-US");
  return `${dataset.title}: ${count(dataset.trainImages)} training, ` +
    `${count(dataset.validationImages)} validation and ${count(dataset.testImages)} test images.`;
}

function state(report: Report): string {
  const missing = missingCells(report);
  if (report.complete && missing.length === 0) return "";
  const why = report.interrupted ? "the run was interrupted" : "not everything could be measured";
  const which = missing.length === 0 ? "" : `; missing: ${missing.join(", ")}`;
  return `> **Incomplete:** ${why}${which}.`;
}

function comparison({ command, options, dataset }: Report): string {
  if (command !== "run") return "";
  const differences = differencesFromPublished(options, dataset.name);
  if (differences.length === 0) return "";
  return `Not compared with the published figures, because it is another experiment: ${
    differences.join("; ")
  }.`;
}

/** Errors and notes of the trainings; a note that several share stands once. */
export function remarks({ results }: Report): string[] {
  const errors = results.filter(({ error }) => error !== null)
    .map(({ cell, error }) => `**${cell} failed:** ${error}`);
  const byNote = new Map<string, string[]>();
  for (const { cell, notes } of results) {
    for (const note of notes) byNote.set(note, [...byNote.get(note) ?? [], cell]);
  }
  return [...errors, ...[...byNote].map(([note, cells]) => `${cells.join(", ")}: ${note}`)];
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
  return markdownTable([["", ""], ...environmentRows(e)]);
}

/** The parts of a joined report: who trained what. */
function otherMachines({ parts }: Report): string[] {
  if (parts.length === 0) return [];
  const rows = parts.map(({ shard, environment: e }) => [
    shard ? `${shard.index}/${shard.count}` : "whole",
    `${e.cpuModel ?? "unknown"}, ${e.cores ?? "unknown"} cores`,
    e.date,
  ]);
  return ["Joined from:", markdownTable([["shard", "processor", "date"], ...rows])];
}
