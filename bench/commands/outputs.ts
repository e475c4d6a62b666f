/**
 * The files that a report is written into.
 * @module
 */
import { join } from "node:path";
import { formatJUnit } from "../junit.ts";
import type { Report } from "../report.ts";
import { type OutputFile, reportText, writeFiles } from "../report_files.ts";
import { formatMarkdown } from "../report_markdown.ts";

/** Where the files go. */
export interface Outputs {
  readonly out: string;
  readonly junit: string | null;
}

/**
 * Writes a report's files and returns their paths.
 *
 * @param state `part`: while the run goes on, only what is needed to read and to go on; `whole`: everything
 */
export async function writeOutputs(
  report: Report,
  { out, junit }: Outputs,
  state: "part" | "whole",
): Promise<string[]> {
  const files: OutputFile[] = [
    { path: join(out, "report.json"), content: reportText(report) },
    { path: join(out, "report.md"), content: formatMarkdown(report) },
  ];
  if (state === "whole" && junit !== null) {
    files.push({ path: junit, content: formatJUnit(report) });
  }
  await writeFiles(files);
  return files.map(({ path }) => path);
}
