/**
 * The files that a report is written into.
 * @module
 */
import { join } from "node:path";
import { rasterize } from "../../plotting/mod.ts";
import type { Report } from "../results/report.ts";
import { chartNames, chartsOf } from "./charts/mod.ts";
import {
  type OutputFile,
  type OutputFolder,
  pathInside,
  proveReplaceable,
  writeFile,
} from "./folder.ts";
import { formatJUnit } from "./junit.ts";
import { formatMarkdown } from "./markdown.ts";
import { reportPage } from "./page/mod.ts";

/** The text of report.json. */
export function reportText(report: Report): string {
  return JSON.stringify(report, null, 2) + "\n";
}

/** All files that a report of these configurations may have, from its folder on. */
export function plannedFiles(configurations: readonly { readonly name: string }[]): string[] {
  const charts = chartNames(configurations).flatMap((name) => [
    `charts/${name}.svg`,
    `charts/${name}.png`,
  ]);
  return ["report.json", "report.md", "report.html", ...charts];
}

/** The JUnit file as one of the folder's files, where it lies in there. */
export function junitIn(out: string, path: string | null): string[] {
  const inside = path === null ? null : pathInside(out, path);
  return inside === null ? [] : [inside];
}

/**
 * Proves that a JUnit file outside of the report's folder can be written and replaces nothing of somebody else's.
 *
 * @throws {OutputError} if not
 */
export async function proveJUnit(out: string, path: string | null): Promise<void> {
  if (path === null || pathInside(out, path) !== null) return;
  await proveReplaceable("--junit", path, (text) => text.includes('<testsuite name="tandem.'));
}

/** While a run goes on: only what is needed to read and to go on. */
export async function writePart(report: Report, folder: OutputFolder): Promise<void> {
  await folder.write(textsOf(report));
}

/**
 * Writes all of a report's files; report.json comes first, so that a full disk costs images only.
 *
 * @returns their paths; of the charts only their folder's, for there are many
 */
export async function writeWhole(
  report: Report,
  folder: OutputFolder,
  junit: string | null,
): Promise<string[]> {
  const texts = textsOf(report);
  await folder.write(texts);
  const named = texts.map(({ path }) => join(folder.path, path));
  if (junit !== null) {
    await writeJUnit(report, folder, junit);
    named.push(junit);
  }
  const images = await imagesOf(report);
  await folder.write(images);
  await folder.removeOthers("charts", images.map(({ path }) => path));
  const charts = images.length > 1 ? [join(folder.path, "charts")] : [];
  return [...named, join(folder.path, "report.html"), ...charts];
}

async function writeJUnit(report: Report, folder: OutputFolder, path: string): Promise<void> {
  const content = formatJUnit(report);
  const [inside] = junitIn(folder.path, path);
  if (inside === undefined) await writeFile(path, content);
  else await folder.write([{ path: inside, content }]);
}

function textsOf(report: Report): OutputFile[] {
  return [
    { path: "report.json", content: reportText(report) },
    { path: "report.md", content: formatMarkdown(report) },
  ];
}

/** The page, and the charts as SVG and PNG on light ground. */
async function imagesOf(report: Report): Promise<OutputFile[]> {
  const charts = await chartsOf(report);
  const page = { path: "report.html", content: await reportPage(report, charts) };
  const files = await Promise.all(charts.map(async ({ name, light }) => [
    { path: `charts/${name}.svg`, content: light },
    { path: `charts/${name}.png`, content: await rasterize(light, { scale: 2 }) },
  ]));
  return [page, ...files.flat()];
}
