/**
 * The files that a report is written into.
 * @module
 */
import { join } from "node:path";
import { rasterize } from "../../plotting/mod.ts";
import { chartsOf } from "./charts/mod.ts";
import { formatJUnit } from "./junit.ts";
import { reportPage } from "./page/mod.ts";
import type { Report } from "../results/report.ts";
import { type OutputFile, reportText, writeFiles } from "../results/report_files.ts";
import { formatMarkdown } from "./markdown.ts";

/** Where the files go. */
export interface Outputs {
  readonly out: string;
  readonly junit: string | null;
}

/**
 * Writes a report's files and returns their paths; report.json comes first, so that a full disk costs images only.
 *
 * @param state `part`: while the run goes on, only what is needed to read and to go on; `whole`: everything
 */
export async function writeOutputs(
  report: Report,
  { out, junit }: Outputs,
  state: "part" | "whole",
): Promise<string[]> {
  const figures: OutputFile[] = [
    { path: join(out, "report.json"), content: reportText(report) },
    { path: join(out, "report.md"), content: formatMarkdown(report) },
  ];
  if (state === "whole" && junit !== null) {
    figures.push({ path: junit, content: formatJUnit(report) });
  }
  await writeFiles(figures);
  const images = state === "whole" ? await imagesOf(report, out) : [];
  await writeFiles(images);
  if (state === "whole") await removeOtherCharts(join(out, "charts"), images);
  // Of the charts only their folder is named: there are many.
  const named = [...figures, ...images.filter(({ path }) => path.endsWith(".html"))];
  const charts = images.length > named.length - figures.length ? [join(out, "charts")] : [];
  return [...named.map(({ path }) => path), ...charts];
}

/** The page, and the charts as SVG and PNG on light ground. */
async function imagesOf(report: Report, out: string): Promise<OutputFile[]> {
  const charts = await chartsOf(report);
  const page = { path: join(out, "report.html"), content: await reportPage(report, charts) };
  const files = await Promise.all(charts.map(async ({ name, light }) => [
    { path: join(out, "charts", `${name}.svg`), content: light },
    { path: join(out, "charts", `${name}.png`), content: await rasterize(light, { scale: 2 }) },
  ]));
  return [page, ...files.flat()];
}

/** Charts that an earlier report left in the folder are of other figures. */
async function removeOtherCharts(folder: string, written: readonly OutputFile[]): Promise<void> {
  const kept = new Set(written.map(({ path }) => path));
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isFile && /\.(svg|png)$/.test(name) && !kept.has(path)) await Deno.remove(path);
    }
  } catch (error) {
    // A report without charts has no such folder.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
