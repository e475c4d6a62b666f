/**
 * Where the reports are written. Each file is written beside its place and then moved there, so that a report is
 * always whole, the last one until the next is.
 * @module
 */
import { join } from "node:path";
import type { Report } from "./report.ts";
import { formatMarkdown } from "./report_markdown.ts";

/** The report's folder cannot be used; the message names it and says why. */
export class OutputError extends Error {
  override name = "OutputError";
}

/** Makes the folder and proves that it can be written to, before hours of training. */
export async function prepareFolder(folder: string): Promise<void> {
  const probe = join(folder, ".tandem-probe");
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OutputError(`--out: cannot write into "${folder}": ${why}`);
  }
}

/** Writes report.json and report.md and returns their paths. */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  const files = [
    [join(folder, "report.json"), JSON.stringify(report, null, 2) + "\n"],
    [join(folder, "report.md"), formatMarkdown(report)],
  ];
  for (const [path, text] of files) await replaceFile(path, text);
  return files.map(([path]) => path);
}

async function replaceFile(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await Deno.writeTextFile(part, text);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}
