/** `bench report`. @module */
import { join } from "node:path";
import { flags, type ParsedArguments } from "../mod.ts";
import { OutputError, prepareFolder, readReport } from "../../results/report_files.ts";
import { type Command, exitCodes } from "../command.ts";
import { mannerOf, printReport } from "../run_experiment.ts";
import { writeOutputs } from "../../output/files.ts";

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
  const [path] = args.positional;
  const read = await readReport(path);
  if (out === flags.out.byDefault) await refuseToReplace(out, path);
  await prepareFolder(out);
  const files = await writeOutputs(read, { out, junit: args.value("junit") }, "whole");
  printReport(read, files, mannerOf(args));
  return exitCodes.done;
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
