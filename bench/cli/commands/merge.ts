/** `bench merge`. @module */
import { junitIn, plannedFiles, proveJUnit, writeWhole } from "../../output/files.ts";
import { terminalText } from "../../output/escape.ts";
import { OutputFolder } from "../../output/folder.ts";
import { mergeReports } from "../../results/merge.ts";
import { readReport, reportsIn } from "../../results/read_report.ts";
import { missingTrials } from "../../results/report.ts";
import { type Command, exitCodes } from "../command.ts";
import { outputOptionsOf, printReport } from "../output_options.ts";
import type { ParsedArguments } from "../parse.ts";

/** Joins the reports of shards. */
export const mergeCommand: Command = {
  name: "merge",
  summary: "joins the reports of shards into one and says which trials are missing",
  placeholder: "REPORT...",
  flags: ["out", "junit"],
  switches: ["json"],
  positional: { name: "reports", least: 1, most: 10_000 },
  examples: [
    ["merge shards --out report", "one report of all shards' folders in shards"],
    ["merge first/report.json second --out report", "of the reports that are named"],
  ],
  run: merge,
};

async function merge(args: ParsedArguments): Promise<number> {
  const junit = args.value("junit");
  const names = (await Promise.all(args.positional.map(reportsIn))).flat();
  const reports = await Promise.all(
    names.map(async (name) => ({ name, report: await readReport(name) })),
  );
  const merged = mergeReports(reports);
  const out = args.value("out");
  await using folder = await OutputFolder.open(out, [
    ...plannedFiles(merged.configurations),
    ...junitIn(out, junit),
  ]);
  await proveJUnit(out, junit);
  const files = await writeWhole(merged, folder, junit);
  printReport(merged, files, outputOptionsOf(args));
  const missing = missingTrials(merged);
  if (missing.length === 0) return exitCodes.done;
  console.error(
    terminalText(`missing ${missing.length} of ${merged.plan.length}: ${missing.join(", ")}`),
  );
  return exitCodes.failed;
}
