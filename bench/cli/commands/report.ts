/** `bench report`. @module */
import { join } from "node:path";
import { junitIn, plannedFiles, proveJUnit, writeWhole } from "../../output/files.ts";
import { OutputError, OutputFolder } from "../../output/folder.ts";
import { readReport } from "../../results/read_report.ts";
import { type Command, exitCodes } from "../command.ts";
import { flags } from "../flags.ts";
import { outputOptionsOf, printReport } from "../output_options.ts";
import type { ParsedArguments } from "../parse.ts";

/** Writes the pages and images of a report again. */
export const reportCommand: Command = {
  name: "report",
  summary: "writes the pages and images of a report.json again",
  placeholder: "REPORT",
  flags: ["out", "junit"],
  switches: ["json"],
  positional: { name: "reports", least: 1, most: 1 },
  examples: [["report old/report.json --out page", "report.html, report.md and the charts"]],
  run: report,
};

async function report(args: ParsedArguments): Promise<number> {
  const out = args.value("out");
  const junit = args.value("junit");
  const [path] = args.positional;
  const read = await readReport(path);
  if (out === flags.out.byDefault) await refuseToReplace(out, path);
  await using folder = await OutputFolder.open(out, [
    ...plannedFiles(read.configurations),
    ...junitIn(out, junit),
  ], {
    // A report that lies there without the record of its files, as in an artifact, is brought up to date in its place.
    isOwn: (file) => file === "report.json" && isSameFile(join(out, file), path),
  });
  await proveJUnit(out, junit);
  const files = await writeWhole(read, folder, junit);
  printReport(read, files, outputOptionsOf(args));
  return exitCodes.done;
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  return await realFile(a) === await realFile(b);
}

/** The folder of the last run, unless it is named, is not for the pages of another one. */
async function refuseToReplace(out: string, path: string): Promise<void> {
  const [kept, given] = [await realFile(out), await realFile(path)];
  if (kept === null || kept === given) return;
  throw new OutputError(
    `--out: "${out}" holds another report; name a folder for the pages of "${path}"`,
  );
}

/** The report.json that a path means, without links; null where there is none. */
async function realFile(path: string): Promise<string | null> {
  try {
    const real = await Deno.realPath(path);
    const { isDirectory } = await Deno.stat(real);
    return isDirectory ? await Deno.realPath(join(real, "report.json")) : real;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
