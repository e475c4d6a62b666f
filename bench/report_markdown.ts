/**
 * The report as a page to read: GitHub's Markdown.
 * @module
 */
import { markdownTable } from "markdown-table";
import { toArguments } from "./options.ts";
import { differencesFromPublished } from "./published.ts";
import type { Report } from "./report.ts";
import { formatTable } from "./table.ts";

/** The whole of report.md. */
export function formatMarkdown(report: Report): string {
  return [
    `# Tandem: ${report.options.mode} experiment on ${report.dataset.name}`,
    state(report),
    report.dataset.notice && `> **Note:** ${report.dataset.notice}`,
    pictures(report),
    formatTable(report),
    comparison(report),
    ...remarks(report),
    "## Environment",
    environment(report),
    "## Reproduce",
    "```sh\n" + ["deno task bench", ...toArguments(report.options)].join(" ") + "\n```",
  ].filter((part) => part).join("\n\n") + "\n";
}

/** One line above the table on a terminal. */
export function pictures({ dataset }: Report): string {
  const count = (value: number) => value.toLocaleString("en-US");
  return `${dataset.title}: ${count(dataset.trainPictures)} training, ` +
    `${count(dataset.validationPictures)} validation and ${
      count(dataset.testPictures)
    } test pictures.`;
}

function state(report: Report): string {
  if (report.complete) return "";
  const why = report.interrupted ? "the run was interrupted" : "not everything could be measured";
  return `> **Incomplete:** ${why}; empty cells were not measured.`;
}

function comparison({ options, dataset }: Report): string {
  const differences = differencesFromPublished(options, dataset.name);
  if (differences.length === 0) return "";
  return `Not compared with the published figures, because it is another experiment: ${
    differences.join("; ")
  }.`;
}

/** Errors and notes of the styles. */
function remarks({ results }: Report): string[] {
  const lines = results.flatMap(({ style, error, notes }) => [
    ...(error === null ? [] : [`- **${style} failed:** ${error}`]),
    ...notes.map((note) => `- ${style}: ${note}`),
  ]);
  return lines.length === 0 ? [] : ["## Remarks", lines.join("\n")];
}

function environment({ environment: e }: Report): string {
  const packages = Object.entries(e.packages).map(([name, version]) => `${name} ${version}`);
  const rows = [
    ["date", e.date],
    ["processor", `${e.cpuModel ?? "unknown"}, ${e.cores ?? "unknown"} cores`],
    ["memory", e.memoryGiB === null ? "unknown" : `${e.memoryGiB} GiB`],
    ["system", e.os],
    ["Deno", `${e.deno} (V8 ${e.v8})`],
    ["packages", packages.join(", ")],
    ["commit", e.gitCommit ?? "unknown"],
  ];
  return markdownTable([["", ""], ...rows]);
}
